/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class HtmlReportTest {

  private static final long SEED = 7;

  @Test
  void figuresCanBeReadWithoutJavaScript() throws IOException {
    CollectionResult result = made("cranfield", 30, MadeUpResults::english);
    CollectionStatistics statistics = CollectionStatistics.of(result, SEED);
    String html = withoutScripts(html(statistics));
    for (Measure measure : result.measures()) {
      for (CollectionStatistics.SystemFigures figures : statistics.figures(measure)) {
        assertTrue(html.contains(String.format(Locale.ROOT, "%.4f", figures.mean())));
        figures
            .comparison()
            .ifPresent(
                comparison ->
                    assertTrue(
                        html.contains(">" + Html.probability(comparison.tTestAdjusted()) + "<")
                            || html.contains(">&lt; 0.0001<")));
      }
    }
    result
        .settings()
        .forEach((name, value) -> assertTrue(html.contains(name) && html.contains(value), name));
    for (ExampleQuery example : result.examples()) {
      assertTrue(html.contains(example.text()));
    }
  }

  /** The names of elements and attributes are the report's own, whatever the documents hold. */
  @Test
  void whatSystemsAndDocumentsAreCalledIsNeverMarkup() throws IOException {
    int hostile = MadeUpResults.HOSTILE.size();
    String harmless = html(CollectionStatistics.of(made("x", hostile, i -> "words"), SEED));
    CollectionResult result =
        MadeUpResults.collection(
            MadeUpResults.HOSTILE.get(2),
            "en",
            hostile,
            List.of(MadeUpResults.HOSTILE.get(0), MadeUpResults.HOSTILE.get(1)),
            i -> "q" + i + MadeUpResults.HOSTILE.get(i),
            i -> MadeUpResults.HOSTILE.get(i % hostile),
            new Random(3));
    String html = html(CollectionStatistics.of(result, SEED));
    assertEquals(count(harmless, "<script"), count(html, "<script"));
    assertEquals(count(harmless, "</script"), count(html, "</script"));
    assertEquals(count(harmless, "<style"), count(html, "<style"));
    assertFalse(html.contains("<img"));
    assertFalse(html.contains("<!--"));
    assertFalse(withoutScripts(html).contains("' onmouseover"));
    assertTrue(StandardCharsets.UTF_8.newEncoder().canEncode(html), "half a surrogate pair");
    assertFalse(html.chars().anyMatch(c -> c < ' ' && c != '\n'), "control characters");
  }

  @Test
  void nothingIsRequested() throws IOException {
    String html = html(CollectionStatistics.of(made("x", 5, MadeUpResults::english), SEED));
    String markup = withoutScripts(html);
    assertFalse(markup.contains("src="));
    assertFalse(markup.contains("url("));
    assertFalse(markup.contains("@import"));
    assertFalse(markup.contains("http://") || markup.contains("https://"));
    assertTrue(markup.contains("default-src &#39;none&#39;"));
    assertFalse(markup.contains("unsafe"));
  }

  @Test
  void severalCollectionsHaveTheirAverages() throws IOException {
    List<CollectionStatistics> collections = new ArrayList<>();
    for (String language : List.of("en", "zh", "en")) {
      CollectionResult result =
          MadeUpResults.collection(
              language + collections.size(),
              language,
              20,
              List.of("BM25", "m3lex"),
              i -> "q" + i,
              MadeUpResults::english,
              new Random(collections.size()));
      collections.add(CollectionStatistics.of(result, SEED));
    }
    List<Average> averages = Average.of(collections);
    assertEquals(List.of(2, 3), averages.stream().map(Average::collections).toList());
    assertEquals("en", averages.getFirst().language().orElseThrow());
    double english =
        (mean(collections.get(0), Measure.NDCG_10) + mean(collections.get(2), Measure.NDCG_10)) / 2;
    assertEquals(english, averages.getFirst().systems().get("m3lex").get(Measure.NDCG_10), 1e-12);
    double all = (2 * english + mean(collections.get(1), Measure.NDCG_10)) / 3;
    assertEquals(all, averages.getLast().systems().get("m3lex").get(Measure.NDCG_10), 1e-12);
    String html = withoutScripts(html(collections.toArray(CollectionStatistics[]::new)));
    assertTrue(html.contains("Average, English"));
    assertTrue(html.contains("Average of all"));
    assertTrue(html.contains("Chinese"));
    assertTrue(html.contains(Html.number(all, 4)));
  }

  @Test
  void aSystemThatSomeCollectionsLackHasNoAverage() throws IOException {
    CollectionStatistics both = CollectionStatistics.of(made("a", 5, MadeUpResults::english), SEED);
    CollectionStatistics one =
        CollectionStatistics.of(
            MadeUpResults.collection(
                "b", "en", 5, List.of("BM25"), i -> "q" + i, MadeUpResults::english, new Random(1)),
            SEED);
    assertEquals(
        List.of("BM25"), List.copyOf(Average.of(List.of(both, one)).getFirst().systems().keySet()));
    assertTrue(html(both, one).contains("\u2013"));
  }

  @Test
  void oneQueryOneSystemAndRunsAloneAreReportedToo() throws IOException {
    CollectionResult one = made("one", 1, MadeUpResults::english);
    assertTrue(html(CollectionStatistics.of(one, SEED)).contains("1 judged query"));
    String runs = withoutScripts(html(CollectionStatistics.of(MadeUpResults.runsOnly(one), SEED)));
    assertFalse(runs.contains("data-chart=\"latency\""));
    assertFalse(runs.contains("0 documents"));
    CollectionResult single =
        MadeUpResults.collection(
            "x", "en", 9, List.of("m3lex"), i -> "q" + i, MadeUpResults::english, new Random(1));
    String alone = withoutScripts(html(CollectionStatistics.of(single, SEED)));
    assertTrue(alone.contains("m3lex on x"));
    assertFalse(alone.contains("Differences from"));
  }

  @Test
  void longTextsAreCutBetweenCharacters() throws IOException {
    for (String character : List.of("\uD83D\uDC4D\uD83C\uDFFD", "\u0928\u0940", "\u4e2d")) {
      CollectionResult result = made("x", 3, i -> character.repeat(2_000));
      String html = withoutScripts(html(CollectionStatistics.of(result, SEED)));
      assertFalse(html.contains("\uFFFD"), character);
      assertTrue(html.contains("are left out here"), character);
      int cut = html.indexOf(" \u2026</p>");
      assertTrue(html.substring(0, cut).endsWith(character), character);
    }
  }

  @Test
  void whatDoesNotFitTogetherIsRefused() throws IOException {
    assertThrows(
        IllegalArgumentException.class, () -> HtmlReport.write(List.of(), new StringWriter()));
    CollectionResult result = made("x", 3, MadeUpResults::english);
    IllegalArgumentException twice =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                CollectionStatistics.of(
                    with(result, List.of(result.systems().get(0), result.systems().get(0))), SEED));
    assertEquals(
        "collection x has two systems named \"BM25\"; name them differently", twice.getMessage());
    SystemResult short1 =
        new SystemResult(
            result.systems().get(1).run(),
            Map.of(Measure.NDCG_10, List.of(1.0)),
            List.of(),
            Map.of());
    IllegalArgumentException missing =
        assertThrows(
            IllegalArgumentException.class,
            () -> CollectionStatistics.of(with(result, List.of(short1)), SEED));
    assertEquals(
        "collection x: system \"m3lex\" has 1 values of nDCG@10 for 3 queries",
        missing.getMessage());
  }

  @Test
  void numbersHaveTheSignsThatPeopleRead() {
    assertEquals("+0.0180", Html.difference(0.018, 4));
    assertEquals("\u22120.0180", Html.difference(-0.018, 4));
    assertEquals("0.0000", Html.difference(-0.00001, 4));
    assertEquals("0.0000", Html.difference(0.00001, 4));
    assertEquals("< 0.0001", Html.probability(0.00009));
    assertEquals("1,234", Html.count(1234));
  }

  @Test
  void percentilesAreValues() {
    List<Double> hundred = new ArrayList<>();
    for (int i = 100; i > 0; i--) {
      hundred.add((double) i);
    }
    Percentiles percentiles = new Percentiles(hundred);
    assertEquals(50, percentiles.at(50));
    assertEquals(90, percentiles.at(90));
    assertEquals(99, percentiles.at(99));
    assertEquals(1, percentiles.at(0));
    assertEquals(100, percentiles.at(100));
    assertEquals(7, percentiles.at(7));
    assertEquals(5, new Percentiles(List.of(5.0)).at(99));
    assertEquals(50.5, percentiles.mean());
  }

  private static CollectionResult with(CollectionResult result, List<SystemResult> systems) {
    return new CollectionResult(
        result.collection(),
        result.language(),
        result.documents(),
        result.queries(),
        result.texts(),
        result.qrels(),
        result.measures(),
        systems,
        List.of(),
        Map.of());
  }

  private static CollectionResult made(String name, int queries, IntFunction<String> texts)
      throws IOException {
    return MadeUpResults.collection(
        name, "en", queries, List.of("BM25", "m3lex"), i -> "q" + i, texts, new Random(5));
  }

  private static double mean(CollectionStatistics collection, Measure measure) {
    return collection.figures(measure).get(1).mean();
  }

  private static String html(CollectionStatistics... collections) throws IOException {
    StringWriter out = new StringWriter();
    HtmlReport.write(List.of(collections), out);
    return out.toString();
  }

  private static String withoutScripts(String html) {
    return html.replaceAll("(?s)<script.*?</script>", "");
  }

  private static int count(String text, String part) {
    return text.split(java.util.regex.Pattern.quote(part), -1).length;
  }
}
