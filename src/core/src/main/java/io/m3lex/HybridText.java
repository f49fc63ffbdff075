/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.Objects;

/**
 * A text's sparse vector and the other vectors that the same forward pass gives. All of them came
 * from the model that the sparse vector states.
 *
 * @param encoded the sparse vector
 * @param dense the vector of the whole text, of length 1, {@code [hidden]}; empty for a text
 *     without tokens; not to be changed
 * @param tokens a vector of length 1 for each token but the first of the template, {@code [tokens,
 *     size]}, as ColBERT compares them; empty if they were not asked for or the text has no tokens;
 *     not to be changed
 */
public record HybridText(EncodedText encoded, float[] dense, float[][] tokens) {
  /** A sparse vector that was made elsewhere, alone. */
  public static HybridText of(SparseVector vector) {
    return of(new EncodedText(vector, 0, 0, 0));
  }

  /** A sparse vector alone. */
  public static HybridText of(EncodedText encoded) {
    return new HybridText(encoded, new float[0], new float[0][]);
  }

  /** Checks the components. */
  public HybridText {
    Objects.requireNonNull(encoded, "encoded");
    Objects.requireNonNull(dense, "dense");
    Objects.requireNonNull(tokens, "tokens");
  }

  /** The same, with a sparse vector that states the model; see {@link SparseVector#from}. */
  public HybridText from(ModelFingerprint fingerprint) {
    EncodedText stating = encoded.from(fingerprint);
    return stating == encoded ? this : new HybridText(stating, dense, tokens);
  }
}
