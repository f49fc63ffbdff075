/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers the dense vector of one text and those of its tokens. For use by one thread. */
final class TextVectors {

  private static final float[] NONE = {};

  private final TextState state = new TextState();
  private final Optional<TokenVectorHead> head;
  private final List<float[]> tokens = new ArrayList<>();
  private float[] end;

  /**
   * Starts a text.
   *
   * @param head empty if no token vectors are wanted
   */
  TextVectors(Optional<TokenVectorHead> head) {
    this.head = head;
  }

  /** Adds a stretch of the text. */
  void add(TokenStates stretch) {
    state.add(stretch);
    if (head.isPresent()) {
      for (int token = 0; token < stretch.tokens(); token++) {
        tokens.add(head.get().vector(stretch.states(), token));
      }
      end = stretch.end();
    }
  }

  /** Empty for a text without tokens. */
  float[] dense() {
    return state.isEmpty() ? NONE : state.direction();
  }

  /** Empty for a text without tokens. */
  float[][] tokens() {
    if (end != null) {
      tokens.add(head.orElseThrow().vector(end, 0));
      end = null;
    }
    return tokens.toArray(float[][]::new);
  }
}
