/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.evaluation.Average;
import io.m3lex.evaluation.CollectionResult;
import io.m3lex.evaluation.CollectionStatistics;
import io.m3lex.evaluation.CollectionStatistics.SystemFigures;
import io.m3lex.evaluation.Comparison;
import io.m3lex.evaluation.Measure;
import io.m3lex.evaluation.SystemResult;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What {@code m3lex eval} prints for people. */
final class EvaluationTables {

  private final PrintWriter out;

  EvaluationTables(PrintWriter out) {
    this.out = out;
  }

  /** A collection: a row for each system, the first measure with its difference and p-value. */
  void print(CollectionStatistics statistics) {
    CollectionResult result = statistics.result();
    out.println(heading(result));
    boolean compared = result.systems().size() > 1;
    boolean timed = result.systems().stream().anyMatch(system -> !system.milliseconds().isEmpty());
    List<String> headings = new ArrayList<>(List.of("system"));
    for (Measure measure : result.measures()) {
      headings.add(">" + measure);
      if (compared && measure.equals(result.measures().getFirst())) {
        headings.addAll(List.of(">Δ", "95 %", ">p"));
      }
    }
    if (timed) {
      headings.add(">ms/query");
    }
    Table table = new Table(headings.toArray(String[]::new));
    for (int i = 0; i < result.systems().size(); i++) {
      table.add(row(statistics, i, compared, timed).toArray());
    }
    table.print(out);
    out.println();
  }

  private static String heading(CollectionResult result) {
    List<String> parts = new ArrayList<>(List.of(result.collection()));
    if (!result.language().equals("und")) {
      parts.add(result.language());
    }
    if (result.documents() > 0) {
      parts.add(String.format(Locale.ROOT, "%,d documents", result.documents()));
    }
    parts.add(String.format(Locale.ROOT, "%,d judged queries", result.queries().size()));
    return String.join(" · ", parts);
  }

  private static List<Object> row(
      CollectionStatistics statistics, int system, boolean compared, boolean timed) {
    CollectionResult result = statistics.result();
    SystemResult shown = result.systems().get(system);
    List<Object> row = new ArrayList<>(List.of(shown.run().name()));
    for (Measure measure : result.measures()) {
      SystemFigures figures = statistics.figures(measure).get(system);
      row.add(value(figures));
      if (compared && measure.equals(result.measures().getFirst())) {
        Comparison comparison = figures.comparison().orElse(null);
        if (comparison == null) {
          row.addAll(List.of("", "", ""));
        } else {
          row.add(number("%+.4f", comparison.difference()));
          row.add(
              number("%+.4f", comparison.interval().low())
                  + " "
                  + number("%+.4f", comparison.interval().high()));
          row.add(pValue(comparison.randomisationAdjusted()));
        }
      }
    }
    if (timed) {
      row.add(
          shown.milliseconds().isEmpty()
              ? ""
              : number(
                  "%.2f", shown.milliseconds().stream().mapToDouble(m -> m).average().orElse(0)));
    }
    return row;
  }

  /** A mean with the marks of its significance, which take up the same room everywhere. */
  private static String value(SystemFigures figures) {
    return number("%.4f", figures.mean())
        + figures.comparison().map(c -> marks(c.randomisationAdjusted())).orElse("  ");
  }

  private static String marks(double p) {
    return p < 0.01 ? "**" : p < 0.05 ? "* " : "  ";
  }

  private static String pValue(double p) {
    return p < 0.0001 ? "<0.0001" : number("%.4f", p);
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** Several collections: a row for each, and the averages. */
  void printAverages(List<CollectionStatistics> collections) {
    Measure measure = collections.getFirst().result().measures().getFirst();
    List<String> systems = new ArrayList<>();
    for (CollectionStatistics collection : collections) {
      for (SystemResult system : collection.result().systems()) {
        if (!systems.contains(system.run().name())) {
          systems.add(system.run().name());
        }
      }
    }
    List<String> headings =
        new ArrayList<>(List.of(measure.toString(), "language", ">documents", ">queries"));
    systems.forEach(system -> headings.add(">" + system));
    Table table = new Table(headings.toArray(String[]::new));
    for (CollectionStatistics collection : collections) {
      CollectionResult result = collection.result();
      List<Object> row =
          new ArrayList<>(
              List.of(
                  result.collection(),
                  result.language(),
                  String.format(Locale.ROOT, "%,d", result.documents()),
                  String.format(Locale.ROOT, "%,d", result.queries().size())));
      for (String system : systems) {
        row.add(figures(collection, measure, system).map(EvaluationTables::value).orElse("-  "));
      }
      table.add(row.toArray());
    }
    for (Average average : Average.of(collections)) {
      List<Object> row =
          new ArrayList<>(
              List.of(
                  "average of " + average.collections(), average.language().orElse(""), "", ""));
      for (String system : systems) {
        Double mean = average.systems().getOrDefault(system, Map.of()).get(measure);
        row.add(mean == null ? "-  " : number("%.4f", mean) + "  ");
      }
      table.add(row.toArray());
    }
    table.print(out);
    out.println();
  }

  private static Optional<SystemFigures> figures(
      CollectionStatistics collection, Measure measure, String system) {
    List<SystemResult> systems = collection.result().systems();
    for (int i = 0; i < systems.size(); i++) {
      if (systems.get(i).run().name().equals(system)) {
        return Optional.of(collection.figures(measure).get(i));
      }
    }
    return Optional.empty();
  }

  /** What the marks mean. */
  void printLegend(CollectionStatistics statistics) {
    if (statistics.result().systems().size() > 1) {
      out.println(
          String.format(
              Locale.ROOT,
              "Compared with %s: ** p < 0.01, * p < 0.05 by a paired randomisation test, Holm-corrected over the systems; bootstrap intervals; seed %d.",
              statistics.result().systems().getFirst().run().name(),
              statistics.seed()));
    }
  }
}
