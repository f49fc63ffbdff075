/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.util.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * An evaluation as one HTML file that needs nothing beside it: tables, charts, the best and worst
 * queries with what made their hits match, and the settings. Tables, examples and settings can be
 * read without JavaScript; charts are drawn by a script in the file. The file's content security
 * policy allows that script and style and nothing else, so nothing is ever requested and nothing in
 * a document is ever run.
 */
public final class HtmlReport {

  private HtmlReport() {}

  /**
   * Writes the report.
   *
   * @param collections at least one; the charts and examples are of the first measure of each
   * @param out as UTF-8; flushed, not closed
   * @throws IllegalArgumentException if there is no collection
   */
  public static void write(List<CollectionStatistics> collections, Writer out) throws IOException {
    if (collections.isEmpty()) {
      throw new IllegalArgumentException("there is no collection to report on");
    }
    out.write(page(collections).toString());
    out.flush();
  }

  private static Html page(List<CollectionStatistics> collections) throws IOException {
    String style = resource("report.css");
    String script = resource("report.js");
    String title = title(collections);
    Html html = new Html();
    html.raw("<!DOCTYPE html>\n").open("html", "lang", "en").open("head").line();
    html.open("meta", "charset", "utf-8").line();
    html.open(
            "meta",
            "http-equiv",
            "Content-Security-Policy",
            "content",
            "default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'"
                .formatted(hash(style), hash(script)))
        .line();
    html.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    html.open("meta", "name", "generator", "content", "m3lex").line();
    // An empty icon, or browsers ask a server for one.
    html.open("link", "rel", "icon", "href", "data:,").line();
    html.element("title", title).line();
    html.open("style").raw(style).close("style").close("head").line();
    html.open("body").open("div", "class", "page").line();
    header(collections, title, html);
    html.open("main", "id", "main").line();
    if (collections.size() > 1) {
      ReportOverview.write(collections, html);
    }
    for (int i = 0; i < collections.size(); i++) {
      section(collections.get(i), i, html);
    }
    ReportSettings.write(collections, html);
    html.close("main").close("div").line();
    html.open("script", "type", "application/json", "id", "data")
        .raw(ChartData.of(collections))
        .close("script")
        .line();
    html.open("script").raw(script).close("script").line();
    return html.close("body").close("html").line();
  }

  private static String title(List<CollectionStatistics> collections) {
    Set<String> systems = new LinkedHashSet<>();
    for (CollectionStatistics collection : collections) {
      collection.result().systems().forEach(system -> systems.add(system.run().name()));
    }
    String where =
        collections.size() == 1
            ? collections.getFirst().result().collection()
            : collections.size() + " collections";
    if (systems.size() > 4) {
      return String.format(Locale.ROOT, "%d systems on %s", systems.size(), where);
    }
    List<String> names = List.copyOf(systems);
    String last = names.getLast();
    String rest = String.join(", ", names.subList(0, names.size() - 1));
    return "%s on %s".formatted(rest.isEmpty() ? last : rest + " and " + last, where);
  }

  private static void header(List<CollectionStatistics> collections, String title, Html html) {
    html.element("a", "To the results", "class", "skip", "href", "#main").line();
    html.open("header").element("h1", title, "dir", "auto");
    CollectionResult first = collections.getFirst().result();
    long queries = collections.stream().mapToLong(c -> c.result().queries().size()).sum();
    html.element(
        "p",
        "Evaluated on %s. The baseline is %s; means are over all judged queries."
            .formatted(
                Html.count(queries, "query", "queries"), first.systems().getFirst().run().name()),
        "class",
        "soft");
    html.open("noscript")
        .element(
            "p", "The charts need JavaScript; everything else is here without.", "class", "note")
        .close("noscript");
    if (collections.size() > 1) {
      html.open("nav", "aria-label", "Contents").open("ul");
      link("#overview", "Overview", html);
      for (int i = 0; i < collections.size(); i++) {
        link("#c" + i, collections.get(i).result().collection(), html);
      }
      link("#settings", "Settings", html);
      html.close("ul").close("nav");
    }
    html.close("header").line();
  }

  private static void link(String target, String name, Html html) {
    html.open("li").open("a", "href", target).name(name).close("a").close("li");
  }

  private static void section(CollectionStatistics statistics, int index, Html html) {
    CollectionResult result = statistics.result();
    String id = "c" + index;
    html.open("section", "id", id, "aria-labelledby", id + "-name");
    html.open("h2", "id", id + "-name").name(result.collection()).close("h2");
    html.element("p", facts(result), "class", "facts").line();
    MeasureTables.write(statistics, html);
    charts(statistics, index, html);
    ReportExamples.write(result, index, html);
    html.close("section").line();
  }

  private static String facts(CollectionResult result) {
    long judgments =
        result.queries().stream().mapToLong(query -> result.qrels().grades(query).size()).sum();
    return "%s \u00b7 %s%s \u00b7 %s"
        .formatted(
            language(result.language()),
            result.documents() == 0
                ? ""
                : Html.count(result.documents(), "document", "documents") + " \u00b7 ",
            Html.count(result.queries().size(), "judged query", "judged queries"),
            Html.count(judgments, "judgment", "judgments"));
  }

  /** A language's name in English. */
  static String language(String tag) {
    return tag.equals("und")
        ? "language not known"
        : Locale.forLanguageTag(tag).getDisplayName(Locale.ENGLISH);
  }

  private static void charts(CollectionStatistics statistics, int index, Html html) {
    CollectionResult result = statistics.result();
    Measure measure = result.measures().getFirst();
    String baseline = result.systems().getFirst().run().name();
    boolean compared = result.systems().size() > 1;
    figure(
        "queries",
        index,
        compared
            ? "%s query by query, difference from %s".formatted(measure, baseline)
            : measure + " query by query",
        "The queries from the greatest gain to the greatest loss. Point at one, or use the arrow keys"
            + " when the chart has the focus. Dots below mark queries whose hits are shown further"
            + " down.",
        "by-query",
        html);
    html.close("figure").line();
    html.open("div", "class", "pair");
    figure(
        "precision",
        index,
        "Precision at recall",
        "Interpolated precision at eleven recall levels, mean over all judged queries.",
        null,
        html);
    html.close("figure").line();
    if (result.systems().stream().anyMatch(system -> !system.milliseconds().isEmpty())) {
      figure(
          "latency",
          index,
          "Latency",
          "Time to answer a query, encoding included; marks at the 50th, 90th and 99th percentile.",
          null,
          html);
      html.close("figure").line();
    }
    html.close("div").line();
    MeasureTables.writeCurves(statistics, html);
    MeasureTables.writeLatency(result, html);
  }

  private static void figure(
      String chart, int collection, String heading, String caption, String style, Html html) {
    html.open(
        "figure",
        "class",
        style,
        "data-chart",
        chart,
        "data-collection",
        Integer.toString(collection),
        "data-label",
        heading);
    html.element("h3", heading).element("figcaption", caption);
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IOException(
            "the program is incomplete: %s is not on the class path; build it again"
                .formatted(name));
      }
      // Browsers hash what they parsed, and that has no carriage returns.
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    }
  }

  private static String hash(String text) {
    byte[] digest = Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }
}
