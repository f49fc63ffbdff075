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
    RECALL("R");

    private final String label;

    Kind(String label) {
      this.label = label;
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
      case RECALL -> (double) found.stream().filter(grade -> grade > 0).count() / relevant.size();
    };
  }

  private static double gain(List<Integer> grades) {
    double gain = 0;
    for (int i = 0; i < grades.size(); i++) {
      gain += grades.get(i) / (Math.log(i + 2) / Math.log(2));
    }
    return gain;
  }

  /** For instance {@code nDCG@10}. */
  @Override
  public String toString() {
    return kind.label + "@" + depth;
  }
}
