/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordExpansionTest {

  /** Against sorting all words by a closeness computed in double precision. */
  @Test
  void closestWordsAreThoseOfAFullSort() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int hidden = 1 + random.nextInt(30);
      int words = 2 + random.nextInt(round % 2 == 0 ? 40 : 600);
      int most = 1 + random.nextInt(words - 1);
      float[] center = numbers(random, hidden);
      byte[] vectors = new byte[words * hidden];
      random.nextBytes(vectors);
      float[] direction = numbers(random, hidden);
      double[] closeness = new double[words];
      double length = 0;
      for (int i = 0; i < hidden; i++) {
        length += Math.pow((double) direction[i] - center[i], 2);
      }
      for (int word = 0; word < words; word++) {
        for (int i = 0; i < hidden; i++) {
          closeness[word] +=
              ((double) direction[i] - center[i]) / Math.sqrt(length) * vectors[word * hidden + i];
        }
      }
      double[] ascending = closeness.clone();
      Arrays.sort(ascending);
      double threshold = ascending[words - 1 - most];
      WordExpansion.Words found = new WordExpansion(center, vectors).closest(direction, most);
      float[] excess = new float[words];
      for (int i = 0; i < found.positions().length; i++) {
        assertTrue(found.excess()[i] > 0, "seed " + seed);
        assertTrue(i == 0 || found.positions()[i - 1] < found.positions()[i], "seed " + seed);
        excess[found.positions()[i]] = found.excess()[i];
      }
      for (int word = 0; word < words; word++) {
        assertEquals(Math.max(0, closeness[word] - threshold), excess[word], 1e-3, "seed " + seed);
      }
    }
  }

  @Test
  void wordsThatTieWithTheFirstLeftOutAreLeftOut() {
    WordExpansion expansion =
        new WordExpansion(new float[] {0, 0}, new byte[] {1, 0, 1, 0, 2, 0, 1, 5});
    WordExpansion.Words found = expansion.closest(new float[] {3, 0}, 2);
    assertArrayEquals(new int[] {2}, found.positions());
    assertArrayEquals(new float[] {1}, found.excess());
  }

  private static float[] numbers(Random random, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }
}
