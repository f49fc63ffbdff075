/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a command end cleanly when it is interrupted (Ctrl-C, SIGTERM): the signal is noted, and the
 * program stays alive until the command has finished what it is at and closed this, for a minute at
 * most. What the command has to say about it must be printed before that: not in a catch clause of
 * the statement that closes this, which runs after.
 */
final class Interruption implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 60;

  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook = new Thread(this::awaitCommand, "interruption");
  private final CountDownLatch signal = new CountDownLatch(1);
  private volatile boolean requested;

  Interruption() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void awaitCommand() {
    requested = true;
    signal.countDown();
    try {
      finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the command shall end. */
  boolean requested() {
    return requested;
  }

  /** Returns when the command shall end, or the thread is interrupted; it stays so. */
  void await() {
    try {
      signal.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    finished.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The program has begun to end in this moment; the hook returns at once.
        requested = true;
      }
    }
  }
}
