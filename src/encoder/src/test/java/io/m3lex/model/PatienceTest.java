/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Pauses grow, follow what a server asks for, and have an end. */
class PatienceTest {

  private static final Patience PATIENCE =
      new Patience(6, 1, Duration.ofSeconds(1), Duration.ofSeconds(10), Duration.ofSeconds(60));

  @Test
  void pausesDoubleUpToTheLongest() {
    assertEquals(List.of(1L, 2L, 4L, 8L, 10L, 10L), seconds(Duration.ZERO, 6));
    assertEquals(Duration.ofSeconds(10), PATIENCE.before(Integer.MAX_VALUE, Duration.ZERO));
  }

  @Test
  void aServerCanAskForMoreButNotForLess() {
    assertEquals(List.of(3L, 3L, 4L), seconds(Duration.ofSeconds(3), 3));
    assertEquals(List.of(10L), seconds(Duration.ofDays(1), 1));
  }

  private static List<Long> seconds(Duration asked, int retries) {
    return IntStream.range(0, retries)
        .mapToObj(retry -> PATIENCE.before(retry, asked).toSeconds())
        .toList();
  }
}
