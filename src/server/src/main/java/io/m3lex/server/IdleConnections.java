/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;

/**
 * Closes connections that bring no whole request header in time, however busy they are with a byte
 * now and then: an idle timeout alone would let them live. Safe for use by several threads.
 */
final class IdleConnections implements Connection.Listener {

  private final Map<Connection, Seen> connections = new ConcurrentHashMap<>();
  private final long nanos;

  IdleConnections(long millis) {
    nanos = TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** How many requests a connection had brought at a time. */
  private record Seen(long requests, long answers, long nanoTime) {}

  @Override
  public void onOpened(Connection connection) {
    connections.put(connection, seen(connection));
  }

  @Override
  public void onClosed(Connection connection) {
    connections.remove(connection);
  }

  private static Seen seen(Connection connection) {
    return new Seen(connection.getMessagesIn(), connection.getMessagesOut(), System.nanoTime());
  }

  /** Closes those whose time is over; called again and again. */
  void sweep() {
    connections.forEach(
        (connection, last) -> {
          Seen now = seen(connection);
          if (now.requests > now.answers
              || now.requests != last.requests
              || now.answers != last.answers) {
            connections.replace(connection, last, now);
          } else if (now.nanoTime - last.nanoTime > nanos) {
            connection.getEndPoint().close();
          }
        });
  }
}
