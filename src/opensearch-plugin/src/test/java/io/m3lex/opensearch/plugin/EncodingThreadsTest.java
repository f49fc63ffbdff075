/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.opensearch.plugin.EncodingThreads.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.opensearch.OpenSearchTimeoutException;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.support.ActionRequestMetadata;
import org.opensearch.common.settings.Settings;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.concurrency.OpenSearchRejectedExecutionException;
import org.opensearch.core.rest.RestStatus;
import org.opensearch.core.tasks.TaskCancelledException;
import org.opensearch.core.tasks.TaskId;
import org.opensearch.search.builder.SearchSourceBuilder;
import org.opensearch.tasks.CancellableTask;
import org.opensearch.threadpool.ExecutorBuilder;
import org.opensearch.threadpool.ThreadPool;

/** Nothing is encoded that nobody waits for, and what is waited for has its turn. */
@Timeout(60)
class EncodingThreadsTest {

  private static final Patience ENDLESS = new Patience(null, null);

  private ThreadPool pool;
  private EncodingThreads threads;

  @BeforeEach
  void start() {
    Settings settings =
        Settings.builder().put("node.name", "node").put("node.processors", 1).build();
    pool =
        new ThreadPool(
            settings, EncodingThreads.builders(settings).toArray(ExecutorBuilder[]::new));
    threads = new EncodingThreads(pool);
  }

  @AfterEach
  void stop() {
    ThreadPool.terminate(pool, 10, TimeUnit.SECONDS);
  }

  private static CancellableTask task() {
    return new CancellableTask(1, "transport", "search", "", TaskId.EMPTY_TASK_ID, Map.of()) {
      @Override
      public boolean shouldCancelChildrenOnCancellation() {
        return true;
      }
    };
  }

  private <T> CompletableFuture<T> run(
      Kind kind, Patience patience, org.opensearch.common.CheckedSupplier<T, Exception> work) {
    CompletableFuture<T> outcome = new CompletableFuture<>();
    threads.run(
        kind,
        patience,
        ActionListener.wrap(outcome::complete, outcome::completeExceptionally),
        work);
    return outcome;
  }

  /** Work that takes the only thread of a kind until it is let go. */
  private CompletableFuture<String> block(Kind kind, CountDownLatch until) {
    return run(
        kind,
        ENDLESS,
        () -> {
          until.await();
          return "done";
        });
  }

  private static Throwable failure(CompletableFuture<?> outcome) {
    return assertThrows(ExecutionException.class, outcome::get).getCause();
  }

  @Test
  void whatIsCancelledWhileItWaitsIsNotBegun() throws Exception {
    CountDownLatch until = new CountDownLatch(1);
    CompletableFuture<String> first = block(Kind.LONG_QUERY, until);
    CancellableTask task = task();
    AtomicInteger begun = new AtomicInteger();
    List<CompletableFuture<Integer>> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(run(Kind.LONG_QUERY, new Patience(task, null), begun::incrementAndGet));
    }
    CompletableFuture<Integer> late =
        run(Kind.LONG_QUERY, new Patience(null, System.nanoTime() - 1), begun::incrementAndGet);
    task.cancel("channel closed");
    until.countDown();
    assertEquals("done", first.get());
    for (CompletableFuture<Integer> each : waiting) {
      assertInstanceOf(TaskCancelledException.class, failure(each));
    }
    assertInstanceOf(OpenSearchTimeoutException.class, failure(late));
    assertEquals(0, begun.get());
  }

  @Test
  void whatIsCancelledAtWorkIsGivenUp() throws Exception {
    CancellableTask task = task();
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<String> encoding =
        run(
            Kind.SHORT_QUERY,
            new Patience(task, null),
            () -> {
              begun.countDown();
              while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
              }
              throw new CancellationException("as an encoder does");
            });
    begun.await();
    task.cancel("channel closed");
    assertInstanceOf(TaskCancelledException.class, failure(encoding));
    // The same thread goes on with the next, which is not interrupted.
    assertFalse(run(Kind.SHORT_QUERY, ENDLESS, () -> Thread.currentThread().isInterrupted()).get());
  }

  @Test
  void oneKindDoesNotWaitForAnother() throws Exception {
    CountDownLatch until = new CountDownLatch(1);
    List<CompletableFuture<String>> blocking = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      blocking.add(block(Kind.ofQuery("x".repeat(1_001)), until));
      blocking.add(block(Kind.DOCUMENT, until));
    }
    assertEquals("short", run(Kind.ofQuery("x".repeat(1_000)), ENDLESS, () -> "short").get());
    until.countDown();
    for (CompletableFuture<String> each : blocking) {
      assertEquals("done", each.get());
    }
  }

  @Test
  void moreThanMayWaitIsRefused() throws Exception {
    CountDownLatch until = new CountDownLatch(1);
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(block(Kind.LONG_QUERY, until));
    }
    CompletableFuture<String> last = all.getLast();
    OpenSearchRejectedExecutionException refused =
        assertInstanceOf(OpenSearchRejectedExecutionException.class, failure(last));
    assertTrue(
        refused.getMessage().contains("thread_pool.m3lex_long_query.queue_size"),
        refused.getMessage());
    assertEquals(RestStatus.TOO_MANY_REQUESTS, org.opensearch.ExceptionsHelper.status(refused));
    until.countDown();
    int done = 0;
    for (CompletableFuture<String> each : all) {
      done += each.handle((result, e) -> e == null ? 1 : 0).get();
    }
    assertEquals(65, done, "one at work and 64 waiting");
  }

  @Test
  void aSearchsTaskAndTimeoutAreFound() {
    ThreadContext context = pool.getThreadContext();
    SearchRequest request =
        new SearchRequest().source(new SearchSourceBuilder().timeout(TimeValue.timeValueNanos(1)));
    CancellableTask outer = task();
    CancellableTask inner = task();
    Patience.Filter filter = new Patience.Filter(() -> context);
    List<Patience> found = new ArrayList<>();
    filter.apply(
        outer,
        "msearch",
        request,
        ActionRequestMetadata.empty(),
        ActionListener.wrap(() -> {}),
        (task, action, same, listener) ->
            filter.apply(
                inner,
                "search",
                same,
                ActionRequestMetadata.empty(),
                listener,
                (t, a, s, l) -> found.add(Patience.of(context, s))));
    assertEquals(inner, found.getFirst().task());
    assertTrue(found.getFirst().isOver());
    assertEquals(new Patience(null, null), Patience.of(context, new SearchRequest()));
  }
}
