/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.ModelFingerprint;

/**
 * What happens to a text that has more tokens than the model takes at once. The choice decides
 * weights, so it is part of the fingerprint.
 */
public enum LongTexts {
  /**
   * The text is read through overlapping windows of the model's maximum length; every token counts
   * once, as the window sees it in which it lies farthest from an edge. Nothing is lost.
   */
  WINDOW,
  /**
   * Only the beginning that fits is read; {@code EncodedText.droppedTokens} says how much was not.
   */
  TRUNCATE;

  /** The component of a fingerprint that the choice is in. */
  static final String COMPONENT = "long-texts";

  private static final String TRUNCATED = "first ";

  /** The choice that a fingerprint was made with; {@link #WINDOW} if it has none. */
  public static LongTexts of(ModelFingerprint fingerprint) {
    return fingerprint.components().getOrDefault(COMPONENT, "").startsWith(TRUNCATED)
        ? TRUNCATE
        : WINDOW;
  }

  /** The choice in the words of a fingerprint, with the numbers that it depends on. */
  String rule(int capacity) {
    return switch (this) {
      case WINDOW -> "window of " + capacity + " tokens, overlap " + TextWindows.OVERLAP;
      case TRUNCATE -> TRUNCATED + capacity + " tokens";
    };
  }
}
