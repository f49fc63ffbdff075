/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.m3lex.Chromium;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser. Pictures of it are left in {@code target/report}. */
class SearchPageBrowserTest {

  private static final String HOSTILE =
      "<img src=x onerror=\"window.hacked = 1\"><script>window.hacked = 1</script> zebra </p>";

  @TempDir private static Path folder;

  private static Chromium browser;
  private static LexicalEncoder encoder;
  private static SparseIndex index;
  private static SparseServer server;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = Chromium.find();
    assumeTrue(
        program.isPresent(),
        "there is no chromium on the PATH, so the page is not tested in a browser"
            + " (Debian: apt-get install chromium)");
    encoder = LexicalEncoder.openDefault();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (SparseDocument document : RunningServer.sample()) {
        writer.put(document);
      }
      writer.put(SparseDocument.of("hostile" + HOSTILE, HOSTILE + "title", HOSTILE.repeat(40)));
      writer.put(
          SparseDocument.of(
              "ar",
              "\u0639\u0627\u0635\u0645\u0629 \u0645\u0635\u0631",
              "\u0627\u0644\u0642\u0627\u0647\u0631\u0629 \u0647\u064a \u0639\u0627\u0635\u0645\u0629 \u0645\u0635\u0631"));
      writer.put(
          SparseDocument.of(
              "zh", "\u4e2d\u56fd", "\u5317\u4eac\u662f\u4e2d\u56fd\u7684\u9996\u90fd"));
      writer.put(
          SparseDocument.of(
              "hi",
              "\u092d\u093e\u0930\u0924",
              "\u0926\u093f\u0932\u094d\u0932\u0940 \u092d\u093e\u0930\u0924 \u0915\u0940 \u0930\u093e\u091c\u0927\u093e\u0928\u0940 \u0939\u0948"));
      writer.commit();
    }
    index = SparseIndex.open(folder, encoder);
    server =
        SparseServer.start(
            new ServedIndex("sample", index, encoder, null, encoder.model().report()),
            ServerSettings.DEFAULT);
    browser = Chromium.start(program.get());
  }

  @AfterAll
  static void close() throws IOException {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
      index.close();
      encoder.close();
    }
  }

  @Test
  void hitsAndTheirReasonsAreShownAtAllWidthsAndInBothColourSchemes() throws IOException {
    Path pictures = Files.createDirectories(Path.of("target", "report"));
    for (int width : new int[] {1280, 390, 360}) {
      for (boolean dark : new boolean[] {false, true}) {
        browser.view(width, 900, dark);
        search("is RAID a replacement for backups");
        assertEquals("raid-levels", text("#m3lex .id"));
        assertTrue(number("document.querySelectorAll('#bm25 > li').length") > 0);
        assertTrue(
            browser
                .evaluate(
                    "[...document.querySelectorAll('#m3lex mark')].map(m => m.textContent).join(' ')")
                .asText()
                .contains("RAID"));
        assertTrue(
            number("document.querySelector('#m3lex .bar rect').getBoundingClientRect().width") > 5);
        assertTrue(text("#about").contains(encoder.fingerprint().sha256()));
        assertTrue(text("#about").contains("golden weights are those of the manifest"));
        browser.evaluate("document.querySelector('#m3lex details summary').click()");
        until("document.querySelectorAll('#m3lex details tbody tr').length > 2");
        assertFits(width);
        for (boolean whole : new boolean[] {false, true}) {
          Files.write(
              pictures.resolve(
                  "search-%d-%s%s.png"
                      .formatted(width, dark ? "dark" : "light", whole ? "-whole" : "")),
              browser.screenshot(whole));
        }
        assertClean();
      }
    }
  }

  @Test
  void whatIsHostileStaysText() throws IOException {
    for (int width : new int[] {1280, 360}) {
      browser.view(width, 900, false);
      search("zebra " + HOSTILE);
      browser.evaluate("document.querySelectorAll('button.plain').forEach(b => b.click())");
      browser.evaluate("document.querySelector('#m3lex details summary').click()");
      until("document.querySelectorAll('#m3lex details tbody tr').length > 1");
      assertTrue(text("#m3lex").contains("<img src=x"), text("#m3lex"));
      assertEquals("undefined", browser.evaluate("typeof window.hacked").asText());
      assertEquals(0, number("document.images.length"));
      assertEquals(1, number("document.scripts.length"));
      assertFits(width);
      assertClean();
    }
  }

  @Test
  void otherScriptsHaveTheirDirectionAndLanguage() throws IOException {
    browser.view(390, 900, true);
    search("\u0639\u0627\u0635\u0645\u0629 \u0645\u0635\u0631");
    assertEquals(
        "rtl",
        browser
            .evaluate("getComputedStyle(document.querySelector('#m3lex .words')).direction")
            .asText());
    assertEquals("ar", browser.evaluate("document.querySelector('#m3lex .words').lang").asText());
    search("\u4e2d\u56fd\u7684\u9996\u90fd");
    assertEquals("zh", browser.evaluate("document.querySelector('#m3lex .words').lang").asText());
    search("\u092d\u093e\u0930\u0924");
    assertEquals("hi", browser.evaluate("document.querySelector('#m3lex .words').lang").asText());
    assertFits(390);
    assertClean();
  }

  @Test
  void theKeyboardReachesEverythingAndSearches() throws IOException {
    browser.view(1280, 900, false);
    browser.open(server.uri());
    until("document.querySelector('#about table') !== null");
    browser.evaluate(
        "document.getElementById('query').focus(); document.execCommand('insertText', false, 'electric car')");
    // A form is sent by Enter; the browser does that for a key with text only.
    browser.evaluate("document.getElementById('form').requestSubmit()");
    until("document.querySelectorAll('#m3lex > li').length > 0");
    browser.evaluate("document.activeElement.blur(); scrollTo(0, 0)");
    double all =
        number(
            "[...document.querySelectorAll('a, button, input, select, summary, [tabindex=\"0\"]')]"
                + ".filter(e => e.checkVisibility()).length");
    Set<String> reached = new LinkedHashSet<>();
    browser.evaluate("window.met = new Set()");
    for (int i = 0; i < all + 5; i++) {
      browser.press("Tab");
      reached.add(
          browser
              .evaluate("met.add(document.activeElement); document.activeElement.tagName")
              .asText());
    }
    assertEquals(
        "",
        browser
            .evaluate(
                "[...document.querySelectorAll('a, button, input, select, summary, [tabindex=\"0\"]')]"
                    + ".filter(e => e.checkVisibility() && !met.has(e)).map(e => e.outerHTML).join(' ')")
            .asText());
    assertTrue(
        reached.containsAll(Set.of("A", "INPUT", "SELECT", "BUTTON", "SUMMARY")),
        reached::toString);
    assertEquals(
        "",
        browser
            .evaluate(
                "[...document.querySelectorAll('input, select')].filter(e => e.labels.length === 0).map(e => e.id).join(' ')")
            .asText());
    assertClean();
  }

  @Test
  void anErrorIsSaidWhereTheResultWouldBe() throws IOException {
    browser.view(390, 900, false);
    browser.open(server.uri());
    until("document.querySelector('#about table') !== null");
    browser.evaluate(
        "document.getElementById('query').value = 'x'.repeat(10001);"
            + " document.getElementById('form').requestSubmit()");
    until("document.getElementById('status').classList.contains('failed')");
    assertTrue(text("#status").contains("10001 characters"), text("#status"));
  }

  private static void search(String query) throws IOException {
    browser.open(
        URI.create(server.uri() + "?q=" + URLEncoder.encode(query, StandardCharsets.UTF_8)));
    until(
        "document.querySelectorAll('#m3lex > li').length > 0 && document.querySelector('#about table') !== null");
  }

  private static void until(String condition) throws IOException {
    assertTrue(
        browser
            .evaluate(
                ("new Promise(done => { const end = Date.now() + 20000; const look = () => {"
                        + " if (%s) done(true); else if (Date.now() > end) done(false);"
                        + " else setTimeout(look, 20); }; look(); })")
                    .formatted(condition))
            .asBoolean(),
        condition);
  }

  private static String text(String selector) throws IOException {
    return browser.evaluate("document.querySelector('" + selector + "').textContent").asText();
  }

  private static double number(String script) throws IOException {
    return browser.evaluate(script).asDouble();
  }

  private static void assertClean() {
    assertEquals(List.of(), browser.problems());
    for (String request : browser.requests()) {
      assertTrue(
          request.startsWith(server.uri().toString()) || request.startsWith("data:"), request);
    }
  }

  private static void assertFits(int width) throws IOException {
    int needed = browser.evaluate("document.documentElement.scrollWidth").asInt();
    assertTrue(needed <= width, needed + " pixels are needed of " + width);
  }
}
