/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.Arrays;
import java.util.List;

/** Percentiles of some values, by nearest rank: each is one of the values. */
final class Percentiles {

  private final double[] sorted;

  /**
   * Takes values.
   *
   * @param values at least one
   */
  Percentiles(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("there are no percentiles of no values");
    }
    sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  /**
   * The least value that at least this share of all values does not exceed.
   *
   * @param percent from 0 (the least value) to 100 (the greatest)
   */
  double at(double percent) {
    int rank = (int) Math.ceil(percent * sorted.length / 100);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  /** The arithmetic mean. */
  double mean() {
    return Arrays.stream(sorted).average().orElseThrow();
  }
}
