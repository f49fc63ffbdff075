/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.evaluation.CollectionStatistics.SystemFigures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The report's tables over all collections: a row for each, and the averages. */
final class ReportOverview {

  private ReportOverview() {}

  static void write(List<CollectionStatistics> collections, Html html) {
    html.open("section", "id", "overview", "aria-labelledby", "overview-name");
    html.element("h2", "Overview", "id", "overview-name").line();
    List<Measure> measures =
        collections.stream().flatMap(c -> c.result().measures().stream()).distinct().toList();
    List<Average> averages = Average.of(collections);
    html.element("h3", measures.getFirst().toString());
    table(collections, measures.getFirst(), averages, html);
    MeasureTables.legend(html);
    html.element(
        "p",
        "Averages count every collection the same, however many queries it has; there is no test of them."
            + " A system that a collection lacks has no average.",
        "class",
        "legend");
    for (Measure measure : measures.subList(1, measures.size())) {
      html.open("details", "class", "more").element("summary", measure.toString());
      table(collections, measure, averages, html);
      html.close("details").line();
    }
    html.close("section").line();
  }

  private static void table(
      List<CollectionStatistics> collections, Measure measure, List<Average> averages, Html html) {
    Map<String, Integer> systems = new LinkedHashMap<>();
    for (CollectionStatistics collection : collections) {
      for (SystemResult system : collection.result().systems()) {
        systems.putIfAbsent(system.run().name(), systems.size());
      }
    }
    MeasureTables.openTable(measure + " by collection", "overview", html);
    MeasureTables.columnHeads(
        Stream.concat(Stream.of("Collection"), systems.keySet().stream()).toList(), html);
    html.open("tbody");
    for (int i = 0; i < collections.size(); i++) {
      if (collections.get(i).result().measures().contains(measure)) {
        row(collections.get(i), i, measure, systems.keySet(), html);
      }
    }
    for (Average average : averages) {
      average(average, measure, systems.keySet(), html);
    }
    html.close("tbody");
    MeasureTables.closeTable(html);
  }

  private static void row(
      CollectionStatistics collection,
      int index,
      Measure measure,
      Iterable<String> systems,
      Html html) {
    CollectionResult result = collection.result();
    html.open("tr").open("th", "scope", "row").open("a", "href", "#c" + index);
    html.name(result.collection()).close("a");
    html.element(
        "span",
        HtmlReport.language(result.language())
            + " \u00b7 "
            + Html.count(result.queries().size(), "query", "queries"),
        "class",
        "sub");
    html.close("th");
    List<String> names = result.systems().stream().map(system -> system.run().name()).toList();
    List<SystemFigures> figures = collection.figures(measure);
    for (String system : systems) {
      int at = names.indexOf(system);
      if (at < 0) {
        html.element("td", "\u2013");
      } else {
        MeasureTables.mean(figures.get(at), MeasureTables.isBest(at, figures), true, html);
      }
    }
    html.close("tr").line();
  }

  private static void average(
      Average average, Measure measure, Iterable<String> systems, Html html) {
    html.open("tr", "class", "average");
    html.open("th", "scope", "row")
        .text(
            average
                .language()
                .map(language -> "Average, " + HtmlReport.language(language))
                .orElse("Average of all"));
    html.element(
        "span", Html.count(average.collections(), "collection", "collections"), "class", "sub");
    html.close("th");
    List<Double> means = new ArrayList<>();
    for (String system : systems) {
      means.add(average.systems().getOrDefault(system, Map.of()).get(measure));
    }
    double best = means.stream().filter(m -> m != null).mapToDouble(m -> m).max().orElse(0);
    for (Double mean : means) {
      html.element(
          "td",
          mean == null ? "\u2013" : Html.number(mean, 4),
          "class",
          mean != null && mean == best ? "best" : null);
    }
    html.close("tr").line();
  }
}
