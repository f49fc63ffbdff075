/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordVocabularyTest {

  private static final List<String> PIECES =
      List.of("layer", "layers", "##s", "##ing", ".", "##-", "2026", "##", "wing", "日");

  private static final WordVocabulary VOCABULARY = new WordVocabulary(PIECES::get, PIECES.size());

  @Test
  void wholeWordsOfOneStemShareTheSmallestId() {
    assertEquals(0, VOCABULARY.firstOfStem("layer"));
    assertEquals("layer", VOCABULARY.stem(1));
    assertEquals(WordVocabulary.RARE, VOCABULARY.firstOfStem("s"));
    assertNull(VOCABULARY.stem(2), "a piece that continues a word is none");
    assertNull(VOCABULARY.stem(4), "a full stop is no word");
    assertNull(VOCABULARY.stem(7), "two hash marks are no word");
  }

  @Test
  void piecesAreJoinedAndWordsWithoutLetterOrDigitLeftOut() {
    assertEquals(
        List.of("layer", "2026", "日", "wing", "wings-"),
        VOCABULARY.stems(new int[] {0, 2, 4, 5, 6, 9, 8, 3, 8, 2, 5}));
    assertEquals(List.of("ing"), VOCABULARY.stems(new int[] {3}), "begins with a continuing piece");
    assertEquals(List.of(), VOCABULARY.stems(new int[0]));
  }

  /** Both ways of joining, of ids alone and of states in stretches, must agree. */
  @Test
  void statesAreOfTheSameWordsHoweverTheTextIsCut() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      int[] ids = random.ints(random.nextInt(20), 0, PIECES.size()).toArray();
      List<String> stems = new ArrayList<>();
      WordStates words =
          new WordStates(
              VOCABULARY,
              (stem, state) -> {
                stems.add(stem);
                assertEquals(1, state[0], 1e-6, "the mean of ones, seed " + seed);
              });
      for (int start = 0; start < ids.length; ) {
        int end = start + 1 + random.nextInt(ids.length - start);
        int[] stretch = Arrays.copyOfRange(ids, start, end);
        float[] ones = new float[stretch.length];
        Arrays.fill(ones, 1);
        words.add(
            new TokenStates(
                stretch, new boolean[stretch.length], ones, 1, new float[] {1}, new float[0]));
        start = end;
      }
      words.finish();
      assertEquals(VOCABULARY.stems(ids), stems, "seed " + seed);
    }
  }
}
