/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/**
 * Works on a stream of inputs with several threads and hands the results on in the order of the
 * inputs, so that the outcome does not depend on the number of threads. Only a few inputs are held
 * at a time: memory does not grow with the stream.
 */
public final class OrderedPipeline {

  /** Batches read ahead for each thread: enough to keep all busy when one is long. */
  private static final int LOOKAHEAD = 8;

  /** Characters of a batch: some hundred tokens, with which a network is busy enough. */
  private static final int BATCH_CHARACTERS = 4_000;

  private static final int BATCH_INPUTS = 32;

  private OrderedPipeline() {}

  /**
   * Runs until the inputs end, {@code stop} says so, or something fails. Inputs are taken and
   * results are handed on by the calling thread. After a stop the inputs that are being worked on
   * are finished and handed on; those taken after them are not.
   *
   * @param inputs read by the calling thread
   * @param work what is done with each input, on one of the threads
   * @param sink takes the results in the order of the inputs
   * @param threads number of threads that work, at least 1
   * @param stop asked before each input is taken
   * @throws IOException if {@code work} or {@code sink} threw it; results of inputs before the
   *     failing one have been handed on, none after it
   */
  public static <T, R> void run(
      Iterator<T> inputs, Work<T, R> work, Sink<R> sink, int threads, BooleanSupplier stop)
      throws IOException {
    runInBatches(
        inputs,
        input -> BATCH_CHARACTERS,
        batch -> List.of(work.apply(batch.getFirst())),
        sink,
        threads,
        stop);
  }

  /**
   * Like {@link #run}, with several neighbouring inputs at a time, for work that is faster so.
   *
   * @param size roughly how many characters an input has
   * @param work gives one result for each input, in their order
   */
  public static <T, R> void runInBatches(
      Iterator<T> inputs,
      ToIntFunction<T> size,
      Work<List<T>, List<R>> work,
      Sink<R> sink,
      int threads,
      BooleanSupplier stop)
      throws IOException {
    Deque<Future<List<R>>> pending = new ArrayDeque<>();
    AtomicBoolean stopped = new AtomicBoolean();
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("encode-", 0).factory());
    try {
      while (!stop.getAsBoolean() && inputs.hasNext()) {
        List<T> batch = next(inputs, size);
        Callable<List<R>> task = () -> stopped.get() ? null : work.apply(batch);
        pending.add(pool.submit(task));
        if (pending.size() >= LOOKAHEAD * threads) {
          accept(result(pending.remove()), sink);
        }
      }
      stopped.set(inputs.hasNext());
      while (!pending.isEmpty()) {
        stopped.compareAndSet(false, stop.getAsBoolean());
        List<R> results = result(pending.remove());
        if (results == null) {
          return;
        }
        accept(results, sink);
      }
    } finally {
      stopped.set(true);
      pool.shutdownNow();
      pool.close();
    }
  }

  private static <T> List<T> next(Iterator<T> inputs, ToIntFunction<T> size) {
    List<T> batch = new ArrayList<>();
    long characters = 0;
    do {
      T input = inputs.next();
      batch.add(input);
      characters += size.applyAsInt(input);
    } while (characters < BATCH_CHARACTERS && batch.size() < BATCH_INPUTS && inputs.hasNext());
    return batch;
  }

  private static <R> void accept(List<R> results, Sink<R> sink) throws IOException {
    for (R result : results) {
      sink.accept(result);
    }
  }

  private static <R> R result(Future<R> future) throws IOException {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
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
      throw new IllegalStateException(e);
    }
  }

  /**
   * What is done with an input.
   *
   * @param <T> input
   * @param <R> result
   */
  @FunctionalInterface
  public interface Work<T, R> {
    /** Called on one of the pipeline's threads. */
    R apply(T input) throws IOException;
  }

  /**
   * Where results go.
   *
   * @param <R> result
   */
  @FunctionalInterface
  public interface Sink<R> {
    /** Called by the thread that runs the pipeline. */
    void accept(R result) throws IOException;
  }
}
