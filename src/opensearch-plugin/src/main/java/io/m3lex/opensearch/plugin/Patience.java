/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import java.util.List;
import org.opensearch.OpenSearchTimeoutException;
import org.opensearch.action.ActionRequest;
import org.opensearch.action.IndicesRequest;
import org.opensearch.action.search.SearchRequest;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.action.support.ActionFilterChain;
import org.opensearch.action.support.ActionRequestMetadata;
import org.opensearch.common.unit.TimeValue;
import org.opensearch.common.util.concurrent.ThreadContext;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.action.ActionResponse;
import org.opensearch.core.tasks.TaskCancelledException;
import org.opensearch.tasks.CancellableTask;
import org.opensearch.tasks.Task;

/**
 * For how long somebody waits for the weights of a text. Safe for use by several threads.
 *
 * @param task is cancelled when whoever asked hangs up; null if it cannot be
 * @param end by {@link System#nanoTime}; null if there is none
 */
record Patience(Task task, Long end) {

  private static final String TASK = "m3lex.task";

  /**
   * The patience of a request.
   *
   * @param context of the thread that works at it
   * @param request null if it is not known
   */
  static Patience of(ThreadContext context, IndicesRequest request) {
    TimeValue timeout =
        request instanceof SearchRequest search && search.source() != null
            ? search.source().timeout()
            : null;
    return new Patience(
        context.getTransient(TASK),
        timeout == null || timeout.nanos() < 0 ? null : System.nanoTime() + timeout.nanos());
  }

  /** Whether nobody waits any more. */
  boolean isOver() {
    return isCancelled() || end != null && System.nanoTime() - end > 0;
  }

  private boolean isCancelled() {
    return task instanceof CancellableTask cancellable && cancellable.isCancelled();
  }

  /**
   * Goes on only if somebody waits.
   *
   * @throws TaskCancelledException if whoever asked has hung up
   * @throws OpenSearchTimeoutException if the time is over
   */
  void check() {
    if (isCancelled()) {
      throw new TaskCancelledException(
          "the request was cancelled before its text was encoded: "
              + ((CancellableTask) task).getReasonCancelled());
    }
    if (isOver()) {
      throw new OpenSearchTimeoutException(
          "The request's [timeout] was over before its text was encoded. Give it more time, or ask"
              + " when the node has less to encode.");
    }
  }

  /**
   * Keeps every action's task in the context of the threads that work at it, because a query that
   * is rewritten is not told whose it is.
   */
  record Filter(java.util.function.Supplier<ThreadContext> context) implements ActionFilter {

    @Override
    public int order() {
      return 0;
    }

    @Override
    public <Request extends ActionRequest, Response extends ActionResponse> void apply(
        Task task,
        String action,
        Request request,
        ActionRequestMetadata<Request, Response> metadata,
        ActionListener<Response> listener,
        ActionFilterChain<Request, Response> chain) {
      ThreadContext threads = context.get();
      ThreadContext.StoredContext before = threads.newStoredContext(true, List.of(TASK));
      try {
        threads.putTransient(TASK, task);
        chain.proceed(task, action, request, listener);
      } finally {
        before.restore();
      }
    }
  }
}
