/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A ranking as the judgments see it: all that a measure depends on.
 *
 * @param found grade at each rank; {@link #UNJUDGED} for a document without
 * @param ideal the positive grades of all judged documents, the greatest first
 */
record JudgedRanking(int[] found, int[] ideal) {

  /** Less than any grade that can be read. */
  static final int UNJUDGED = Integer.MIN_VALUE;

  /**
   * Judges a ranking.
   *
   * @param depth number of documents at the top that are looked at
   */
  static JudgedRanking of(List<ScoredDocument> ranking, Map<String, Integer> grades, int depth) {
    int[] found = new int[Math.min(depth, ranking.size())];
    for (int i = 0; i < found.length; i++) {
      String id = ranking instanceof Ranking compact ? compact.id(i) : ranking.get(i).id();
      found[i] = grades.getOrDefault(id, UNJUDGED);
    }
    int[] ideal =
        grades.values().stream().mapToInt(Integer::intValue).filter(grade -> grade > 0).toArray();
    Arrays.sort(ideal);
    for (int i = 0, j = ideal.length - 1; i < j; i++, j--) {
      int grade = ideal[i];
      ideal[i] = ideal[j];
      ideal[j] = grade;
    }
    return new JudgedRanking(found, ideal);
  }

  /** Number of relevant documents that were judged. */
  int relevant() {
    return ideal.length;
  }

  /** Number of relevant documents at the top. */
  int relevantAmong(int depth) {
    int relevant = 0;
    for (int i = 0; i < Math.min(depth, found.length); i++) {
      relevant += found[i] > 0 ? 1 : 0;
    }
    return relevant;
  }
}
