/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ServerConnector;

/**
 * The end of a server's connections, at which no request may be dropped that had been sent before:
 * not while it waits to be accepted or to be read, however busy the machine is. A connection is
 * closed only when it was looked at and had nothing to read.
 */
final class GracefulStop {

  private static final int PAUSE_MILLIS = 5;
  private static final int PROBE_MILLIS = 5_000;

  private final ServerConnector connector;
  private final ApiHandler handler;
  private final URI uri;

  GracefulStop(ServerConnector connector, ApiHandler handler, URI uri) {
    this.connector = connector;
    this.handler = handler;
    this.uri = uri;
  }

  /**
   * Returns when all requests are answered and no connection is left.
   *
   * @param patienceMillis after so long, all work that is left is told to end
   * @param givenUpMillis after so long from then on, it returns anyway
   */
  void await(int patienceMillis, int givenUpMillis) throws InterruptedException {
    acceptAll();
    if (!until(this::isOver, patienceMillis)) {
      handler.cancelAll();
      until(this::isOver, givenUpMillis);
    }
  }

  /** Connections are accepted one after the other: behind one of its own there is none before. */
  private void acceptAll() {
    String address = connector.getHost();
    try (Socket probe = new Socket()) {
      probe.setSoTimeout(PROBE_MILLIS);
      probe.connect(new InetSocketAddress(address, uri.getPort()), PROBE_MILLIS);
      probe
          .getOutputStream()
          .write(
              "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      probe.getInputStream().readAllBytes();
    } catch (IOException e) {
      // Then it cannot be told, and those that come late are dropped.
    }
  }

  private boolean isOver() {
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      Connection connection = endPoint.getConnection();
      if (endPoint instanceof WatchedEndPoint watched
          && connection != null
          && connection.getMessagesIn() == connection.getMessagesOut()) {
        watched.closeIfIdle();
      }
    }
    return handler.open() == 0 && connector.getConnectedEndPoints().isEmpty();
  }

  private static boolean until(BooleanSupplier condition, int millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return true;
  }
}
