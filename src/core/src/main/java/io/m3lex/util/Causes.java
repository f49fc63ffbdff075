/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

/** What lies behind an exception. */
public final class Causes {

  private Causes() {}

  /** The first line that says something in the innermost cause's message, without its full stop. */
  public static String firstLine(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null && cause.getCause() != cause) {
      cause = cause.getCause();
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return message
        .lines()
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse(message)
        .strip()
        .replaceFirst("\\.$", "");
  }
}
