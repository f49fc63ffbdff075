/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.opensearch.common.CheckedSupplier;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.OpenSearchExecutors;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.concurrency.OpenSearchRejectedExecutionException;
import org.opensearch.threadpool.ExecutorBuilder;
import org.opensearch.threadpool.FixedExecutorBuilder;
import org.opensearch.threadpool.Scheduler;
import org.opensearch.threadpool.ThreadPool;

/**
 * The threads that encode, beside those that search and write. Short queries, long ones and
 * documents have threads and a bounded queue each, so that none of them waits behind another kind.
 * What nobody waits for any more is not begun, and given up if it was. Safe for use by several
 * threads.
 */
final class EncodingThreads {

  /** The kinds of texts, each with the name of its threads and how many may wait. */
  enum Kind {
    SHORT_QUERY("m3lex_query", 256),
    LONG_QUERY("m3lex_long_query", 64),
    DOCUMENT("m3lex_document", 1000);

    private final String threads;
    private final int waiting;

    Kind(String threads, int waiting) {
      this.threads = threads;
      this.waiting = waiting;
    }

    /** The kind of a query's text. */
    static Kind ofQuery(String text) {
      return text.length() <= SHORT ? SHORT_QUERY : LONG_QUERY;
    }
  }

  /** Characters; a model reads about so much at once. */
  private static final int SHORT = 1000;

  /** How often is looked whether somebody still waits. */
  private static final TimeValue LOOK = TimeValue.timeValueMillis(100);

  private final ThreadPool threads;

  EncodingThreads(ThreadPool threads) {
    this.threads = threads;
  }

  /** What the node must have of threads. */
  static List<ExecutorBuilder<?>> builders(Settings settings) {
    return Stream.of(Kind.values())
        .<ExecutorBuilder<?>>map(
            kind ->
                new FixedExecutorBuilder(
                    settings,
                    kind.threads,
                    OpenSearchExecutors.allocatedProcessors(settings),
                    kind.waiting,
                    "thread_pool." + kind.threads))
        .toList();
  }

  /**
   * Does work as soon as there is a thread for it.
   *
   * @param listener is told what came of it, also if there is no place for it
   */
  <T> void run(
      Kind kind,
      Patience patience,
      ActionListener<T> listener,
      CheckedSupplier<T, Exception> work) {
    try {
      threads
          .executor(kind.threads)
          .execute(() -> ActionListener.completeWith(listener, () -> watched(patience, work)));
    } catch (OpenSearchRejectedExecutionException e) {
      listener.onFailure(
          new OpenSearchRejectedExecutionException(
              "This node has as many texts waiting to be encoded as it takes. Ask again later, or raise [thread_pool.%s.queue_size]."
                  .formatted(kind.threads),
              e.isExecutorShutdown()));
    } catch (RuntimeException e) {
      listener.onFailure(e);
    }
  }

  private <T> T watched(Patience patience, CheckedSupplier<T, Exception> work) throws Exception {
    patience.check();
    Watch watch = new Watch(Thread.currentThread(), patience);
    Scheduler.Cancellable looking =
        threads.scheduleWithFixedDelay(watch, LOOK, ThreadPool.Names.SAME);
    try {
      return work.get();
    } catch (CancellationException e) {
      patience.check();
      throw e;
    } finally {
      looking.cancel();
      watch.end();
    }
  }

  /** Interrupts a thread that works for nobody, which ends encoding. */
  private static final class Watch implements Runnable {
    private final Patience patience;
    private Thread worker;

    Watch(Thread worker, Patience patience) {
      this.worker = worker;
      this.patience = patience;
    }

    @Override
    public synchronized void run() {
      if (worker != null && patience.isOver()) {
        worker.interrupt();
      }
    }

    /** By the worker: no interrupt of this watch reaches what the thread does next. */
    synchronized void end() {
      worker = null;
      Thread.interrupted();
    }
  }
}
