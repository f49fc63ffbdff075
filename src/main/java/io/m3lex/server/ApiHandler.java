package io.m3lex.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 * by those whose work it is.
 */
final class ApiHandler extends Handler.Abstract.NonBlocking {

  private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
  private static final String UNKNOWN_ROUTE = "unknown";
  private static final String RETRY_SECONDS = "1";

  private final List<Route> routes;
  private final WorkQueue searches;
  private final WorkQueue writes;
  private final ServerMetrics metrics;
  private final Set<String> hosts;
  private final int receiveMillis;

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
      int receiveMillis) {
    this.routes = routes;
    this.searches = searches;
    this.writes = writes;
    this.metrics = metrics;
    this.hosts = hosts;
    this.receiveMillis = receiveMillis;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Exchange exchange = new Exchange(request, response, callback);
    try {
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
    } catch (RuntimeException e) {
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
        Answer.error(405, "This path knows %s, not %s.".formatted(allowed, method))
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
        .orTimeout(receiveMillis, TimeUnit.MILLISECONDS)
        .whenComplete(
            (bytes, error) -> {
              if (error == null) {
                begin(exchange, route, id, bytes);
              } else {
                exchange.fail(notReceived(error));
              }
            });
  }

  private RequestException notReceived(Throwable error) {
    Throwable cause = error instanceof CompletionException ? error.getCause() : error;
    if (cause instanceof TimeoutException) {
      return new RequestException(
          408, "The body did not arrive within %d ms.".formatted(receiveMillis));
    }
    if (cause instanceof RequestException refused) {
      return refused;
    }
    return cause instanceof HttpException http
        ? new RequestException(http.getCode(), "The body is malformed: " + http.getReason() + ".")
        : new RequestException(400, "The body did not arrive whole.");
  }

  private void begin(Exchange exchange, Route route, String id, byte[] body) {
    Runnable work = () -> exchange.answer(() -> route.action().answer(id, body));
    boolean taken =
        switch (route.line()) {
          case NONE -> {
            work.run();
            yield true;
          }
          case SEARCH -> searches.offer(work);
          case WRITE -> writes.offer(work);
        };
    if (!taken) {
      metrics.rejected();
      exchange.send(
          Answer.error(503, "Too many requests wait already; try again in a moment.")
              .with(HttpHeader.RETRY_AFTER.asString(), RETRY_SECONDS));
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
      this.callback = callback;
    }

    void answer(Work work) {
      Answer answer;
      try {
        answer = work.answer();
      } catch (IOException | RuntimeException e) {
        fail(e);
        return;
      } catch (OutOfMemoryError | StackOverflowError e) {
        fail(new IllegalStateException(e.toString(), e));
        return;
      }
      send(answer);
    }

    void fail(Exception exception) {
      if (exception instanceof RequestException refused) {
        Answer error = Answer.error(refused.status(), refused.getMessage());
        // What was not read of the body would be taken for the next request.
        send(
            refused.status() == 408 || refused.status() == 413
                ? error.with(HttpHeader.CONNECTION.asString(), "close")
                : error);
      } else if (exception instanceof CancellationException) {
        send(Answer.error(503, "The server is stopping."));
      } else {
        LOG.error("{} {} failed", request.getMethod(), route, exception);
        send(Answer.error(500, "The server failed; its log says why."));
      }
    }

    void send(Answer answer) {
      metrics.answered(route, answer.status(), System.nanoTime() - request.getBeginNanoTime());
      ApiHandler.send(answer, response, callback);
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
