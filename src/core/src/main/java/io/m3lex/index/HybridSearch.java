/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
    RECIPROCAL_RANK("rrf"),
    /** The sum of weight · score: as M3-Embedding fuses its own three outputs. */
    WEIGHTED_SUM("sum"),
    /**
     * The weighted mean of scores that were shifted and scaled, signal by signal, so that the
     * candidates' are between 0 and 1.
     */
    NORMALIZED_SUM("normalized");

    private final String label;

    Fusion(String label) {
      this.label = label;
    }
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

  /**
   * Reads {@code METHOD[:SIGNAL[=WEIGHT],…]}, for instance {@code rrf} or {@code
   * normalized:sparse,dense=0.5}.
   *
   * @param known the signals that may be named
   * @param usual those that take part, with weight 1, if the text names none
   * @throws IllegalArgumentException if the text is not of that form, or what it says is refused
   */
  public static HybridSearch parse(
      String text, List<Signal> known, List<Signal> usual, int candidates) {
    int colon = text.indexOf(':');
    String method = (colon < 0 ? text : text.substring(0, colon)).strip();
    Fusion fusion =
        Arrays.stream(Fusion.values())
            .filter(each -> each.label.equalsIgnoreCase(method))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "\"%s\" is no way to fuse: rrf, sum and normalized are".formatted(method)));
    Map<Signal, Double> weights = new EnumMap<>(Signal.class);
    if (colon < 0) {
      usual.forEach(signal -> weights.put(signal, 1.0));
    } else {
      for (String part : text.substring(colon + 1).split(",", -1)) {
        String[] sides = part.split("=", 2);
        Signal signal = signal(sides[0].strip(), known);
        if (weights.put(signal, sides.length == 1 ? 1.0 : number(sides[1].strip())) != null) {
          throw new IllegalArgumentException("%s is named twice".formatted(signal.label()));
        }
      }
    }
    return new HybridSearch(weights, fusion, candidates);
  }

  private static Signal signal(String name, List<Signal> known) {
    return known.stream()
        .filter(signal -> signal.label().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "\"%s\" is none of the signals that there are: %s"
                        .formatted(
                            name,
                            known.stream().map(Signal::label).collect(Collectors.joining(", ")))));
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("\"%s\" is no weight".formatted(text), e);
    }
  }

  /** In the form that {@link #parse} reads, without the number of candidates. */
  @Override
  public String toString() {
    return weights.entrySet().stream()
        .map(
            entry -> entry.getKey().label() + (entry.getValue() == 1 ? "" : "=" + entry.getValue()))
        .collect(Collectors.joining(",", fusion.label + ":", ""));
  }

  /** Fuses signals of equal weight. */
  public static HybridSearch of(Fusion fusion, List<Signal> signals) {
    Map<Signal, Double> weights = new EnumMap<>(Signal.class);
    signals.forEach(signal -> weights.put(signal, 1.0));
    return new HybridSearch(weights, fusion, CANDIDATES);
  }
}
