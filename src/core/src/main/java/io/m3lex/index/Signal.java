/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.util.Locale;

/** What documents can be ranked by. */
public enum Signal {
  /** Dot product of the sparse vectors: what m3lex is made for. */
  SPARSE,
  /** Lucene's BM25 over title and text, with k1 0.9 and b 0.4. */
  BM25,
  /** Dot product of the dense vectors, -1 to 1. Neighbours are found by Lucene's HNSW graph. */
  DENSE,
  /**
   * Mean over the query's tokens of the greatest dot product with a token of the document, as in
   * ColBERT. It finds no documents; it ranks those that the other signals found.
   */
  TOKENS;

  /** The name in options and output: in small letters. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
