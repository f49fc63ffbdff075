/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.Lock;
import org.apache.lucene.util.ThreadInterruptedException;

/**
 * Keeps interrupts of callers away from the files of an index: Java closes a file that an
 * interrupted thread is at, the index's lock among them, and Lucene's writer does not survive that.
 * So work on files is done by threads that nobody interrupts, while the caller waits. What only
 * gathers documents in memory is not worth two changes of threads: it is done in place, and an
 * interrupt waits for its end. Safe for use by several threads.
 */
final class Shield implements AutoCloseable {

  private final ExecutorService threads = Executors.newCachedThreadPool(Shield::thread);

  /** Work that reads or writes files. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  /** Work without a result. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  /** Does work to its end, whatever happens to the calling thread; an interrupted one stays so. */
  <T> T call(Work<T> work) throws IOException {
    return call(work, threads, () -> {});
  }

  /** Like {@link #call}, without a result. */
  void run(Action action) throws IOException {
    call(
        () -> {
          action.run();
          return null;
        });
  }

  /** Like {@link #call}, by a thread of its own. */
  static <T> T callOnce(Work<T> work) throws IOException {
    return callOnce(work, () -> {});
  }

  /**
   * Like {@link #callOnce(Work)}, for work that can be ended.
   *
   * @param interrupted called when the caller is interrupted
   */
  static <T> T callOnce(Work<T> work, Runnable interrupted) throws IOException {
    return call(work, task -> thread(task).start(), interrupted);
  }

  /**
   * Makes a change on the calling thread, and makes it again if an interrupt came while it waited
   * for other threads. An interrupted thread stays so.
   *
   * @param change opens and reads no file; writes none but those of {@link #outputsStayOpen}
   */
  static void delayInterrupts(Action change) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      boolean done = false;
      while (!done) {
        try {
          change.run();
          done = true;
        } catch (ThreadInterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Whether interrupted threads can write to the directory's new files, as stored fields are while
   * documents are gathered. Lucene's directories write to {@code Files.newOutputStream}, whose
   * channel Java keeps open; what any other directory does is unknown.
   */
  static boolean outputsStayOpen(Directory directory) {
    return directory instanceof FSDirectory files
        && files.getDirectory().getFileSystem() == FileSystems.getDefault();
  }

  private static Thread thread(Runnable work) {
    return Thread.ofPlatform().daemon().name("m3lex-index").unstarted(work);
  }

  private static <T> T call(Work<T> work, Executor executor, Runnable onInterrupt)
      throws IOException {
    Callable<T> callable = work::run;
    FutureTask<T> task = new FutureTask<>(callable);
    executor.execute(task);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
          onInterrupt.run();
        }
      }
    } catch (ExecutionException e) {
      throw asCallers(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException asCallers(Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return (IOException) cause;
  }

  /**
   * The directory, with a lock that outlives interrupts of those who close a reader of a writer.
   *
   * @param keeping whether no file is deleted at the moment
   */
  Directory guarded(Directory directory, BooleanSupplier keeping) {
    return new FilterDirectory(directory) {
      @Override
      public void deleteFile(String name) throws IOException {
        if (!keeping.getAsBoolean()) {
          super.deleteFile(name);
        }
      }

      @Override
      public Lock obtainLock(String name) throws IOException {
        Lock lock = super.obtainLock(name);
        return new Lock() {
          @Override
          public void ensureValid() throws IOException {
            Shield.this.run(lock::ensureValid);
          }

          @Override
          public void close() throws IOException {
            lock.close();
          }
        };
      }
    };
  }

  /** Ends the threads when nothing is left to do. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
