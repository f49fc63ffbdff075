package io.m3lex.evaluation;

import java.util.List;
import java.util.Map;

/**
 * A measure of a ranking, by the definitions of trec_eval and named as ir-measures names it. A
 * document is relevant if its grade is at least 1.
 *
 * @param kind what is measured
 * @param depth number of documents at the top that are looked at
 */
public record Measure(Kind kind, int depth) {

  /** nDCG@10. */
  public static final Measure NDCG_10 = new Measure(Kind.NDCG, 10);

  /** What is measured. */
  public enum Kind {
    /**
     * Discounted cumulative gain (Järvelin and Kekäläinen, 2002) with the grade as the gain and the
     * logarithm of rank + 1 as the discount, divided by that of the best ranking.
     */
    NDCG("nDCG"),
    /** 1 / rank of the first relevant document, 0 if there is none. */
    RECIPROCAL_RANK("RR"),
    /** The share of the relevant documents that is found. */
    RECALL("R"),
    /** The share of the looked-at ranks that hold a relevant document, empty ranks included. */
    PRECISION("P"),
    /** 1 if a relevant document is found, else 0. */
    SUCCESS("Success"),
    /**
     * The mean over all relevant documents of the precision at their ranks, 0 for those not found.
     */
    AVERAGE_PRECISION("AP");

    private final String label;
    private final boolean wholeRanking;

    Kind(String label) {
      this.label = label;
      wholeRanking = label.equals("RR") || label.equals("AP");
    }
  }

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the depth is less than 1
   */
  public Measure {
    if (depth < 1) {
      throw new IllegalArgumentException("depth must be at least 1: " + depth);
    }
  }

  /**
   * The measure of a name such as {@code nDCG@10}; {@code RR} and {@code AP} may stand without a
   * depth, and then look at the whole ranking.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Measure parse(String name) {
    int at = name.indexOf('@');
    for (Kind kind : Kind.values()) {
      if (kind.label.equals(at < 0 ? name : name.substring(0, at))) {
        if (at < 0 && kind.wholeRanking) {
          return new Measure(kind, Integer.MAX_VALUE);
        }
        if (at >= 0 && name.substring(at + 1).matches("[1-9][0-9]{0,8}")) {
          return new Measure(kind, Integer.parseInt(name.substring(at + 1)));
        }
      }
    }
    throw new IllegalArgumentException(
        "There is no measure \"%s\": give nDCG@k, RR@k, RR, R@k, P@k, Success@k, AP@k or AP, with a whole number for k."
            .formatted(name));
  }

  /**
   * The measure of one ranking, from 0 to 1; 0 if the query has no relevant document.
   *
   * @param ranking the best first
   * @param grades of the judged documents; others count as not relevant
   */
  public double of(List<ScoredDocument> ranking, Map<String, Integer> grades) {
    List<Integer> found =
        ranking.stream()
            .limit(depth)
            .map(document -> Math.max(0, grades.getOrDefault(document.id(), 0)))
            .toList();
    List<Integer> relevant =
        grades.values().stream()
            .filter(grade -> grade > 0)
            .sorted((a, b) -> Integer.compare(b, a))
            .toList();
    if (relevant.isEmpty()) {
      return 0;
    }
    return switch (kind) {
      case NDCG -> gain(found) / gain(relevant.subList(0, Math.min(depth, relevant.size())));
      case RECIPROCAL_RANK -> {
        for (int i = 0; i < found.size(); i++) {
          if (found.get(i) > 0) {
            yield 1.0 / (i + 1);
          }
        }
        yield 0;
      }
      case RECALL -> (double) relevantAmong(found) / relevant.size();
      case PRECISION -> (double) relevantAmong(found) / depth;
      case SUCCESS -> Math.min(1, relevantAmong(found));
      case AVERAGE_PRECISION -> {
        double sum = 0;
        int relevantSoFar = 0;
        for (int i = 0; i < found.size(); i++) {
          if (found.get(i) > 0) {
            sum += (double) ++relevantSoFar / (i + 1);
          }
        }
        yield sum / relevant.size();
      }
    };
  }

  private static long relevantAmong(List<Integer> grades) {
    return grades.stream().filter(grade -> grade > 0).count();
  }

  private static double gain(List<Integer> grades) {
    double gain = 0;
    for (int i = 0; i < grades.size(); i++) {
      gain += grades.get(i) / (Math.log(i + 2) / Math.log(2));
    }
    return gain;
  }

  /** For instance {@code nDCG@10}, as {@link #parse(String)} takes it. */
  @Override
  public String toString() {
    return depth == Integer.MAX_VALUE && kind.wholeRanking ? kind.label : kind.label + "@" + depth;
  }
}
