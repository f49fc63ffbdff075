/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.evaluation.ExplainedHit.Contribution;
import java.text.BreakIterator;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.stream.Stream;

/** The report's examples: queries with the hits of the systems side by side. */
final class ReportExamples {

  /** So much of a document is seen at once, in characters. */
  private static final int GLANCE = 260;

  /** So much of a document is in the report at all. */
  private static final int WHOLE = 4_000;

  /** So many tokens of a hit are shown by themselves; the others are added up. */
  private static final int TOKENS = 8;

  private ReportExamples() {}

  /** Where an example is in the page. */
  static String anchor(int collection, int example) {
    return "c" + collection + "-e" + example;
  }

  static void write(CollectionResult result, int collection, Html html) {
    if (result.examples().isEmpty()) {
      return;
    }
    Measure measure = result.measures().getFirst();
    List<SystemResult> systems = result.systems();
    if (systems.size() == 1) {
      group("Queries in full", result, collection, difference -> true, html);
      return;
    }
    String baseline = systems.getFirst().run().name();
    String system = systems.get(1).run().name();
    group(
        "Where %s falls behind %s in %s".formatted(system, baseline, measure),
        result,
        collection,
        difference -> difference < 0,
        html);
    group(
        "Where %s is ahead of %s in %s".formatted(system, baseline, measure),
        result,
        collection,
        difference -> difference > 0,
        html);
    group("Where both are equal", result, collection, difference -> difference == 0, html);
  }

  private static void group(
      String heading, CollectionResult result, int collection, DoublePredicate belongs, Html html) {
    boolean first = true;
    for (int i = 0; i < result.examples().size(); i++) {
      ExampleQuery example = result.examples().get(i);
      int query = result.queries().indexOf(example.query());
      double change = query < 0 ? 0 : change(result, query);
      if (belongs.test(change)) {
        if (first) {
          html.element("h3", heading).line();
        }
        example(example, result, query, change, anchor(collection, i), first, html);
        first = false;
      }
    }
  }

  /** The difference of the first system that is compared; its value if none is. */
  private static double change(CollectionResult result, int query) {
    List<SystemResult> systems = result.systems();
    double own = value(systems.getLast(), result, query);
    if (systems.size() == 1) {
      return own;
    }
    return value(systems.get(1), result, query) - value(systems.getFirst(), result, query);
  }

  private static double value(SystemResult system, CollectionResult result, int query) {
    return system.values().get(result.measures().getFirst()).get(query);
  }

  private static void example(
      ExampleQuery example,
      CollectionResult result,
      int query,
      double change,
      String id,
      boolean open,
      Html html) {
    html.open("details", "class", "example", "id", id, "open", open ? "" : null).open("summary");
    html.element(
        "span",
        result.systems().size() > 1 ? Html.difference(change, 4) : Html.number(change, 4),
        "class",
        change > 0 ? "change up" : change < 0 ? "change down" : "change");
    html.element("span", example.text(), "dir", "auto", "lang", result.language());
    html.open("span", "class", "id").text("query ").name(example.query()).close("span");
    html.close("summary").open("div", "class", "columns").line();
    for (int i = 0; i < result.systems().size(); i++) {
      SystemResult system = result.systems().get(i);
      List<ExplainedHit> hits = example.hits().getOrDefault(system.run().name(), List.of());
      List<ExplainedHit> relevant = example.relevant().getOrDefault(system.run().name(), List.of());
      if (!example.hits().containsKey(system.run().name()) && relevant.isEmpty()) {
        continue;
      }
      html.open("div", "class", MeasureTables.colour(i));
      html.open("h4").name(system.run().name());
      if (query >= 0) {
        html.element(
            "span",
            result.measures().getFirst() + " " + Html.number(value(system, result, query), 4));
      }
      html.close("h4");
      double scale =
          Stream.of(hits, relevant)
              .flatMap(List::stream)
              .flatMap(hit -> hit.contributions().stream())
              .mapToDouble(contribution -> Math.abs(contribution.score()))
              .max()
              .orElse(0);
      hits(hits, "Nothing was found.", result.language(), scale, html);
      if (!relevant.isEmpty()) {
        html.element("h5", "Relevant, but not among these");
        hits(relevant, "", result.language(), scale, html);
      }
      html.close("div").line();
    }
    html.close("div").close("details").line();
  }

