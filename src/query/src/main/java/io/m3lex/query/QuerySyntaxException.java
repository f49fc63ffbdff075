/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import java.util.Locale;

/**
 * A query that cannot be read. The message says what is wrong and what to do, and shows the place:
 * the query, and below it a caret under the column.
 */
public final class QuerySyntaxException extends Exception {

  private static final long serialVersionUID = 1;

  /** How much of a long query is shown on either side of the place. */
  private static final int CONTEXT = 40;

  private final int column;

  QuerySyntaxException(String query, int column, String reason) {
    super(
        String.format(
            Locale.ROOT,
            "The query cannot be read at column %d: %s.%n%s",
            column,
            reason,
            shown(query, column)));
    this.column = column;
  }

  /** Where it is, in UTF-16 units from 1; one beyond the query's length if that is its end. */
  public int column() {
    return column;
  }

  private static String shown(String query, int column) {
    int start = Math.max(0, column - 1 - CONTEXT);
    int end = Math.min(query.length(), column - 1 + CONTEXT);
    String before = start > 0 ? "…" : "";
    String after = end < query.length() ? "…" : "";
    String part = query.substring(start, end).replaceAll("\\p{Cntrl}", " ");
    return "  "
        + before
        + part
        + after
        + "%n  ".formatted()
        + " ".repeat(before.length() + column - 1 - start)
        + "^";
  }
}
