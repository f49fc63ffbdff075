/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.time.Duration;

/**
 * How long a download goes on when it does not go well.
 *
 * @param retries number of times that it is tried again without progress
 * @param progress number of new bytes that count as progress
 * @param pause before the first of these; twice as long before each further one
 * @param longestPause longest pause, also if the server asks for a longer one
 * @param stall time without a byte after which a connection is given up
 */
record Patience(int retries, long progress, Duration pause, Duration longestPause, Duration stall) {
  static final Patience DEFAULT =
      new Patience(
          6, 8 << 20, Duration.ofSeconds(1), Duration.ofSeconds(60), Duration.ofSeconds(60));

  /** The pause before a retry, counted from 0. */
  Duration before(int retry, Duration asked) {
    Duration doubled = pause.multipliedBy(1L << Math.min(retry, 20));
    Duration wanted = doubled.compareTo(asked) < 0 ? asked : doubled;
    return wanted.compareTo(longestPause) < 0 ? wanted : longestPause;
  }
}