  private static void hits(
      List<ExplainedHit> hits, String none, String language, double scale, Html html) {
    if (hits.isEmpty()) {
      html.element("p", none, "class", "note");
      return;
    }
    html.open("ol", "class", "hits").line();
    for (ExplainedHit hit : hits) {
      html.open("li").open("div", "class", "hit");
      html.element("span", hit.rank() > 0 ? hit.rank() + "." : "not found", "class", "rank");
      html.name(hit.document());
      grade(hit, html);
      if (hit.score() != 0) {
        html.element("span", Html.number(hit.score(), 4), "class", "score");
      }
      html.close("div");
      words(hit.text(), language, html);
      if (!hit.contributions().isEmpty()) {
        tokens(hit.contributions(), scale, html);
      } else if (hit.rank() == 0 && hit.score() == 0) {
        html.element("p", "It shares no token with the query.", "class", "note");
      }
      html.close("li").line();
    }
    html.close("ol");
  }

  private static void grade(ExplainedHit hit, Html html) {
    if (hit.grade().isEmpty()) {
      html.element("span", "not judged", "class", "grade unjudged");
    } else if (hit.grade().getAsInt() > 0) {
      html.element("span", "relevant, " + hit.grade().getAsInt(), "class", "grade relevant");
    } else {
      html.element("span", "not relevant", "class", "grade");
    }
  }

  private static void words(String text, String language, Html html) {
    if (text.isBlank()) {
      return;
    }
    if (text.length() <= GLANCE) {
      html.element("p", text, "class", "words", "dir", "auto", "lang", language);
      return;
    }
    int glance = cut(text, GLANCE);
    int end = text.length() <= WHOLE ? text.length() : cut(text, WHOLE);
    html.element(
        "p",
        text.substring(0, glance).stripTrailing() + " \u2026",
        "class",
        "words",
        "dir",
        "auto",
        "lang",
        language);
    html.open("details").element("summary", "all of it");
    html.element("p", text.substring(0, end), "class", "words", "dir", "auto", "lang", language);
    if (end < text.length()) {
      html.element(
          "p",
          "%s more are left out here."
              .formatted(Html.count(text.length() - end, "character", "characters")),
          "class",
          "note");
    }
    html.close("details");
  }

  /** The last place up to a length where a line may be broken, or else between two characters. */
  private static int cut(String text, int length) {
    BreakIterator lines = BreakIterator.getLineInstance(Locale.ROOT);
    lines.setText(text);
    int place = lines.preceding(length + 1);
    if (place < length / 2) {
      BreakIterator characters = BreakIterator.getCharacterInstance(Locale.ROOT);
      characters.setText(text);
      place = characters.preceding(length + 1);
    }
    return place <= 0 ? length : place;
  }

  private static void tokens(List<Contribution> contributions, double scale, Html html) {
    html.open("ul", "class", "tokens", "aria-label", "What each token adds to the score");
    int shown = contributions.size() <= TOKENS + 1 ? contributions.size() : TOKENS;
    for (Contribution contribution : contributions.subList(0, shown)) {
      html.open("li").element("bdi", contribution.token(), "title", contribution.token());
      bar(contribution.score(), scale, html);
      html.close("li");
    }
    if (shown < contributions.size()) {
      List<Contribution> rest = contributions.subList(shown, contributions.size());
      html.open("li").element("span", rest.size() + " more", "class", "rest");
      bar(rest.stream().mapToDouble(Contribution::score).sum(), scale, html);
      html.close("li");
    }
    html.close("ul");
  }

  private static void bar(double score, double scale, Html html) {
    double share = scale == 0 ? 0 : Math.clamp(100 * Math.abs(score) / scale, 0, 100);
    html.open(
        "svg",
        "class",
        "bar",
        "viewBox",
        "0 0 100 8",
        "preserveAspectRatio",
        "none",
        "aria-hidden",
        "true");
    html.open("rect", "width", String.format(Locale.ROOT, "%.1f", share), "height", "8");
    html.close("svg").element("span", Html.number(score, 2), "class", "n");
  }
}
