/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.evaluation.CollectionStatistics.SystemFigures;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The report's tables on one collection: systems by measures, tests, curves, latency. */
final class MeasureTables {

  private static final String[] SCROLL = {"class", "scroll", "tabindex", "0", "role", "region"};

  private MeasureTables() {}

  static void write(CollectionStatistics statistics, Html html) {
    findings(statistics, html);
    systemsByMeasures(statistics, html);
    if (statistics.result().systems().size() > 1) {
      legend(html);
    }
    tests(statistics, html);
  }

  /** Opens a table in a box that scrolls by itself where it is too wide. */
  static void openTable(String label, String style, Html html) {
    html.open(
            "div",
            SCROLL[0],
            SCROLL[1],
            SCROLL[2],
            SCROLL[3],
            SCROLL[4],
            SCROLL[5],
            "aria-label",
            label)
        .open("table", "class", style)
        .element("caption", label, "class", "hidden")
        .line();
  }

  static void closeTable(Html html) {
    html.close("table").close("div").line();
  }

  static void columnHeads(List<String> names, Html html) {
    html.open("thead").open("tr");
    for (String name : names) {
      html.open("th", "scope", "col").name(name).close("th");
    }
    html.close("tr").close("thead").line();
  }

  private static void findings(CollectionStatistics statistics, Html html) {
    CollectionResult result = statistics.result();
    Measure measure = result.measures().getFirst();
    String baseline = result.systems().getFirst().run().name();
    if (result.systems().size() == 1) {
      return;
    }
    if (result.queries().size() == 1) {
      html.element(
          "p",
          "One query tells nothing of others: intervals and tests are empty.",
          "class",
          "note");
      return;
    }
    html.open("ul", "class", "findings");
    List<SystemFigures> figures = statistics.figures(measure);
    for (int i = 1; i < figures.size(); i++) {
      Comparison comparison = figures.get(i).comparison().orElseThrow();
      html.open("li", "class", colour(i));
      html.open("strong").name(result.systems().get(i).run().name()).close("strong");
      if (comparison.difference() == 0) {
        html.text(" equals ").name(baseline).text(" in " + measure);
      } else {
        html.text(comparison.difference() > 0 ? " is above " : " is below ").name(baseline);
        html.text(
            " by %s in %s".formatted(Html.number(Math.abs(comparison.difference()), 4), measure));
      }
      html.text(
          " (%s interval %s to %s): %s."
              .formatted(
                  confidence(),
                  Html.difference(comparison.interval().low(), 4),
                  Html.difference(comparison.interval().high(), 4),
                  verdict(comparison)));
      html.close("li");
    }
    html.close("ul").line();
  }

  private static String verdict(Comparison comparison) {
    String p =
        "t-test p\u00a0%s, randomisation test p\u00a0%s"
            .formatted(
                equal(comparison.tTestAdjusted()), equal(comparison.randomisationAdjusted()));
    boolean tTest = comparison.tTestAdjusted() < 0.05;
    boolean randomisation = comparison.randomisationAdjusted() < 0.05;
    if (tTest && randomisation) {
      return "significant (" + p + ")";
    }
    if (tTest || randomisation) {
      return "significant by one test only (" + p + ")";
    }
    return "not significant (" + p + ")";
  }

  private static String equal(double p) {
    String text = Html.probability(p);
    return (text.startsWith("<") ? text : "= " + text).replace(' ', '\u00a0');
  }

  private static void systemsByMeasures(CollectionStatistics statistics, Html html) {
    CollectionResult result = statistics.result();
    List<Measure> measures = result.measures();
    openTable("Means of " + result.collection(), "measures", html);
    columnHeads(
        Stream.concat(Stream.of("System"), measures.stream().map(Measure::toString)).toList(),
        html);
    html.open("tbody");
    for (int i = 0; i < result.systems().size(); i++) {
      html.open("tr");
      rowHead(i, result.systems().get(i).run().name(), html);
      for (Measure measure : measures) {
        List<SystemFigures> figures = statistics.figures(measure);
        mean(figures.get(i), isBest(i, figures), true, html);
      }
      html.close("tr").line();
    }
    html.close("tbody");
    closeTable(html);
  }

