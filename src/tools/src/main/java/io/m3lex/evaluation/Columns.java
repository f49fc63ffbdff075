/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.corpus.LineReader;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * The columns of TREC's files, line by line: what stands between white space as C has it, so that
 * an id may hold a no-break space. Lines without columns are passed over.
 */
final class Columns {

  /** Longer whole numbers may not fit into a long. */
  private static final int MOST_DIGITS = 18;

  private final LineReader lines;
  private String line = "";
  private int[] bounds = new int[12]; // of column i from 2i to 2i + 1
  private int count;

  Columns(LineReader lines) {
    this.lines = lines;
  }

  /**
   * Goes to the next line that holds a column.
   *
   * @return false if there is none
   * @throws IOException if the file cannot be read on, or the line is no text
   */
  boolean next() throws IOException {
    for (Line next = lines.next(); next != Line.END; next = lines.next()) {
      if (next.fault() != null) {
        throw lines.error(next.fault());
      }
      line = next.text();
      split();
      if (count > 0) {
        return true;
      }
    }
    return false;
  }

  private void split() {
    count = 0;
    int length = line.length();
    int at = 0;
    while (true) {
      while (at < length && isSpace(line.charAt(at))) {
        at++;
      }
      if (at == length) {
        return;
      }
      if (2 * count == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * bounds.length);
      }
      bounds[2 * count] = at;
      while (at < length && !isSpace(line.charAt(at))) {
        at++;
      }
      bounds[2 * count + 1] = at;
      count++;
    }
  }

  private static boolean isSpace(char character) {
    return character == ' ' || character >= '\t' && character <= '\r';
  }

  /** The line as it stands in the file. */
  String line() {
    return line;
  }

  /** Number of columns, at least 1. */
  int count() {
    return count;
  }

  String get(int column) {
    return line.substring(bounds[2 * column], bounds[2 * column + 1]);
  }

  /** Whether a column holds this text. */
  boolean holds(int column, String text) {
    int from = bounds[2 * column];
    return bounds[2 * column + 1] - from == text.length() && line.startsWith(text, from);
  }

  /**
   * A finite number, as trec_eval reads it too.
   *
   * @param what the column is, for the message
   */
  double number(int column, String what) throws IOException {
    String text = get(column);
    if (text.chars().allMatch(c -> c >= '0' && c <= '9' || "+-.eE".indexOf(c) >= 0)) {
      try {
        double number = Double.parseDouble(text);
        if (Double.isFinite(number)) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Falls through to the same message.
      }
    }
    throw lines.error("the %s is no finite number: %s".formatted(what, text));
  }

  /**
   * A whole number.
   *
   * @param what the column is, for the message
   */
  long wholeNumber(int column, String what) throws IOException {
    return wholeNumber(line, bounds[2 * column], bounds[2 * column + 1])
        .orElseThrow(
            () -> lines.error("the %s is no whole number: %s".formatted(what, get(column))));
  }

  private static OptionalLong wholeNumber(String text, int from, int to) {
    boolean signed = text.charAt(from) == '-' || text.charAt(from) == '+';
    int first = signed ? from + 1 : from;
    if (first == to || to - first > MOST_DIGITS) {
      return OptionalLong.empty();
    }
    long number = 0;
    for (int i = first; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return OptionalLong.empty();
      }
      number = 10 * number + digit;
    }
    return OptionalLong.of(text.charAt(from) == '-' ? -number : number);
  }
}
