/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.ModelMismatchException;
import io.m3lex.index.IndexFormatException;
import io.m3lex.search.ScoreOverflowException;
import io.m3lex.server.Route.Line;
import io.m3lex.server.ServerSettings.Limits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the route of a request, receives its body without a thread that waits, and has it answered
 * by those whose work it is. Work has its time, and ends early if the client has hung up: {@link
 * #sweep} looks for both, and interrupts the thread that is at it.
 */
final class ApiHandler extends Handler.Abstract.NonBlocking {

  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
  private static final String UNKNOWN_ROUTE = "unknown";
  private static final String RETRY_SECONDS = "1";
  private static final String STOPPING = "The server is stopping.";

  private final List<Route> routes;
  private final WorkQueue searches;
  private final WorkQueue writes;
  private final ServerMetrics metrics;
  private final Set<String> hosts;
  private final Limits limits;
  private final Set<Job> taken = ConcurrentHashMap.newKeySet();

  /** Requests that came and were not answered yet. */
  private final AtomicInteger open = new AtomicInteger();

  private volatile boolean stopping;

  /**
   * Handles routes.
   *
   * @param hosts the names that a request may call this server by; empty for any
   */
  ApiHandler(
      List<Route> routes,
      WorkQueue searches,
      WorkQueue writes,
      ServerMetrics metrics,
      Set<String> hosts,
      Limits limits) {
    this.routes = routes;
    this.searches = searches;
    this.writes = writes;
    this.metrics = metrics;
    this.hosts = hosts;
    this.limits = limits;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Exchange exchange = new Exchange(request, response, callback);
    try {
      if (stopping) {
        throw new RequestException(503, STOPPING);
      }
      String host = Request.getServerName(request);
      if (!hosts.isEmpty() && !hosts.contains(host.toLowerCase(Locale.ROOT))) {
        // A page elsewhere can point its own name at this address, and would then be of one origin.
        throw new RequestException(
            421, "This server is not called \"%s\"; use %s.".formatted(host, hosts));
      }
      String path = request.getHttpURI().getPath();
      Route route = route(request.getMethod(), path == null ? "/" : path, exchange);
      if (route != null) {
        exchange.route = route.path();
        route.permission().run();
        String id = route.id(path == null ? "/" : path);
        if (route.bodyBytes() > 0) {
          receive(exchange, route, id);
        } else {
          begin(exchange, route, id, null);
        }
      }
    } catch (RuntimeException | Error e) {
      exchange.fail(e);
    }
    return true;
  }

  /** The route of a request; null if it was answered because there is none. */
  private Route route(String method, String path, Exchange exchange) {
    Set<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      if (route.fits(path)) {
        if (route.method().equals(method)
            || route.method().equals("GET") && method.equals("HEAD")) {
          return route;
        }
        exchange.route = route.path();
        allowed.add(route.method());
      }
    }
    if (allowed.isEmpty()) {
      throw new RequestException(
          404, "There is nothing at this path; /openapi.json lists what is.");
    }
    exchange.send(
        Answer.error(
                405, "This path accepts %s, not %s.".formatted(String.join(", ", allowed), method))
            .with("Allow", String.join(", ", allowed)));
    return null;
  }

  private void receive(Exchange exchange, Route route, String id) {
    Request request = exchange.request;
    String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
    if (type == null || !type.toLowerCase(Locale.ROOT).split(";")[0].strip().equals(Answer.JSON)) {
      // This also keeps pages of other origins from writing: a browser asks before it sends JSON.
      throw new RequestException(415, "Send the body as Content-Type: application/json.");
    }
    BodyReader.read(request, route.bodyBytes())
        .orTimeout(limits.receiveMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (bytes, error) -> {
              if (error != null) {
                exchange.fail(notReceived(error));
                return;
              }
              try {
                begin(exchange, route, id, bytes);
              } catch (RuntimeException | Error e) {
                exchange.fail(e);
              }
            });
  }

  private RequestException notReceived(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    if (cause instanceof TimeoutException) {
      return new RequestException(
          408,
          String.format(
              Locale.ROOT, "The body did not arrive within %d ms.", limits.receiveMillis()));
    }
    if (cause instanceof RequestException refused) {
      return refused;
    }
    return cause instanceof HttpException http
        ? new RequestException(http.getCode(), "The body is malformed: " + http.getReason() + ".")
        : new RequestException(400, "The body did not arrive whole.");
  }

  private void begin(Exchange exchange, Route route, String id, byte[] body) {
    Work work = () -> route.action().answer(id, body);
    if (route.line() == Line.NONE) {
      exchange.answer(work);
      return;
    }
    boolean write = route.line() == Line.WRITE;
    Job job =
        new Job(
            exchange,
            work,
            write ? writes : searches,
            write ? limits.writeMillis() : limits.searchMillis());
    // A connection is idle while its request is answered, and that is no reason to close it.
    exchange.request.addIdleTimeoutListener(idle -> false);
    taken.add(job);
    if (!job.queue.offer(job, body != null && route.large().test(body))) {
      taken.remove(job);
      metrics.rejected();
      exchange.send(later(503, "Too many requests wait already; try again in a moment."));
    }
  }

  private static Answer later(int status, String message) {
    return Answer.error(status, message).with(HttpHeader.RETRY_AFTER.asString(), RETRY_SECONDS);
  }

  /** Ends work whose time is over or whose client has hung up; called again and again. */
  void sweep() {
    long now = System.nanoTime();
    for (Job job : taken) {
      job.sweep(now);
    }
  }

  /** From now on refuses what comes, and tells clients that each answer is the last. */
  void beginStop() {
    stopping = true;
  }

  /** Requests that came and were not answered yet. */
  int open() {
    return open.get();
  }

  /** Ends all work that is left; who asked for it is told. */
  void cancelAll() {
    taken.forEach(job -> job.cancel(later(503, STOPPING)));
  }

  /** The work for a request, once or never. */
  private final class Job implements Runnable {
    private final Exchange exchange;
    private final Work work;
    private final WorkQueue queue;
    private final long workNanos;
    private final long offered = System.nanoTime();
    private long begun;
    private Thread worker;
    private boolean ended;

    /** What is answered if the work ends early; null if nothing asks for that. */
    private Answer instead;

    Job(Exchange exchange, Work work, WorkQueue queue, int workMillis) {
      this.exchange = exchange;
      this.work = work;
      this.queue = queue;
      workNanos = TimeUnit.MILLISECONDS.toNanos(workMillis);
    }

    @Override
    public void run() {
      synchronized (this) {
        if (ended) {
          return;
        }
        worker = Thread.currentThread();
        begun = System.nanoTime();
      }
      Answer answer = null;
      Throwable failure = null;
      try {
        answer = work.answer();
      } catch (Throwable e) {
        // An error ends this request, not the thread: others wait for it.
        failure = e;
      }
      synchronized (this) {
        ended = true;
        worker = null;
        if (answer == null && instead != null && !(failure instanceof RequestException)) {
          // Whatever interrupted work ended with, that is why.
          answer = instead;
        }
      }
      // The interrupt was for the work, not for its answer.
      Thread.interrupted();
      taken.remove(this);
      if (answer == null) {
        exchange.fail(failure);
      } else {
        exchange.send(answer);
      }
    }

    void sweep(long now) {
      Answer reason = null;
      synchronized (this) {
        if (ended) {
          return;
        }
        if (exchange.isGone()) {
          reason =
              Answer.error(499, "The client closed the connection before the answer.")
                  .with(HttpHeader.CONNECTION.asString(), "close");
        } else if (worker == null
            && now - offered > TimeUnit.MILLISECONDS.toNanos(limits.waitMillis())) {
          reason = later(503, "It was not the request's turn in time; try again in a moment.");
        } else if (worker != null && now - begun > workNanos) {
          reason =
              later(
                  503,
                  String.format(
                      Locale.ROOT,
                      "The request took longer than %d ms and was ended; nothing was changed. Ask for less at once.",
                      TimeUnit.NANOSECONDS.toMillis(workNanos)));
        } else if (instead != null) {
          reason = instead;
        }
      }
      if (reason != null) {
        cancel(reason);
      }
    }

    void cancel(Answer reason) {
      synchronized (this) {
        if (ended) {
          return;
        }
        if (instead == null) {
          instead = reason;
          metrics.cancelled();
        }
        if (worker != null) {
          worker.interrupt();
          return;
        }
        ended = true;
      }
      queue.remove(this);
      taken.remove(this);
      exchange.send(reason);
    }
  }

  /** Something that gives an answer. */
  @FunctionalInterface
  private interface Work {
    Answer answer() throws IOException;
  }

  /** One request and its answer. */
  private final class Exchange {
    private final Request request;
    private final Response response;
    private final Callback callback;
    private String route = UNKNOWN_ROUTE;

    Exchange(Request request, Response response, Callback callback) {
      this.request = request;
      this.response = response;
      open.incrementAndGet();
      this.callback = Callback.from(callback, open::decrementAndGet);
    }

    /** Whether the client has hung up; to be asked only while the request is worked on. */
    boolean isGone() {
      return request.getConnectionMetaData().getConnection().getEndPoint()
              instanceof WatchedEndPoint connection
          && connection.isGone();
    }

    void answer(Work work) {
      Answer answer;
      try {
        answer = work.answer();
      } catch (IOException | RuntimeException | Error e) {
        fail(e);
        return;
      }
      send(answer);
    }

    void fail(Throwable exception) {
      if (exception instanceof RequestException refused) {
        Answer error = Answer.error(refused.status(), refused.getMessage());
        // What was not read of the body would be taken for the next request.
        send(
            refused.status() == 408 || refused.status() == 413
                ? error.with(HttpHeader.CONNECTION.asString(), "close")
                : error);
      } else if (exception instanceof ScoreOverflowException) {
        send(Answer.error(400, exception.getMessage()));
      } else if (exception instanceof CancellationException) {
        send(later(503, STOPPING));
      } else if (exception instanceof IndexFormatException
          || exception instanceof ModelMismatchException) {
        // The index was damaged or replaced under the server's hands, and not by this request.
        LOG.warn("{} {}: {}", request.getMethod(), route, exception.getMessage());
        send(later(503, exception.getMessage()));
      } else {
        LOG.error("{} {} failed", request.getMethod(), route, exception);
        send(Answer.error(500, "The server failed; its log says why."));
      }
    }

    void send(Answer answer) {
      metrics.answered(route, answer.status(), System.nanoTime() - request.getBeginNanoTime());
      ApiHandler.send(
          stopping ? answer.with(HttpHeader.CONNECTION.asString(), "close") : answer,
          response,
          callback);
    }
  }

  private static void send(Answer answer, Response response, Callback callback) {
    response.setStatus(answer.status());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, answer.contentType());
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put("X-Content-Type-Options", "nosniff");
    response.getHeaders().put("Referrer-Policy", "no-referrer");
    response.getHeaders().put("Cross-Origin-Resource-Policy", "same-origin");
    answer.headers().forEach(response.getHeaders()::put);
    response.write(true, ByteBuffer.wrap(answer.body()), callback);
  }

  /** Answers what Jetty refuses itself, such as malformed HTTP, as all errors are. */
  boolean error(Request request, Response response, Callback callback) {
    Object status = request.getAttribute(ErrorHandler.ERROR_STATUS);
    Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    int code = status instanceof Integer number ? number : 500;
    metrics.answered(UNKNOWN_ROUTE, code, 0);
    send(
        Answer.error(code, message == null ? "The request was refused." : message.toString()),
        response,
        callback);
    return true;
  }
}
