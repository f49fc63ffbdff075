/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.m3lex.Chromium;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report in a real browser. Pictures of it are left in {@code target/report}. */
class HtmlReportBrowserTest {

  private static final List<String> SYSTEMS = List.of("BM25", "m3lex", "m3lex approximate 0.9");

  private static Chromium browser;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = Chromium.find();
    assumeTrue(
        program.isPresent(),
        "there is no chromium on the PATH, so the report is not tested in a browser"
            + " (Debian: apt-get install chromium)");
    browser = Chromium.start(program.get());
  }

  @AfterAll
  static void close() throws IOException {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void theSampleCollectionIsShownAtAllWidthsAndInBothColourSchemes() throws IOException {
    URI page = write(SampleResult.of(TestCollection.sample(), folder.resolve("indexes")));
    Path pictures = Files.createDirectories(Path.of("target", "report"));
    List<String> backgrounds = new ArrayList<>();
    for (int width : new int[] {1280, 390, 360}) {
      for (boolean dark : new boolean[] {false, true}) {
        browser.view(width, 900, dark);
        open(page);
        assertFits(width);
        assertEquals(3, number("document.querySelectorAll('.plot svg').length"));
        assertEquals(
            2, number("document.querySelectorAll('[data-chart=precision] .curve').length") / 2);
        assertTrue(
            number("document.querySelector('.plot path.better').getBBox().height") > 10,
            "no bars were drawn");
        backgrounds.add(
            browser.evaluate("getComputedStyle(document.body).backgroundColor").asText());
        Files.write(
            pictures.resolve("%d-%s.png".formatted(width, dark ? "dark" : "light")),
            browser.screenshot(true));
      }
    }
    assertNotEquals(backgrounds.get(0), backgrounds.get(1));
  }

  @Test
  void chartsFollowTheWidth() throws IOException {
    browser.view(1280, 900, false);
    open(write(made("x", "en", 40)));
    double wide = number("document.querySelector('.plot svg').viewBox.baseVal.width");
    browser.view(390, 900, false);
    browser.evaluate("new Promise(done => setTimeout(done, 300))");
    double narrow = number("document.querySelector('.plot svg').viewBox.baseVal.width");
    assertTrue(narrow < 390 && wide > 390, wide + " and " + narrow);
    assertFits(390);
  }

  @Test
  void whatIsHostileStaysText() throws IOException {
    int count = MadeUpResults.HOSTILE.size();
    CollectionResult hostile =
        MadeUpResults.collection(
            MadeUpResults.HOSTILE.get(2),
            "en",
            count,
            List.of(
                MadeUpResults.HOSTILE.get(0),
                MadeUpResults.HOSTILE.get(11),
                MadeUpResults.HOSTILE.get(5)),
            i -> "q" + i + MadeUpResults.HOSTILE.get(i),
            i -> MadeUpResults.HOSTILE.get(i % count),
            new Random(1));
    for (int width : new int[] {1280, 360}) {
      browser.view(width, 900, false);
      open(write(hostile));
      browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)");
      for (int i = 0; i < count; i++) {
        browser.evaluate(
            "document.querySelector('[role=slider]')"
                + ".dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}))");
      }
      browser.evaluate(
          "{const s = document.querySelector('input'); s.value = 'q';"
              + " s.dispatchEvent(new Event('input'));}");
      assertTrue(number("document.querySelectorAll('.matches button').length") > 0);
      assertEquals("undefined", browser.evaluate("typeof window.hacked").asText());
      assertEquals(0, number("document.images.length"));
      assertEquals(
          "document.body visible",
          browser
              .evaluate(
                  "'document.body ' + (document.body.offsetHeight > 500 ? 'visible' : 'hidden')")
              .asText());
      assertFits(width);
      assertClean();
    }
  }

  @Test
  void sevenThousandQueriesCanBeGoneThroughByKeysPointerAndSearch() throws IOException {
    List<Measure> one = List.of(Measure.NDCG_10);
    CollectionResult made = made("big", "en", 7_000);
    CollectionResult result =
        new CollectionResult(
            made.collection(),
            made.language(),
            made.documents(),
            made.queries(),
            made.texts(),
            made.qrels(),
            one,
            made.systems().subList(0, 2),
            made.examples(),
            made.settings());
    browser.view(1280, 900, false);
    open(write(result));
    String slider = "document.querySelector('[role=slider]')";
    browser.evaluate(slider + ".focus()");
    List<Double> differences = new ArrayList<>();
    for (int q = 0; q < 7_000; q++) {
      differences.add(
          result.systems().get(1).values().get(Measure.NDCG_10).get(q)
              - result.systems().get(0).values().get(Measure.NDCG_10).get(q));
    }
    differences.sort((a, b) -> Double.compare(b, a));
    assertReadout("1 of 7,000", differences.getFirst());
    browser.press("ArrowRight");
    assertReadout("2 of 7,000", differences.get(1));
    browser.press("End");
    assertReadout("7,000 of 7,000", differences.getLast());
    assertEquals("7000", browser.evaluate(slider + ".getAttribute('aria-valuenow')").asText());
    browser.evaluate(
        "{const s = document.querySelector('input'); s.value = 'q4321';"
            + " s.dispatchEvent(new Event('input'));"
            + " document.querySelector('.matches button').click()}");
    assertTrue(readout().contains("q4321"), readout());
    browser.evaluate(
        "{const b = %s.getBoundingClientRect(); %s.dispatchEvent(new PointerEvent('pointermove', {clientX: b.left + b.width / 2}))}"
            .formatted(slider, slider));
    int middle =
        Integer.parseInt(browser.evaluate(slider + ".getAttribute('aria-valuenow')").asText());
    assertTrue(middle > 3_000 && middle < 4_000, "in the middle is query " + middle);
    assertClean();
  }

  @Test
  void severalCollectionsInSeveralScripts() throws IOException {
    List<CollectionStatistics> collections = new ArrayList<>();
    List<List<String>> texts =
        List.of(
            List.of("zh", "\u4e2d\u56fd\u7684\u9996\u90fd\u5728\u54ea\u91cc\uff1f"),
            List.of(
                "ar",
                "\u0645\u0627 \u0647\u064a \u0639\u0627\u0635\u0645\u0629 \u0645\u0635\u0631\u061f"),
            List.of(
                "hi",
                "\u092d\u093e\u0930\u0924 \u0915\u0940 \u0930\u093e\u091c\u0927\u093e\u0928\u0940"));
    for (List<String> text : texts) {
      collections.add(
          CollectionStatistics.of(
              MadeUpResults.collection(
                  "xquad-" + text.getFirst(),
                  text.getFirst(),
                  20,
                  SYSTEMS,
                  i -> "q" + i,
                  i -> text.getLast(),
                  new Random(1)),
              1));
    }
    CollectionStatistics runs =
        CollectionStatistics.of(MadeUpResults.runsOnly(made("runs", "en", 1)), 1);
    collections.add(runs);
    Path file = folder.resolve("several.html");
    try (Writer out = Files.newBufferedWriter(file)) {
      HtmlReport.write(collections, out);
    }
    browser.view(360, 800, true);
    open(file.toUri());
    assertFits(360);
    assertEquals(3 * 3 + 2, number("document.querySelectorAll('.plot svg').length"));
    assertEquals(
        "rtl",
        browser
            .evaluate(
                "getComputedStyle(document.querySelector('#c1 .example summary [dir=auto]')).direction")
            .asText());
    assertEquals("zh", browser.evaluate("document.querySelector('#c0 .words').lang").asText());
    browser.evaluate("location.hash = 'c2-e3'");
    browser.evaluate("new Promise(done => setTimeout(done, 100))");
    assertTrue(browser.evaluate("document.getElementById('c2-e3').open").asBoolean());
    assertTrue(browser.print().length > 10_000);
    assertClean();
  }

  private void open(URI page) throws IOException {
    browser.open(page);
    assertClean();
    assertEquals(List.of(page.toString()), browser.requests());
  }

  private static void assertClean() {
    assertEquals(List.of(), browser.problems());
    assertEquals(1, browser.requests().size(), browser.requests().toString());
  }

  private static void assertFits(int width) throws IOException {
    JsonNode needed = browser.evaluate("document.documentElement.scrollWidth");
    assertTrue(
        needed.asInt() <= width,
        "%s pixels are needed of %d, by %s"
            .formatted(
                needed,
                width,
                browser.evaluate(
                    "[...document.querySelectorAll('body *:not(td, th, tr)')]"
                        + ".filter(e => e.getBoundingClientRect().right > innerWidth"
                        + " && !e.closest('.scroll *'))"
                        + ".map(e => e.tagName + '.' + e.getAttribute('class')).join(' ')")));
  }

  private static void assertReadout(String place, double difference) throws IOException {
    String readout = readout();
    assertTrue(readout.startsWith(place + " "), readout);
    assertTrue(readout.contains("nDCG@10 " + Html.difference(difference, 4)), readout);
  }

  private static String readout() throws IOException {
    return browser.evaluate("document.querySelector('.readout').textContent").asText();
  }

  private static double number(String script) throws IOException {
    JsonNode value = browser.evaluate(script);
    assertFalse(value.isMissingNode(), script);
    return value.asDouble();
  }

  private static CollectionResult made(String name, String language, int queries)
      throws IOException {
    return MadeUpResults.collection(
        name, language, queries, SYSTEMS, i -> "q" + i, MadeUpResults::english, new Random(9));
  }

  private URI write(CollectionResult result) throws IOException {
    Path file = folder.resolve("report.html");
    try (Writer out = Files.newBufferedWriter(file)) {
      HtmlReport.write(List.of(CollectionStatistics.of(result, 42)), out);
    }
    return file.toUri();
  }
}