  static void rowHead(int system, String name, Html html) {
    html.open("th", "scope", "row")
        .element("span", "", "class", "swatch " + colour(system), "aria-hidden", "true")
        .name(name)
        .close("th");
  }

  static boolean isBest(int system, List<SystemFigures> figures) {
    double mean = figures.get(system).mean();
    return figures.stream().allMatch(other -> other.mean() <= mean)
        && figures.stream().anyMatch(other -> other.mean() < mean);
  }

  /** A cell with a mean, how it differs from the baseline's, and its interval. */
  static void mean(SystemFigures figures, boolean best, boolean interval, Html html) {
    html.open("td", "class", best ? "best" : null).text(Html.number(figures.mean(), 4));
    figures
        .comparison()
        .ifPresent(
            comparison -> {
              html.element("sup", mark(comparison.tTestAdjusted()));
              html.element(
                  "span",
                  Html.difference(comparison.difference(), 4),
                  "class",
                  comparison.difference() > 0
                      ? "delta up"
                      : comparison.difference() < 0 ? "delta down" : "delta");
            });
    if (interval) {
      html.element("span", interval(figures.interval(), 3), "class", "sub");
    }
    html.close("td");
  }

  private static String interval(Interval interval, int decimals) {
    return Html.number(interval.low(), decimals)
        + " \u2013 "
        + Html.number(interval.high(), decimals);
  }

  private static String mark(double p) {
    return p < 0.001 ? "***" : p < 0.01 ? "**" : p < 0.05 ? "*" : "";
  }

  static String confidence() {
    return String.format(Locale.ROOT, "%.0f %%", Significance.CONFIDENCE * 100);
  }

  static void legend(Html html) {
    html.element(
            "p",
            ("Bold is the best of the systems. Below a mean stand the difference from the baseline and the"
                    + " %s confidence interval of the mean (BCa bootstrap over queries, %s samples). * p <"
                    + " 0.05, ** p < 0.01, *** p < 0.001: two-sided paired t-test on the values by query,"
                    + " corrected by Holm\u2019s method over the systems that are compared with the"
                    + " baseline, for each measure by itself.")
                .formatted(confidence(), Html.count(Significance.SAMPLES)),
            "class",
            "legend")
        .line();
  }

  private static void tests(CollectionStatistics statistics, Html html) {
    CollectionResult result = statistics.result();
    if (result.systems().size() == 1) {
      return;
    }
    html.element("h3", "Differences from " + result.systems().getFirst().run().name());
    openTable("Tests on " + result.collection(), "tests", html);
    html.open("thead").open("tr");
    html.element(
        "th", result.systems().size() == 2 ? "Measure" : "System", "scope", "col", "rowspan", "2");
    html.element("th", "Difference", "scope", "col", "rowspan", "2");
    html.element("th", confidence() + " interval", "scope", "col", "rowspan", "2");
    html.element("th", "t-test", "scope", "colgroup", "colspan", "2");
    html.element("th", "randomisation test", "scope", "colgroup", "colspan", "2");
    html.close("tr").open("tr");
    for (int i = 0; i < 2; i++) {
      html.element("th", "p", "scope", "col");
      html.element("th", "p, Holm", "scope", "col");
    }
    html.close("tr").close("thead").line();
    for (Measure measure : result.measures()) {
      tests(statistics, measure, html);
    }
    closeTable(html);
    html.element(
            "p",
            String.format(
                Locale.ROOT,
                "Both tests are paired and two-sided; the randomisation test exchanges systems query by"
                    + " query, in all ways for up to %d queries that differ, else in %s random ways. Seed %d.",
                Significance.EXACT_QUERIES,
                Html.count(Significance.PERMUTATIONS),
                statistics.seed()),
            "class",
            "legend")
        .line();
  }

