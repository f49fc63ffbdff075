/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

/**
 * How a head is trained. The defaults are those of the head that m3lex ships.
 *
 * @param seed decides which queries are made, the order of training and the choice of negatives
 * @param passages most passages taken from the corpus
 * @param epochs passes over the training pairs
 * @param batch queries per step; each is held against the passages of all
 * @param minedNegatives further passages per query and step, from those that the untrained head
 *     ranks highest
 * @param learningRate of Adam, falling to 0 in a straight line
 * @param weightDecay pulls the two weight vectors towards 0
 * @param expansionWords most words that texts can be expanded by; 0 for a head without expansion
 */
public record TrainingSettings(
    long seed,
    int passages,
    int epochs,
    int batch,
    int minedNegatives,
    double learningRate,
    double weightDecay,
    int expansionWords) {

  /** The settings of the head that m3lex ships. */
  public static final TrainingSettings DEFAULT =
      new TrainingSettings(1, 3_600, 3, 64, 2, 2e-3, 1e-4, 12_000);

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public TrainingSettings {
    if (passages < 1
        || epochs < 0
        || batch < 2
        || minedNegatives < 0
        || !(learningRate > 0)
        || !(weightDecay >= 0)
        || expansionWords < 0) {
      throw new IllegalArgumentException(
          "passages must be at least 1, epochs, minedNegatives and expansionWords not negative,"
              + " batch at least 2, learningRate positive and weightDecay not negative");
    }
  }
}
