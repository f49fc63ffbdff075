/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.SparseVector;
import java.util.List;

/** Documents and queries as vectors, the same at every run. */
interface VectorCorpus {

  /** Which kind of model the vectors are like. */
  String family();

  /** Where they come from. */
  String description();

  /** The vector of a document, of any number. */
  SparseVector document(int number);

  /** Some queries. */
  List<SparseVector> queries(int count);
}
