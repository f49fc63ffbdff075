/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.Locale;

/**
 * How well a passage answers a query by each of a model's outputs, and by their weighted means: the
 * five scores of FlagEmbedding's {@code compute_score} (Chen et al., M3-Embedding, 2024, section
 * 3.3).
 *
 * @param dense dot product of the dense vectors, -1 to 1
 * @param sparse dot product of the sparse vectors, not rounded as in an index
 * @param tokens mean over the query's tokens of the greatest dot product with a passage's token; 0
 *     without token vectors
 */
public record PairScores(double dense, double sparse, double tokens) {

  /**
   * Compares two texts. One without tokens scores 0 throughout.
   *
   * @throws ModelMismatchException if the two state different models
   * @throws IllegalArgumentException if the vectors have different lengths
   */
  public static PairScores of(HybridText query, HybridText passage) {
    float sparse = query.encoded().vector().dot(passage.encoded().vector());
    return new PairScores(
        query.dense().length == 0 || passage.dense().length == 0
            ? 0
            : dot(query.dense(), passage.dense()),
        sparse,
        lateInteraction(query.tokens(), passage.tokens()));
  }

  private static double lateInteraction(float[][] query, float[][] passage) {
    if (query.length == 0 || passage.length == 0) {
      return 0;
    }
    double sum = 0;
    for (float[] token : query) {
      double greatest = Double.NEGATIVE_INFINITY;
      for (float[] other : passage) {
        greatest = Math.max(greatest, dot(token, other));
      }
      sum += greatest;
    }
    return sum / query.length;
  }

  private static double dot(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "vectors of %d and %d numbers are not of one model",
              a.length,
              b.length));
    }
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** The weighted mean of sparse and dense score. */
  public double sparseAndDense(double sparseWeight, double denseWeight) {
    return (sparseWeight * sparse + denseWeight * dense) / (sparseWeight + denseWeight);
  }

  /** The weighted mean of all three. */
  public double all(double sparseWeight, double denseWeight, double tokenWeight) {
    return (sparseWeight * sparse + denseWeight * dense + tokenWeight * tokens)
        / (sparseWeight + denseWeight + tokenWeight);
  }
}
