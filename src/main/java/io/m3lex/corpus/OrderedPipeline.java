package io.m3lex.corpus;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/**
 * Works on a stream of inputs with several threads and hands the results on in the order of the
 * inputs, so that the outcome does not depend on the number of threads. Only a few inputs are held
 * at a time: memory does not grow with the stream.
 */
public final class OrderedPipeline {

  /** Inputs read ahead for each thread: enough to keep all busy when one text is long. */
  private static final int LOOKAHEAD = 8;

  private OrderedPipeline() {}

  /**
   * Runs until the inputs end, {@code stop} says so, or something fails. Inputs are taken and
   * results are handed on by the calling thread. After a stop the inputs already taken are finished
   * and handed on.
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
    Deque<Future<R>> pending = new ArrayDeque<>();
    ExecutorService pool =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("encode-", 0).factory());
    try {
      while (!stop.getAsBoolean() && inputs.hasNext()) {
        T input = inputs.next();
        Callable<R> task = () -> work.apply(input);
        pending.add(pool.submit(task));
        if (pending.size() >= LOOKAHEAD * threads) {
          sink.accept(result(pending.remove()));
        }
      }
      while (!pending.isEmpty()) {
        sink.accept(result(pending.remove()));
      }
    } finally {
      pool.shutdownNow();
      pool.close();
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