  private static void tests(CollectionStatistics statistics, Measure measure, Html html) {
    List<SystemFigures> figures = statistics.figures(measure);
    double greatest =
        figures.stream()
            .flatMap(system -> system.comparison().stream())
            .mapToDouble(
                comparison ->
                    Math.max(
                        Math.abs(comparison.interval().low()),
                        Math.abs(comparison.interval().high())))
            .max()
            .orElse(0);
    html.open("tbody");
    if (figures.size() > 2) {
      html.open("tr");
      html.element("th", measure.toString(), "scope", "rowgroup", "colspan", "7", "class", "group");
      html.close("tr").line();
    }
    for (int i = 1; i < figures.size(); i++) {
      Comparison comparison = figures.get(i).comparison().orElseThrow();
      html.open("tr");
      if (figures.size() == 2) {
        html.element("th", measure.toString(), "scope", "row", "class", "measure");
      } else {
        rowHead(i, statistics.result().systems().get(i).run().name(), html);
      }
      html.element(
          "td",
          Html.difference(comparison.difference(), 4),
          "class",
          comparison.difference() > 0 ? "up" : comparison.difference() < 0 ? "down" : null);
      html.open("td")
          .text(
              Html.difference(comparison.interval().low(), 4)
                  + " to "
                  + Html.difference(comparison.interval().high(), 4));
      IntervalChart.write(comparison, greatest, html);
      html.close("td");
      html.element("td", Html.probability(comparison.tTest()));
      html.element("td", Html.probability(comparison.tTestAdjusted()));
      html.element("td", Html.probability(comparison.randomisation()));
      html.element("td", Html.probability(comparison.randomisationAdjusted()));
      html.close("tr").line();
    }
    html.close("tbody").line();
  }

  static void writeCurves(CollectionStatistics statistics, Html html) {
    CollectionResult result = statistics.result();
    html.open("details", "class", "more").element("summary", "Precision at recall as a table");
    openTable("Interpolated precision at recall, " + result.collection(), "curves", html);
    columnHeads(
        Stream.concat(
                Stream.of("System"),
                IntStream.rangeClosed(0, 10).mapToObj(i -> Html.number(i / 10.0, 1)))
            .toList(),
        html);
    html.open("tbody");
    for (int i = 0; i < result.systems().size(); i++) {
      html.open("tr");
      rowHead(i, result.systems().get(i).run().name(), html);
      for (double precision : statistics.precisionAtRecall(i)) {
        html.element("td", Html.number(precision, 4));
      }
      html.close("tr").line();
    }
    html.close("tbody");
    closeTable(html);
    html.close("details").line();
  }

  static void writeLatency(CollectionResult result, Html html) {
    if (result.systems().stream().allMatch(system -> system.milliseconds().isEmpty())) {
      return;
    }
    html.open("details", "class", "more").element("summary", "Latency as a table");
    openTable("Milliseconds for a query, " + result.collection(), "latency", html);
    columnHeads(List.of("Milliseconds", "mean", "p50", "p90", "p99", "greatest"), html);
    html.open("tbody");
    for (int i = 0; i < result.systems().size(); i++) {
      SystemResult system = result.systems().get(i);
      html.open("tr");
      rowHead(i, system.run().name(), html);
      if (system.milliseconds().isEmpty()) {
        html.element("td", "read from a file, not timed", "colspan", "5", "class", "left soft");
      } else {
        Percentiles percentiles = new Percentiles(system.milliseconds());
        html.element("td", milliseconds(percentiles.mean()));
        for (int percent : new int[] {50, 90, 99, 100}) {
          html.element("td", milliseconds(percentiles.at(percent)));
        }
      }
      html.close("tr").line();
    }
    html.close("tbody");
    closeTable(html);
    html.close("details").line();
  }

  private static String milliseconds(double value) {
    return Html.number(value, value < 10 ? 2 : value < 100 ? 1 : 0);
  }

  /** The style that gives a system its colour everywhere. */
  static String colour(int system) {
    return "s" + system % 8;
  }
}
