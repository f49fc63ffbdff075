/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PassageSplitterTest {

  /** The JDK's other implementation of what a letter with its marks is. */
  private static final Pattern LETTER = Pattern.compile("\\X");

  private static List<String> texts(PassageSplitter splitter, String text) {
    return splitter.split(text).stream().map(Passage::text).toList();
  }

  @Test
  void paragraphsAreBetterThanSentencesAndThoseThanWords() {
    PassageSplitter splitter = new PassageSplitter(40, 0);
    assertEquals(
        List.of("First one here. Second one.", "Third one is longer. It ends."),
        texts(splitter, "First one here. Second one.\n\nThird one is longer. It ends."));
    assertEquals(
        List.of("The first sentence is here.", "The second sentence follows it."),
        texts(splitter, "The first sentence is here. The second sentence follows it."));
    assertEquals(
        List.of("words and words and words and words and", "words and words"),
        texts(splitter, "words and words and words and words and words and words"));
    assertEquals(
        List.of("x".repeat(40), "x".repeat(40), "x".repeat(5)), texts(splitter, "x".repeat(85)));
  }

  @Test
  void passagesOverlapBySentencesThatFit() {
    PassageSplitter splitter = new PassageSplitter(60, 30);
    assertEquals(
        List.of(
            "Here is sentence one. And now number two. Then comes three.",
            "Then comes three. Four is next. Five is the last of them."),
        texts(
            splitter,
            "Here is sentence one. And now number two. Then comes three. Four is next. Five is the last of them."));
  }

  @Test
  void shortAndEmptyTextsAreOnePassage() {
    PassageSplitter splitter = PassageSplitter.of(100);
    assertEquals(List.of(new Passage(0, 0, "")), splitter.split(""));
    assertEquals(List.of(new Passage(0, 3, " \n ")), splitter.split(" \n "));
    assertEquals(List.of(new Passage(2, 6, "text")), splitter.split("  text "));
  }

  @Test
  void lettersStayWhole() {
    PassageSplitter splitter = new PassageSplitter(16, 0);
    String family = "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67";
    assertEquals(List.of(family + family, family + family), texts(splitter, family.repeat(4)));
    String long1 = "e" + "\u0301".repeat(50);
    assertEquals(List.of(long1, "abcdef"), texts(splitter, long1 + "abcdef"));
  }

  @Test
  void aLetterThatDoesNotFitInTheRestBeginsANewPassage() {
    String family = "\uD83D\uDC68\u200D\uD83D\uDC69";
    String flag = "\uD83C\uDDE9\uD83C\uDDEA" + "\u0301\u0302".repeat(4);
    assertEquals(List.of(family, flag), texts(new PassageSplitter(16, 8), family + flag));
  }

  @Test
  void randomTextsAreCoveredInOrderWithinTheLimits() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    String[] pieces = {
      "word ",
      "word",
      "Sentence ends. ",
      "Another! ",
      "\n\n",
      "\n",
      "\r\n\r\n",
      "  ",
      "e\u0301",
      "\uD83D\uDE00",
      "\uD83C\uDDE9\uD83C\uDDEA",
      "\u4E2D\u6587\u3002",
      "\uD83D",
      " \u0308",
      "\t",
      "\uD83D\uDC68\u200D\uD83D\uDC69",
      "\u0301\u0302",
      "\u2028",
      "\u0E01\u0E33",
      "\uAC00\u11A8"
    };
    for (int round = 0; round < 10_000; round++) {
      StringBuilder builder = new StringBuilder();
      for (int i = random.nextInt(120); i >= 0; i--) {
        builder.append(pieces[random.nextInt(pieces.length)]);
      }
      String text = builder.toString();
      int characters = 16 + random.nextInt(100);
      PassageSplitter splitter =
          new PassageSplitter(characters, random.nextInt(characters / 2 + 1));
      String message = "seed " + seed + " round " + round;
      boolean[] borders = borders(text);
      boolean[] covered = new boolean[text.length()];
      Passage before = null;
      for (Passage passage : splitter.split(text)) {
        assertEquals(text.substring(passage.start(), passage.end()), passage.text(), message);
        if (text.isBlank()) {
          continue;
        }
        assertTrue(borders[passage.start()] && borders[passage.end()], message + " " + passage);
        assertTrue(
            passage.text().length() <= characters || isOneLetter(passage.text()),
            message + " " + passage);
        if (before != null) {
          assertTrue(passage.start() > before.start(), message);
          assertTrue(passage.end() > before.end(), message);
          assertTrue(before.end() - passage.start() <= splitter.overlap(), message);
        }
        for (int i = passage.start(); i < passage.end(); i++) {
          covered[i] = true;
        }
        before = passage;
      }
      for (int i = 0; i < covered.length; i++) {
        assertTrue(
            covered[i] || Character.isWhitespace(text.charAt(i)) || text.isBlank(),
            message + " loses position " + i);
      }
    }
  }

  private static boolean[] borders(String text) {
    boolean[] borders = new boolean[text.length() + 1];
    borders[0] = true;
    Matcher letters = LETTER.matcher(text);
    while (letters.find()) {
      borders[letters.end()] = true;
    }
    return borders;
  }

  private static boolean isOneLetter(String text) {
    return LETTER.matcher(text).matches();
  }

  @Test
  void hostileTextsTakeNoLonger() {
    PassageSplitter splitter = PassageSplitter.of(500);
    for (String piece : List.of("x", "\uD83D\uDE00", ". ", "\n", " ", "\u4E2D")) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(30), () -> splitter.split(piece.repeat(500_000)), piece);
    }
  }

  @Test
  void limitsOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PassageSplitter(15, 0));
    assertThrows(IllegalArgumentException.class, () -> new PassageSplitter(100, 51));
    assertThrows(IllegalArgumentException.class, () -> new PassageSplitter(100, -1));
  }
}
