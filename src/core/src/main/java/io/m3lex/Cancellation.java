/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.concurrent.CancellationException;

/**
 * How work of m3lex is cancelled: by interrupting the thread that asked for it, as {@link
 * java.util.concurrent.Future#cancel Future.cancel(true)} does. Encoding and searching look for
 * that again and again, and end with a {@link CancellationException}; the thread stays interrupted.
 * Changes of an index are not cancelled halfway: once begun they are finished.
 */
public final class Cancellation {

  private Cancellation() {}

  /**
   * Ends work of the calling thread if it was interrupted. For encoders and other long work of the
   * caller's own; takes a few nanoseconds.
   *
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  public static void check() {
    check(Thread.currentThread());
  }

  /**
   * Like {@link #check()}, for work that is done for another thread.
   *
   * @throws CancellationException if that thread is interrupted; it stays so
   */
  public static void check(Thread caller) {
    if (caller.isInterrupted()) {
      throw exception();
    }
  }

  /** What cancelled work ends with, for those that learn of the interrupt in another way. */
  public static CancellationException exception() {
    return new CancellationException("Cancelled: the thread was interrupted.");
  }
}
