/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

/** How vectors lie in a file, a JSON object a line. */
public enum VectorFormat {
  /** Anserini's: {@code {"id": "1", "contents": "…", "vector": {"feature": 0.5}}}. */
  ANSERINI,
  /**
   * FlagEmbedding's dictionary: {@code {"id": "1", "lexical_weights": {"feature": 0.5}}}. Read also
   * as it comes out of FlagEmbedding, {@code {"feature": 0.5}}: its id is the number of its line.
   */
  FLAG_EMBEDDING
}
