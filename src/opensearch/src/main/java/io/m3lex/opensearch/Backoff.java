/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The growing waits between the attempts of one request, up to an end. Each wait is drawn from the
 * upper half of a range that doubles, so that several clients do not come at the same moment.
 */
final class Backoff {

  private static final long FIRST_MILLIS = 250;
  private static final long LONGEST_MILLIS = 15_000;

  private final Duration patience;
  private long since = System.nanoTime();
  private long range = FIRST_MILLIS;

  /**
   * Waits for so long in all.
   *
   * @param patience 0 for no second attempt
   */
  Backoff(Duration patience) {
    this.patience = patience;
  }

  /** Something succeeded: patience begins anew. */
  void reset() {
    since = System.nanoTime();
    range = FIRST_MILLIS;
  }

  /**
   * Waits before the next attempt.
   *
   * @param asked how long the cluster asks to wait; null if it does not say
   * @return false if patience has ended, or would during the wait
   */
  boolean pause(Duration asked) throws InterruptedException {
    long wait = range / 2 + ThreadLocalRandom.current().nextLong(range / 2 + 1);
    if (asked != null) {
      wait = Math.max(wait, asked.toMillis());
    }
    long left = patience.toMillis() - (System.nanoTime() - since) / 1_000_000;
    if (wait > left) {
      return false;
    }
    Thread.sleep(wait);
    range = Math.min(LONGEST_MILLIS, 2 * range);
    return true;
  }
}
