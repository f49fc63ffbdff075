package io.m3lex.model;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

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

  /** Does the work at once, on the calling thread. */
  static <T> BackgroundTask<T> finished(Callable<T> work) {
    BackgroundTask<T> done = new BackgroundTask<>(work);
    done.task.run();
    return done;
  }

  /**
   * Waits for the result, also when the thread is interrupted, which it stays: nobody must leave
   * while native code is at work for him.
   *
   * @throws IOException if the work threw it, or any other checked exception
   */
  public T result() throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
