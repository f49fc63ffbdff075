/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

/**
 * The weights that a posting of Lucene's {@code FeatureField} can hold: floating-point numbers with
 * 8 explicit bits after the leading one, stored as a term frequency of up to 16 bits. {@code
 * FeatureField} cuts the rest off, so that stored weights are up to 0.4 % low; rounded before, they
 * are at most 0.2 % off, in either direction.
 */
public final class PostingWeight {

  /** Version of the rounding: part of an index's format. */
  public static final String ROUNDING = "nearest, 8 bits";

  /** The least weight that a posting can hold, {@link Float#MIN_NORMAL}. */
  public static final float LEAST = Float.MIN_NORMAL;

  /** The greatest weight that a posting can hold, about 3.4e38. */
  public static final float GREATEST = Float.intBitsToFloat(0x7F7F8000);

  static final int DROPPED_BITS = 15;

  private PostingWeight() {}

  /**
   * The weight nearest to a given one that a posting can hold; of two equally near the one whose
   * last bit is 0. Weights beyond {@link #GREATEST} become that; weights below half of {@link
   * #LEAST} become 0, which means that there is no posting.
   *
   * @param weight finite and not negative
   * @throws IllegalArgumentException if the weight is negative, infinite or not a number
   */
  public static float round(float weight) {
    if (!(weight >= 0) || weight == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("a weight must be finite and not negative: " + weight);
    }
    if (weight < LEAST) {
      return weight > LEAST / 2 ? LEAST : 0;
    }
    int bits = Float.floatToIntBits(weight);
    int odd = bits >>> DROPPED_BITS & 1;
    int rounded = bits + (1 << DROPPED_BITS - 1) - 1 + odd >>> DROPPED_BITS << DROPPED_BITS;
    return Math.min(Float.intBitsToFloat(rounded), GREATEST);
  }

  /**
   * The term frequency that stands for a weight, as {@code FeatureField} has it.
   *
   * @param weight at least {@link #LEAST} and at most {@link #GREATEST}; what a posting cannot hold
   *     is cut off
   */
  public static int toFrequency(float weight) {
    return Float.floatToIntBits(weight) >>> DROPPED_BITS;
  }

  /**
   * The weight that a term frequency stands for.
   *
   * @param frequency as Lucene's postings give it
   */
  public static float ofFrequency(int frequency) {
    return Float.intBitsToFloat(frequency << DROPPED_BITS);
  }
}
