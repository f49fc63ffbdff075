/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Collects the measures of a run, query by query. */
final class MeasuredQueries {

  private final Qrels qrels;
  private final List<Measure> measures;
  private final int depth;
  private final Map<String, double[]> values = new HashMap<>();

  MeasuredQueries(Qrels qrels, List<Measure> measures) {
    this.qrels = qrels;
    this.measures = List.copyOf(measures);
    depth = measures.stream().mapToInt(Measure::depth).max().orElse(1);
  }

  /** Measures the ranking of a query; one without judgments does not count. */
  void add(String query, List<ScoredDocument> ranking) {
    Map<String, Integer> grades = qrels.grades(query);
    if (!grades.isEmpty()) {
      JudgedRanking judged = JudgedRanking.of(ranking, grades, depth);
      values.put(query, measures.stream().mapToDouble(measure -> measure.of(judged)).toArray());
    }
  }

  /** By measure the value of each query, in the order of the judgments. */
  Map<Measure, Map<String, Double>> values(Queries queries) {
    Map<Measure, Map<String, Double>> byMeasure = new LinkedHashMap<>();
    for (int i = 0; i < measures.size(); i++) {
      Map<String, Double> byQuery = new LinkedHashMap<>();
      for (String query : qrels.queries()) {
        double[] measured = values.get(query);
        if (measured != null) {
          byQuery.put(query, measured[i]);
        } else if (queries == Queries.JUDGED) {
          byQuery.put(query, 0.0);
        }
      }
      byMeasure.put(measures.get(i), byQuery);
    }
    return byMeasure;
  }
}
