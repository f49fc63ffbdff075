/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseDocumentTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "Pump|Pump failures are common.",
        "Pump|Pump",
        "Pump|^Pump\nIt pumps.^",
        "Pump|Pump\u00A0failures",
        "UK|UK: exports grow.",
        "UK|UK, exports grow.",
        "UK|UK.",
        "UK|(UK) exports",
        "(UK|(UK) exports",
        "What is it?|What is it? It is.",
        "\u5317\u4EAC|\u5317\u4EAC\uFF1A\u9996\u90FD",
        "\u5317\u4EAC|^\u5317\u4EAC\n\u9996\u90FD^",
      })
  void aTitleThatTheTextRepeatsAsAWholeIsNotPutBeforeIt(String title, String text) {
    boolean expected = text.startsWith(title);
    assertEquals(
        expected ? text : title + " " + text, SparseDocument.of("1", title, text).encodedText());
  }

  /** The title's words are other ones than the text's, to one tokenizer or another. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Pump|Pumpkin soup is cooked for an hour.",
        "UK|UKRAINE exports grain.",
        "UK|UK-based firms",
        "Pump|Pump's valve",
        "3|3.5 mm plug",
        "C|C++ is a language",
        "C|C# is a language",
        "AT|AT&T",
        "e|e\u0301t\u00E9",
        "Pump|pump failures",
        "Pump|The Pump",
        "\u5317\u4EAC|\u5317\u4EAC\u70E4\u9E2D",
        "a|a\uD835\uDC00",
      })
  void aTitleIsNeverLostInAnotherWord(String title, String text) {
    assertEquals(title + " " + text, SparseDocument.of("1", title, text).encodedText());
    assertEquals(
        List.of(title + " " + text),
        PassageSplitter.of(100).encodedTexts(SparseDocument.of("1", title, text)));
  }

  @Test
  void aBlankTitleIsNoTitle() {
    assertEquals("text", SparseDocument.of("1", "", "text").encodedText());
    assertEquals(" text", SparseDocument.of("1", " ", " text").encodedText());
  }

  /**
   * Whatever is put behind what: all words of the title, between spaces, are in what is encoded.
   */
  @Test
  void everyWordOfATitleIsEncoded() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    String[] pieces = {"a", "b", " ", ".", "'", "-", "\n", "\u0301", "\uFF1A", "\u5317", "7", "+"};
    for (int round = 0; round < 20_000; round++) {
      String title = join(random, pieces, 3).strip();
      String text = (random.nextBoolean() ? title : "") + join(random, pieces, 4);
      String encoded = SparseDocument.of("1", title, text).encodedText();
      String words = " " + encoded.replaceAll("[^\\p{L}\\p{M}\\p{N}+-]+", " ") + " ";
      for (String word : title.replaceAll("[^\\p{L}\\p{M}\\p{N}+-]+", " ").strip().split(" ")) {
        assertEquals(
            true,
            word.isEmpty() || words.contains(" " + word + " "),
            "seed " + seed + ": <" + title + "> <" + text + "> <" + encoded + ">");
      }
    }
  }

  private static String join(Random random, String[] pieces, int most) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(most + 1); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  /** Stored in UTF-8, it would be another text than the one that was encoded. */
  @ParameterizedTest
  @CsvSource({"half \ud83d of it, x, title", "x, half \ud83d of it, text"})
  void halfASurrogatePairIsRefused(String title, String text, String what) {
    var e = assertThrows(IllegalArgumentException.class, () -> SparseDocument.of("7", title, text));
    assertEquals(
        "document \"7\": the " + what + " holds half of a character: \\ud83d without its partner",
        e.getMessage());
  }
}
