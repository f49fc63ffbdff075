package io.m3lex.index;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How documents are ranked by several signals together: each finds its best documents, and their
 * ranks or scores are fused.
 *
 * @param weights of the signals that take part, above 0; at least one of them must find documents
 * @param fusion how ranks or scores become one
 * @param candidates how many documents each signal finds
 */
public record HybridSearch(Map<Signal, Double> weights, Fusion fusion, int candidates) {

  /** How many documents each signal finds, unless it is told otherwise. */
  public static final int CANDIDATES = 100;

  /** How ranks or scores become one. */
  public enum Fusion {
    /**
     * The sum of weight / (60 + rank) over the signals that found the document (Cormack, Clarke and
     * Büttcher, 2009). Needs no scores that compare.
     */
    RECIPROCAL_RANK,
    /** The sum of weight · score: as M3-Embedding fuses its own three outputs. */
    WEIGHTED_SUM,
    /**
     * The weighted mean of scores that were shifted and scaled, signal by signal, so that the
     * candidates' are between 0 and 1.
     */
    NORMALIZED_SUM
  }

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if no signal finds documents, a weight is not above 0 or there
   *     is no candidate
   */
  public HybridSearch {
    if (weights.keySet().stream().allMatch(signal -> signal == Signal.TOKENS)) {
      throw new IllegalArgumentException(
          "at least one of the signals sparse, bm25 and dense must take part");
    }
    weights.forEach(
        (signal, weight) -> {
          if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                "the weight of %s must be above 0: %s".formatted(signal, weight));
          }
        });
    if (candidates < 1) {
      throw new IllegalArgumentException("candidates must be at least 1: " + candidates);
    }
    weights = Collections.unmodifiableMap(new EnumMap<>(weights));
  }

  /** Fuses signals of equal weight. */
  public static HybridSearch of(Fusion fusion, List<Signal> signals) {
    Map<Signal, Double> weights = new EnumMap<>(Signal.class);
    signals.forEach(signal -> weights.put(signal, 1.0));
    return new HybridSearch(weights, fusion, CANDIDATES);
  }
}
