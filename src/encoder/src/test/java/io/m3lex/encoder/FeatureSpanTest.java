/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.FeatureSpan;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Features are found in the text that they come from. */
class FeatureSpanTest {

  private static final String[] PARTS = {
    "Kettles",
    "limescale",
    "don't",
    "RAID",
    "\ud83d\ude00",
    "caf\u00e9",
    "\ufb01lter",
    " ",
    "  ",
    "-",
    "\n",
    "\u4e2d\u56fd",
    "\u0915\u094d\u0937",
    "antidisestablishmentarianism",
    "[CLS]",
    "3.5",
    "\u0645\u0635\u0631",
    "e\u0301",
    "\u0130stanbul",
    "\u200d"
  };

  @Test
  void wordsOfSeveralPiecesAndBehindEmojiAreWhole() throws IOException {
    String text = "\ud83d\ude00 The Kettles' limescale dissolves.";
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      assertEquals(
          List.of("The", "Kettles", "limescale", "dissolves"),
          encoder.spans(text).stream()
              .map(span -> text.substring(span.start(), span.end()))
              .filter(word -> word.codePoints().allMatch(Character::isLetter))
              .toList());
    }
  }

  @Test
  void halfASurrogatePairMovesNothing() throws IOException {
    String text = "a \ud83d kettle";
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      FeatureSpan last = encoder.spans(text).getLast();
      assertEquals("kettle", text.substring(last.start(), last.end()));
    }
  }

  @Test
  void everyFeatureOfATextHasItsStretchAndNoneOverlap() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      for (int round = 0; round < 100; round++) {
        StringBuilder made = new StringBuilder();
        for (int i = random.nextInt(20); i >= 0; i--) {
          made.append(PARTS[random.nextInt(PARTS.length)]);
          made.append(random.nextBoolean() ? " " : "");
        }
        String text = made.toString();
        String where =
            "seed "
                + seed
                + text.chars()
                    .mapToObj(" %x"::formatted)
                    .collect(Collectors.joining("", ", characters", " "));
        List<FeatureSpan> spans = encoder.spans(text);
        int end = 0;
        for (FeatureSpan span : spans) {
          assertTrue(span.start() >= end && span.end() > span.start(), where + span);
          end = span.end();
        }
        assertTrue(end <= text.length(), where);
        Set<String> found = spans.stream().map(FeatureSpan::feature).collect(Collectors.toSet());
        SparseVector vector = encoder.encode(text, TextRole.DOCUMENT).vector();
        Set<String> missing = new HashSet<>(vector.toMap().keySet());
        missing.removeIf(feature -> feature.startsWith("~"));
        missing.removeAll(found);
        assertEquals(Set.of(), missing, where);
      }
    }
  }
}
