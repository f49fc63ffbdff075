/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * Known texts with their weights: the proof that a loaded model computes what it was made to
 * compute.
 *
 * @param tolerance greatest difference of a weight that is accepted
 * @param texts in the order in which they are encoded
 */
@JsonPropertyOrder({"tolerance", "texts"})
public record Golden(float tolerance, List<GoldenText> texts) {

  /** No texts yet: for the draft of a manifest. A model cannot be verified with it. */
  public static final Golden NONE = new Golden(0, List.of());

  /**
   * Checks and copies the components.
   *
   * @throws IllegalArgumentException if the tolerance is negative, infinite or not a number
   */
  public Golden {
    if (!(tolerance >= 0) || tolerance == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "golden.tolerance must be finite and not negative: " + tolerance);
    }
    if (texts == null) {
      throw new IllegalArgumentException("golden.texts are missing");
    }
    texts = List.copyOf(texts);
  }
}
