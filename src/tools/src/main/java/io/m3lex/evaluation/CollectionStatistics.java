/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Means, confidence intervals and significance of what some systems found in a collection: what
 * tables and reports show of it. The first system is the baseline; the others are compared with it
 * by {@link Significance}, measure by measure, adjusted over the systems. Immutable.
 */
public final class CollectionStatistics {

  private final CollectionResult result;
  private final long seed;
  private final Map<Measure, List<SystemFigures>> figures;
  private final List<List<Double>> precisionAtRecall;

  private CollectionStatistics(
      CollectionResult result,
      long seed,
      Map<Measure, List<SystemFigures>> figures,
      List<List<Double>> precisionAtRecall) {
    this.result = result;
    this.seed = seed;
    this.figures = figures;
    this.precisionAtRecall = precisionAtRecall;
  }

  /**
   * Computes the statistics; with thousands of queries this takes a second for each system and
   * measure.
   *
   * @param seed of the samples and permutations
   * @throws IllegalArgumentException if there is no query, no measure or no system, or a system has
   *     not one value of each measure for each query, or two systems have the same name
   */
  public static CollectionStatistics of(CollectionResult result, long seed) {
    check(result);
    Map<Measure, List<SystemFigures>> figures = new LinkedHashMap<>();
    for (Measure measure : result.measures()) {
      figures.put(measure, List.of());
    }
    // Each measure is computed for itself, from the same seed.
    figures.entrySet().parallelStream()
        .forEach(entry -> entry.setValue(figures(result, entry.getKey(), seed)));
    return new CollectionStatistics(
        result,
        seed,
        figures,
        result.systems().stream()
            .map(system -> InterpolatedPrecision.mean(system.run(), result.qrels(), Queries.JUDGED))
            .toList());
  }

  private static void check(CollectionResult result) {
    String where = "collection " + result.collection();
    if (result.queries().isEmpty()) {
      throw new IllegalArgumentException(where + " has no judged query, so nothing to compare");
    }
    if (result.measures().isEmpty() || result.systems().isEmpty()) {
      throw new IllegalArgumentException(where + " has no measure or no system");
    }
    List<String> names = result.systems().stream().map(system -> system.run().name()).toList();
    for (String name : names) {
      if (names.indexOf(name) != names.lastIndexOf(name)) {
        throw new IllegalArgumentException(
            "%s has two systems named \"%s\"; name them differently".formatted(where, name));
      }
    }
    for (SystemResult system : result.systems()) {
      for (Measure measure : result.measures()) {
        List<Double> values = system.values().get(measure);
        if (values == null || values.size() != result.queries().size()) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "%s: system \"%s\" has %d values of %s for %d queries",
                  where,
                  system.run().name(),
                  values == null ? 0 : values.size(),
                  measure,
                  result.queries().size()));
        }
      }
    }
  }

  private static List<SystemFigures> figures(CollectionResult result, Measure measure, long seed) {
    List<List<Double>> values =
        result.systems().stream().map(system -> system.values().get(measure)).toList();
    List<Comparison> comparisons =
        Significance.compare(values.getFirst(), values.subList(1, values.size()), seed);
    List<SystemFigures> figures = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      figures.add(
          new SystemFigures(
              values.get(i).stream().mapToDouble(Double::doubleValue).average().orElseThrow(),
              Significance.meanInterval(
                  values.get(i), Significance.CONFIDENCE, Significance.SAMPLES, seed),
              i == 0 ? Optional.empty() : Optional.of(comparisons.get(i - 1))));
    }
    return List.copyOf(figures);
  }

  /** What the statistics are of. */
  public CollectionResult result() {
    return result;
  }

  /** The seed of the samples and permutations. */
  public long seed() {
    return seed;
  }

  /**
   * The figures of all systems in a measure, in the order of the systems.
   *
   * @throws IllegalArgumentException if it was not measured
   */
  public List<SystemFigures> figures(Measure measure) {
    List<SystemFigures> found = figures.get(measure);
    if (found == null) {
      throw new IllegalArgumentException(
          "%s was not measured on collection %s".formatted(measure, result.collection()));
    }
    return found;
  }

  /**
   * Interpolated precision of a system at recall 0, 0.1 … 1, the mean over all judged queries.
   *
   * @param system its place among the systems
   */
  List<Double> precisionAtRecall(int system) {
    return precisionAtRecall.get(system);
  }

  /**
   * How a system does in a measure.
   *
   * @param mean over all judged queries
   * @param interval of the mean, at a confidence of {@value Significance#CONFIDENCE}
   * @param comparison with the baseline; empty for the baseline
   */
  public record SystemFigures(double mean, Interval interval, Optional<Comparison> comparison) {}
}
