/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.index.IndexFields;
import io.m3lex.server.Route.Line;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.lucene.index.IndexReader;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves an index over HTTP: a page at {@code /}, and the API that {@code /openapi.json} describes.
 *
 * <p>Searches run on a fixed number of threads with a bounded queue before them; what is beyond it
 * is answered 503 at once. The newest commit of the index, whoever made it, is looked for every
 * second. A change by this server is committed and visible before it is answered.
 *
 * <p>There is no authentication and no encryption: it is meant for one machine, or for a place
 * behind a server that has both. Listening on this machine alone, it answers only requests that
 * call it by a name of this machine, so that a page of another origin cannot reach it.
 */
public final class SparseServer implements Closeable {

  private static final Logger LOG = LoggerFactory.getLogger(SparseServer.class);
  private static final int SEARCH_BYTES = 256 << 10;
  private static final int WAITING_WRITES = 16;
  private static final int MOST_CONNECTIONS = 1_024;
  private static final int MOST_THREADS = 16;
  private static final int SWEEP_MILLIS = 50;
  private static final int STOP_MILLIS = 45_000;
  private static final int WARM_UP_DOCUMENTS = 60;
  private static final int WARM_UP_CHARACTERS = 60;
  private static final long WARM_UP_NANOS = 1_000_000_000;

  /** For what does not end although it was told to. */
  private static final int GIVEN_UP_MILLIS = 5_000;

  private final ServedIndex served;
  private final ServerSettings settings;
  private final IndexHealth health;
  private final ServerMetrics metrics = new ServerMetrics();
  private final WorkQueue searches;
  private final WorkQueue writes;
  private final Bm25View bm25;
  private final ScheduledExecutorService clock;
  private final ScheduledExecutorService sweeper;
  private final Server server;
  private final ServerConnector connector;
  private final ApiHandler handler;

  private SparseServer(ServedIndex served, ServerSettings settings) throws IOException {
    this.served = served;
    this.settings = settings;
    health = new IndexHealth(served);
    InetAddress address = InetAddress.getByName(settings.host());
    bm25 = Bm25View.begin(served.index(), settings.bm25Documents(), settings.language());
    searches =
        WorkQueue.withLanes("search", settings.limits().running(), settings.limits().waiting());
    writes = WorkQueue.inOrder("write", WAITING_WRITES);
    clock = timer("m3lex-clock");
    sweeper = timer("m3lex-sweeper");
    server = new Server(new QueuedThreadPool(MOST_THREADS, 4));
    connector = connector(address);
    handler =
        new ApiHandler(routes(), searches, writes, metrics, hosts(address), settings.limits());
    server.setHandler(handler);
    server.setErrorHandler(handler::error);
    server.setStopTimeout(GIVEN_UP_MILLIS);
    gauges();
  }

