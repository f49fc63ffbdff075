/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** Ranks the documents of a collection for a query. */
public interface Ranker extends Closeable {

  /** What the ranking is called in tables. */
  String name();

  /**
   * The best documents for a query, by falling score.
   *
   * @param k greatest number of documents, at least 1
   */
  List<ScoredDocument> rank(String query, int k) throws IOException;
}
