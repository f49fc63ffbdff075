/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

/**
 * The state that stands for a whole text: that of the template's first token, of several windows
 * the mean. For use by one thread.
 */
public final class TextState {

  private double[] sum;
  private int stretches;

  /** Adds a stretch of the text. */
  public void add(TokenStates stretch) {
    if (sum == null) {
      sum = new double[stretch.hidden()];
    }
    for (int i = 0; i < sum.length; i++) {
      sum[i] += stretch.text()[i];
    }
    stretches++;
  }

  /** Whether the text has no tokens. */
  public boolean isEmpty() {
    return stretches == 0;
  }

  /** The state, scaled to length 1, {@code [hidden]}; null for a text without tokens. */
  public float[] direction() {
    if (isEmpty()) {
      return null;
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (float) (sum[i] / stretches);
    }
    return toLengthOne(mean);
  }

  /** The direction from one vector to another: their difference, scaled to length 1. */
  public static float[] difference(float[] to, float[] from) {
    float[] difference = new float[to.length];
    for (int i = 0; i < difference.length; i++) {
      difference[i] = to[i] - from[i];
    }
    return toLengthOne(difference);
  }

  /** A vector scaled to length 1; of length 0 it stays. */
  static float[] toLengthOne(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += (double) value * value;
    }
    double factor = squares == 0 ? 0 : 1 / Math.sqrt(squares);
    float[] scaled = new float[vector.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (vector[i] * factor);
    }
    return scaled;
  }
}
