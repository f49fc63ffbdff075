/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Work that goes on beside the caller's, on a thread of its own.
 *
 * @param <T> what comes of it
 */
public final class BackgroundTask<T> {

  private final FutureTask<T> task;

  private BackgroundTask(Callable<T> work) {
    task = new FutureTask<>(work);
  }

  /** Begins. */
  public static <T> BackgroundTask<T> start(String name, Callable<T> work) {
    BackgroundTask<T> started = new BackgroundTask<>(work);
    Thread.ofPlatform().daemon().name(name).start(started.task);
    return started;
  }

  /**
   * Like {@link #start}, for work in native code: the program does not end before it is done. A
   * library that is unloaded under a running call takes the whole JVM with it.
   */
  public static <T> BackgroundTask<T> startNative(String name, Callable<T> work) {
    CountDownLatch done = new CountDownLatch(1);
    Thread hook = new Thread(() -> awaitUninterruptibly(done), name + "-end");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      return finished(
          () -> {
            throw new CancellationException("The program is being ended.");
          });
    }
    return start(
        name,
        () -> {
          try {
            return work.call();
          } finally {
            done.countDown();
            try {
              Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
              // The program is being ended, and the hook at work.
            }
          }
        });
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // Whoever ends the program waits for native code.
      }
    }
  }

  /** Does the work at once, on the calling thread. */
  public static <T> BackgroundTask<T> finished(Callable<T> work) {
    BackgroundTask<T> done = new BackgroundTask<>(work);
    done.task.run();
    return done;
  }

  /** Does work on a thread that no interrupt of the caller reaches, and waits for it. */
  public static <T> T uninterrupted(String name, Supplier<T> work) {
    return result(start(name, work::get).task);
  }

  /**
   * Waits for the result, also when the thread is interrupted, which it stays: nobody must leave
   * while native code is at work for him.
   *
   * @throws IOException if the work threw it, or any other checked exception
   */
  public T result() throws IOException {
    try {
      return await(task);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      rethrowUnchecked(e);
      throw new IOException(e.getCause());
    }
  }

  /**
   * Waits, as {@link #result()} does, for work that throws no checked exception.
   *
   * @throws IllegalStateException if it did
   */
  public static <T> T result(Future<T> work) {
    try {
      return await(work);
    } catch (ExecutionException e) {
      rethrowUnchecked(e);
      throw new IllegalStateException(e.getCause());
    }
  }

  private static void rethrowUnchecked(ExecutionException e) {
    if (e.getCause() instanceof RuntimeException cause) {
      throw cause;
    }
    if (e.getCause() instanceof Error cause) {
      throw cause;
    }
  }

  private static <T> T await(Future<T> work) throws ExecutionException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return work.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
