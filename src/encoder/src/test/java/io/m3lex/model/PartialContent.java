/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** What a good server does: it sends the part of a file that is asked for. */
public final class PartialContent {

  private PartialContent() {}

  /**
   * Begins an answer.
   *
   * @param size of the whole file
   * @return where the part begins that is to be written
   */
  public static int begin(HttpExchange exchange, int size) throws IOException {
    int from = start(exchange);
    if (from > 0) {
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, size - 1, size));
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, size - from);
    return from;
  }

  /** Where the part begins that is asked for. */
  static int start(HttpExchange exchange) {
    String range = exchange.getRequestHeaders().getFirst("Range");
    return range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
  }
}
