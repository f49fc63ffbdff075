/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.Objects;

/**
 * A text's sparse vector and what happened to the text on the way.
 *
 * @param vector the weights; empty if no token of the text has one
 * @param tokens number of tokens of the whole text, special tokens not counted
 * @param windows number of pieces that the text was encoded in: 1 if it fits the model, 0 if it has
 *     no tokens
 * @param droppedTokens number of tokens at the end that were cut off and have no weights; always 0
 *     if long texts are windowed
 */
public record EncodedText(SparseVector vector, int tokens, int windows, int droppedTokens) {
  /** Checks the components. */
  public EncodedText {
    Objects.requireNonNull(vector, "vector");
  }

  /** The same, with a vector that states its model; see {@link SparseVector#from}. */
  public EncodedText from(ModelFingerprint fingerprint) {
    SparseVector stating = vector.from(fingerprint);
    return stating == vector ? this : new EncodedText(stating, tokens, windows, droppedTokens);
  }
}
