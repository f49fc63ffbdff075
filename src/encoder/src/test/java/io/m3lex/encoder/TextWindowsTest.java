/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.encoder.TextWindows.Window;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TextWindowsTest {

  @Test
  void aTextThatFitsIsOneWindow() {
    assertEquals(List.of(new Window(0, 510, 0, 510)), TextWindows.over(510, 510));
    assertEquals(List.of(new Window(0, 1, 0, 1)), TextWindows.over(1, 510));
    assertEquals(List.of(), TextWindows.over(0, 510));
  }

  @Test
  void neighboursShareTheOverlapAndTheLastWindowIsFull() {
    assertEquals(
        List.of(
            new Window(0, 510, 0, 478),
            new Window(446, 956, 478, 924),
            new Window(490, 1000, 924, 1000)),
        TextWindows.over(1000, 510));
  }

  @Test
  void everyTokenIsUsedOnceAndSeenWithContext() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 10_000; round++) {
      int capacity = TextWindows.OVERLAP + 1 + random.nextInt(600);
      int tokens = random.nextInt(5_000);
      int next = 0;
      for (Window window : TextWindows.over(tokens, capacity)) {
        String where = window + " of " + tokens + " by " + capacity + ", seed " + seed;
        assertEquals(next, window.usedStart(), where);
        next = window.usedEnd();
        assertTrue(window.usedStart() < window.usedEnd(), where);
        assertTrue(window.end() - window.start() == Math.min(tokens, capacity), where);
        int context = TextWindows.OVERLAP / 2;
        assertTrue(window.start() == 0 || window.usedStart() - window.start() >= context, where);
        assertTrue(window.end() == tokens || window.end() - window.usedEnd() >= context, where);
      }
      assertEquals(tokens, next, "seed " + seed);
    }
  }

  @Test
  void refusesWindowsThatCannotOverlap() {
    assertThrows(IllegalArgumentException.class, () -> TextWindows.over(100, TextWindows.OVERLAP));
  }
}
