/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The interpolated precision-recall curve: the greatest precision at any rank where at least a
 * given share of the relevant documents has been found, at recall 0, 0.1 … 1; trec_eval's {@code
 * iprec_at_recall}.
 */
public final class InterpolatedPrecision {

  /** Number of points: at recall 0, 0.1 … 1. */
  public static final int POINTS = 11;

  private InterpolatedPrecision() {}

  /**
   * The curve of one ranking.
   *
   * @param ranking the best first
   * @param grades of the judged documents; others count as not relevant
   * @return {@link #POINTS} precisions, none greater than the one before it; all 0 if there is no
   *     relevant document
   */
  public static List<Double> of(List<ScoredDocument> ranking, Map<String, Integer> grades) {
    JudgedRanking judged = JudgedRanking.of(ranking, grades, Integer.MAX_VALUE);
    // The greatest precision from the rank on where so many relevant documents have been found.
    double[] greatest = new double[judged.relevant() + 1];
    int found = 0;
    for (int i = 0; i < judged.found().length; i++) {
      if (judged.found()[i] > 0) {
        found++;
        greatest[found] = (double) found / (i + 1);
      }
    }
    for (int i = found - 1; i >= 0; i--) {
      greatest[i] = Math.max(greatest[i], greatest[i + 1]);
    }
    Double[] curve = new Double[POINTS];
    for (int point = 0; point < POINTS; point++) {
      // trec_eval rounds the number of documents up so, and counts tenths of a document as none.
      curve[point] = greatest[(int) (point / 10.0 * judged.relevant() + 0.9)];
    }
    return List.of(curve);
  }

  /**
   * The mean curve of a run, point by point.
   *
   * @param queries over which queries
   */
  public static List<Double> mean(Run run, Qrels qrels, Queries queries) {
    double[] sums = new double[POINTS];
    List<String> averaged = queries.of(run, qrels);
    for (String query : averaged) {
      List<Double> curve = of(run.ranking(query), qrels.grades(query));
      for (int point = 0; point < POINTS; point++) {
        sums[point] += curve.get(point);
      }
    }
    int number = Math.max(1, averaged.size());
    return Arrays.stream(sums).mapToObj(sum -> sum / number).toList();
  }
}