  /** What is done again and again, also after an error: a timer drops what has thrown one. */
  static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable e) {
        LOG.error("What is done again and again has failed, and is done again.", e);
      }
    };
  }

  private static ScheduledExecutorService timer(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name(name).factory());
  }

  private ServerConnector connector(InetAddress address) {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(16 << 10);
    http.setIdleTimeout(settings.limits().receiveMillis());
    // A document's id can have any character, so it decodes the path itself.
    http.setUriCompliance(
        UriCompliance.from(
            EnumSet.of(
                Violation.AMBIGUOUS_PATH_SEPARATOR,
                Violation.AMBIGUOUS_PATH_SEGMENT,
                Violation.AMBIGUOUS_PATH_ENCODING,
                Violation.AMBIGUOUS_PATH_PARAMETER,
                Violation.AMBIGUOUS_EMPTY_SEGMENT,
                Violation.SUSPICIOUS_PATH_CHARACTERS,
                Violation.ILLEGAL_PATH_CHARACTERS,
                Violation.BAD_UTF8_ENCODING,
                Violation.BAD_PERCENT_ENCODING,
                Violation.TRUNCATED_UTF8_ENCODING)));
    ServerConnector made =
        new ServerConnector(server, 1, 1, new HttpConnectionFactory(http)) {
          @Override
          protected SocketChannelEndPoint newEndPoint(
              SocketChannel channel, ManagedSelector selector, SelectionKey key) {
            SocketChannelEndPoint endPoint =
                new WatchedEndPoint(channel, selector, key, getScheduler());
            endPoint.setIdleTimeout(getIdleTimeout());
            return endPoint;
          }
        };
    made.setHost(address.getHostAddress());
    made.setPort(settings.port());
    made.setIdleTimeout(settings.limits().receiveMillis());
    made.setAcceptQueueSize(MOST_CONNECTIONS);
    IdleConnections idle = new IdleConnections(settings.limits().receiveMillis());
    made.addBean(idle);
    made.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, made));
    clock.scheduleWithFixedDelay(guarded(idle::sweep), 1, 1, TimeUnit.SECONDS);
    server.addConnector(made);
    return made;
  }

  /** What this server may be called; empty if others than this machine reach it. */
  private Set<String> hosts(InetAddress address) {
    if (!address.isLoopbackAddress()) {
      return Set.of();
    }
    Set<String> names = new TreeSet<>(List.of("localhost", "127.0.0.1", "[::1]"));
    names.add(settings.host().toLowerCase(Locale.ROOT));
    return names;
  }

  /** All that the server answers; {@code openapi.json} describes the same. */
  List<Route> routes() {
    SearchEndpoint search = new SearchEndpoint(served, settings, bm25);
    DocumentsEndpoint documents = new DocumentsEndpoint(served, health);
    IndexEndpoint index = new IndexEndpoint(served, bm25);
    return List.of(
        get("/", Line.NONE, (id, body) -> Page.html()),
        get("/search.js", Line.NONE, (id, body) -> Page.script()),
        get("/search.css", Line.NONE, (id, body) -> Page.style()),
        get("/report.css", Line.NONE, (id, body) -> Page.reportStyle()),
        get("/openapi.json", Line.NONE, (id, body) -> Page.openApi()),
        get("/health", Line.NONE, (id, body) -> health.answer()),
        get("/health/live", Line.NONE, (id, body) -> Answer.json(Map.of("status", "ok"))),
        get("/health/ready", Line.NONE, (id, body) -> health.ready()),
        get("/metrics", Line.NONE, (id, body) -> metrics.answer()),
        get("/index", Line.SEARCH, (id, body) -> index.get()),
        search("/search", (id, body) -> search.search(body)),
        search("/explain", (id, body) -> search.explain(body)),
        new Route(
            "POST",
            "/documents",
            Line.WRITE,
            body -> true,
            settings.limits().documentBytes(),
            documents::requireWritable,
            (id, body) -> documents.put(body)),
        get("/documents/{id}", Line.SEARCH, (id, body) -> documents.get(id)),
        new Route(
            "DELETE",
            "/documents/{id}",
            Line.WRITE,
            body -> false,
            0,
            documents::requireWritable,
            (id, body) -> documents.delete(id)));
  }

  private static Route get(String path, Line line, Route.Action action) {
    return new Route("GET", path, line, body -> false, 0, () -> {}, action);
  }

  private static Route search(String path, Route.Action action) {
    return new Route(
        "POST", path, Line.SEARCH, SearchEndpoint::isLarge, SEARCH_BYTES, () -> {}, action);
  }

  private void gauges() {
    metrics.gauge("m3lex_searches_running", "Searches at work.", searches::running);
    metrics.gauge(
        "m3lex_searches_waiting", "Searches that wait for their turn.", searches::waiting);
    metrics.gauge("m3lex_writes_running", "Writes at work.", writes::running);
    metrics.gauge("m3lex_writes_waiting", "Writes that wait for their turn.", writes::waiting);
    metrics.gauge(
        "m3lex_index_writing_broken",
        "1 while changes of the index fail, otherwise 0.",
        () -> health.isBroken() ? 1 : 0);
    metrics.gauge(
        "m3lex_index_documents",
        "Documents in the index.",
        () -> {
          try {
            return health.documents();
          } catch (IOException e) {
            return Double.NaN;
          }
        });
  }

  /**
   * Starts to serve.
   *
   * @param served stays open when the server is closed, and must stay open until then
   * @throws IOException if the address cannot be listened on; the message names it
   */
  public static SparseServer start(ServedIndex served, ServerSettings settings) throws IOException {
    SparseServer started = new SparseServer(served, settings);
    try {
      started.warmUp();
      started.server.start();
    } catch (Exception e) {
      started.close();
      throw new IOException(
          String.format(
              Locale.ROOT,
              "Cannot listen on %s port %d: %s. Choose another with --host and --port.",
              settings.host(),
              settings.port(),
              rootMessage(e)),
          e);
    }
    started.clock.scheduleWithFixedDelay(guarded(started.health::check), 1, 1, TimeUnit.SECONDS);
    started.sweeper.scheduleWithFixedDelay(
        guarded(started.handler::sweep), SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    return started;
  }

  /**
   * Searches for the beginnings of some documents, so that code is compiled and files are in memory
   * before the first request: it would take ten times as long as later ones.
   */
  private void warmUp() throws IOException {
    if (served.encoder() == null) {
      return;
    }
    SearchEndpoint search = new SearchEndpoint(served, settings, bm25);
    long end = System.nanoTime() + WARM_UP_NANOS;
    for (String query : beginnings()) {
      search.search(Json.bytes(Map.of("query", query, "explain", true)));
      if (System.nanoTime() > end) {
        return;
      }
    }
  }

  private List<String> beginnings() throws IOException {
    return served
        .index()
        .using(
            searcher -> {
              List<String> beginnings = new ArrayList<>();
              IndexReader reader = searcher.getIndexReader();
              for (int i = 0; i < Math.min(WARM_UP_DOCUMENTS, reader.maxDoc()); i++) {
                String text = reader.storedFields().document(i).get(IndexFields.TEXT);
                if (!text.isBlank()) {
                  beginnings.add(
                      text.lines()
                          .findFirst()
                          .orElse("")
                          .codePoints()
                          .limit(
                              Math.min(WARM_UP_CHARACTERS, settings.limits().queryCharacters() / 2))
                          .collect(
                              StringBuilder::new,
                              StringBuilder::appendCodePoint,
                              StringBuilder::append)
                          .toString());
                }
              }
              return beginnings;
            });
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage();
  }

  /** Where the page is. */
  public URI uri() {
    String host = settings.host();
    return URI.create(
        "http://%s:%s/"
            .formatted(host.indexOf(':') >= 0 ? "[" + host + "]" : host, connector.getLocalPort()));
  }

  /**
   * Takes no more requests, and finishes those that it has; what is not finished after 45 seconds
   * is ended and answered 503, as is what arrives in the meantime.
   */
  @Override
  public void close() throws IOException {
    handler.beginStop();
    try {
      if (server.isStarted()) {
        new GracefulStop(connector, handler, uri()).await(STOP_MILLIS, GIVEN_UP_MILLIS);
      }
      server.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warn("The server did not stop cleanly.", e);
    }
    clock.shutdownNow();
    sweeper.shutdownNow();
    searches.close();
    writes.close();
    bm25.close();
  }
}
