/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.List;
import java.util.Map;

/**
 * A measure of a ranking, by the definitions of trec_eval and named as ir-measures names it. A
 * document is relevant if its grade is at least 1.
 *
 * @param kind what is measured
 * @param depth number of documents at the top that are looked at; {@link #WHOLE} for all
 */
public record Measure(Kind kind, int depth) {

  /** The depth of a measure that looks at the whole ranking. */
  public static final int WHOLE = Integer.MAX_VALUE;

  /** nDCG@10. */
  public static final Measure NDCG_10 = new Measure(Kind.NDCG, 10);

  /** What is measured. */
  public enum Kind {
    /**
     * Discounted cumulative gain (Järvelin and Kekäläinen, 2002) with the grade as the gain and the
     * logarithm of rank + 1 as the discount, divided by that of the best ranking.
     */
    NDCG("nDCG", true),
    /** 1 / rank of the first relevant document, 0 if there is none. */
    RECIPROCAL_RANK("RR", true),
    /** The share of the relevant documents that is found. */
    RECALL("R", false),
    /** The share of the looked-at ranks that hold a relevant document, empty ranks included. */
    PRECISION("P", false),
    /** 1 if a relevant document is found, else 0. */
    SUCCESS("Success", false),
    /**
     * The mean over all relevant documents of the precision at their ranks, 0 for those not found.
     */
    AVERAGE_PRECISION("AP", true),
    /**
     * The share of the looked-at documents that were judged, with whatever grade; empty ranks do
     * not count, an empty ranking has 0. It says how far the other measures can be trusted.
     */
    JUDGED("Judged", false);

    private final String label;
    private final boolean ofWholeRankings;

    Kind(String label, boolean ofWholeRankings) {
      this.label = label;
      this.ofWholeRankings = ofWholeRankings;
    }
  }

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the depth is less than 1, or the kind needs another depth
   *     than {@link #WHOLE}
   */
  public Measure {
    if (depth < 1) {
      throw new IllegalArgumentException("depth must be at least 1: " + depth);
    }
    if (depth == WHOLE && !kind.ofWholeRankings) {
      throw new IllegalArgumentException(kind.label + " needs a depth: " + kind.label + "@10");
    }
  }

  /**
   * The measure of a name such as {@code nDCG@10}; {@code nDCG}, {@code RR} and {@code AP} may
   * stand without a depth, and then look at the whole ranking.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Measure parse(String name) {
    int at = name.indexOf('@');
    for (Kind kind : Kind.values()) {
      if (kind.label.equals(at < 0 ? name : name.substring(0, at))) {
        if (at < 0 && kind.ofWholeRankings) {
          return new Measure(kind, WHOLE);
        }
        if (at >= 0 && name.substring(at + 1).matches("[1-9][0-9]{0,8}")) {
          return new Measure(kind, Integer.parseInt(name.substring(at + 1)));
        }
      }
    }
    throw new IllegalArgumentException(
        "There is no measure \"%s\": give nDCG@k, RR@k, R@k, P@k, Success@k, AP@k or Judged@k with a whole number for k, or nDCG, RR or AP."
            .formatted(name));
  }

  /**
   * The measure of one ranking, from 0 to 1; 0 if the query has no relevant document, except for
   * {@code Judged@k}.
   *
   * @param ranking the best first
   * @param grades of the judged documents; others count as not relevant
   */
  public double of(List<ScoredDocument> ranking, Map<String, Integer> grades) {
    return of(JudgedRanking.of(ranking, grades, depth));
  }

  /** The measure of a ranking that was judged to this depth or a greater one. */
  double of(JudgedRanking ranking) {
    int looked = Math.min(depth, ranking.found().length);
    if (kind == Kind.JUDGED) {
      return looked == 0 ? 0 : (double) judgedAmong(ranking.found(), looked) / looked;
    }
    if (ranking.relevant() == 0) {
      return 0;
    }
    return switch (kind) {
      case NDCG -> gain(ranking.found(), depth) / gain(ranking.ideal(), depth);
      case RECIPROCAL_RANK -> {
        for (int i = 0; i < looked; i++) {
          if (ranking.found()[i] > 0) {
            yield 1.0 / (i + 1);
          }
        }
        yield 0;
      }
      case RECALL -> (double) ranking.relevantAmong(depth) / ranking.relevant();
      case PRECISION -> (double) ranking.relevantAmong(depth) / depth;
      case SUCCESS -> Math.min(1, ranking.relevantAmong(depth));
      case AVERAGE_PRECISION -> {
        double sum = 0;
        int relevantSoFar = 0;
        for (int i = 0; i < looked; i++) {
          if (ranking.found()[i] > 0) {
            sum += (double) ++relevantSoFar / (i + 1);
          }
        }
        yield sum / ranking.relevant();
      }
      case JUDGED -> throw new AssertionError("does not depend on relevance, see above");
    };
  }

  private static int judgedAmong(int[] grades, int depth) {
    int judged = 0;
    for (int i = 0; i < depth; i++) {
      judged += grades[i] == JudgedRanking.UNJUDGED ? 0 : 1;
    }
    return judged;
  }

  private static double gain(int[] grades, int depth) {
    double gain = 0;
    for (int i = 0; i < Math.min(depth, grades.length); i++) {
      if (grades[i] > 0) {
        gain += grades[i] / (Math.log(i + 2) / Math.log(2));
      }
    }
    return gain;
  }

  /** For instance {@code nDCG@10}, as {@link #parse(String)} takes it. */
  @Override
  public String toString() {
    return depth == WHOLE ? kind.label : kind.label + "@" + depth;
  }
}
