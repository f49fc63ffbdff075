/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.io.IOException;
import java.util.function.Predicate;

/**
 * What is done for a method and a path.
 *
 * @param method {@code GET} answers {@code HEAD} as well
 * @param path ends with {@code {id}} if the rest of the path is a document's id
 * @param line the threads that do it
 * @param large whether a body asks for much work, which must not hold up what asks for little
 * @param bodyBytes most bytes of the body; 0 if there is none to read
 * @param permission throws what refuses the request before its body is read
 */
record Route(
    String method,
    String path,
    Line line,
    Predicate<byte[]> large,
    int bodyBytes,
    Runnable permission,
    Action action) {

  private static final String ID = "{id}";

  /** Who does the work. */
  enum Line {
    /** The thread that has the request: nothing that takes time. */
    NONE,
    /** Those that search, when it is its turn. */
    SEARCH,
    /** The one that writes, when it is its turn. */
    WRITE
  }

  /** Does the work. */
  @FunctionalInterface
  interface Action {
    /**
     * Answers a request.
     *
     * @param id the document's id; null if the path has none
     */
    Answer answer(String id, byte[] body) throws IOException;
  }

  /** Whether a path, still encoded, is that of this route. */
  boolean fits(String encodedPath) {
    if (!path.endsWith(ID)) {
      return path.equals(encodedPath);
    }
    int prefix = path.length() - ID.length();
    return encodedPath.length() > prefix && encodedPath.regionMatches(0, path, 0, prefix);
  }

  /** The document's id in a path that fits; null if this route has none. */
  String id(String encodedPath) {
    return path.endsWith(ID)
        ? PercentCode.decode(encodedPath.substring(path.length() - ID.length()))
        : null;
  }
}
