/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/**
 * Puts a vector together feature by feature, as a reader meets them in a text. What would silently
 * become another vector is refused, whatever form the text has: a feature that comes twice, a
 * weight below 0, a weight that a float cannot hold.
 *
 * <p>Not safe for use by several threads.
 */
public final class VectorBuilder {

  private final Map<String, Float> weights = new HashMap<>();

  /** Starts with no features. */
  public VectorBuilder() {}

  /**
   * Adds a feature.
   *
   * @param weight as it is written; rounded to float. One that rounds to 0 leaves the feature out
   * @return this
   * @throws IllegalArgumentException if the feature is empty, holds half of a surrogate pair or has
   *     a weight already, or if the weight is less than 0 or greater than a float can hold; the
   *     message names the feature
   */
  public VectorBuilder add(String feature, BigDecimal weight) {
    SparseVector.requireName(feature);
    // Rounding must not turn a negative weight into 0.
    float rounded = weight.floatValue();
    if (weight.signum() < 0 || rounded == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "weight of feature \"%s\" must be from 0 to %s: %s"
              .formatted(feature, Float.MAX_VALUE, shortened(weight)));
    }
    if (weights.put(feature, rounded) != null) {
      throw new IllegalArgumentException("feature \"%s\" has two weights".formatted(feature));
    }
    return this;
  }

  private static String shortened(BigDecimal weight) {
    String text = weight.toString();
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  /** The vector of all features that were added. */
  public SparseVector build() {
    return SparseVector.of(weights);
  }
}
