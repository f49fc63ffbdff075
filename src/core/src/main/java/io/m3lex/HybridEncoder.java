/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.List;

/**
 * An encoder that gives dense vectors beside the sparse ones, from the same forward pass and under
 * the same fingerprint.
 */
public interface HybridEncoder extends SparseEncoder {

  /** Length of a dense vector. */
  int denseSize();

  /** Whether the model has a head for token vectors, and it is there. */
  boolean hasTokenVectors();

  /**
   * Encodes several texts. The sparse vectors are those of {@link #encode(List, TextRole)}.
   *
   * @param texts any number of texts
   * @param tokenVectors whether the tokens' vectors are wanted as well
   * @return one result per text, in their order
   * @throws UnsupportedOperationException if token vectors are wanted and the model has none
   * @throws IllegalStateException if this encoder is closed
   */
  List<HybridText> encodeHybrid(List<String> texts, TextRole role, boolean tokenVectors);
}
