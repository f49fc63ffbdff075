/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.util.Locale;

/**
 * The JSON values of an input that are not one a line: the objects of an array, or objects that
 * stand over several lines one behind the other. Values are only told apart here, by their braces;
 * what is wrong within one is for who reads it.
 */
final class JsonValues {

  private final LineReader lines;
  private String text = "";
  private int at;
  private boolean inArray;
  private boolean arrayEnded;

  JsonValues(LineReader lines) {
    this.lines = lines;
  }

  /**
   * A value.
   *
   * @param text null if there is a fault
   * @param line where it begins
   * @param fault why there is no text, null if there is
   */
  record Value(String text, long line, String fault) {}

  /** Whether an input that begins with a line like this holds no object a line. */
  static boolean isBeginning(String firstLine) {
    return firstLine.startsWith("[") || firstLine.strip().equals("{");
  }

  /**
   * The next value, null if there is none.
   *
   * @throws IOException if the input ends within an array or a value, or cannot be read
   */
  Value next() throws IOException {
    while (true) {
      while (at < text.length() && isBetween(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        Line line = lines.next();
        if (line == Line.END) {
          if (inArray) {
            throw lines.error("the file ends within its JSON array: it is cut off");
          }
          return null;
        }
        if (line.fault() != null) {
          return new Value(
              null, lines.line(), line.fault() + "; better give each object a line of its own");
        }
        begin(line);
      } else if (arrayEnded) {
        at = text.length();
        return new Value(null, lines.line(), "something stands behind the end of the JSON array");
      } else if (text.charAt(at) == '[' && !inArray) {
        inArray = true;
        at++;
      } else if (text.charAt(at) == ']' && inArray) {
        inArray = false;
        arrayEnded = true;
        at++;
      } else {
        return value();
      }
    }
  }

  private void begin(Line line) {
    text = line.text();
    at = 0;
  }

  private boolean isBetween(char c) {
    return Character.isWhitespace(c) || c == ',' && inArray;
  }

  private Value value() throws IOException {
    long first = lines.line();
    StringBuilder value = new StringBuilder();
    String fault = null;
    int depth = 0;
    while (true) {
      int from = at;
      boolean ended = false;
      while (at < text.length() && !ended) {
        char c = text.charAt(at);
        if (c == '"') {
          skipString(first);
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']') && at > from) {
          break;
        } else {
          depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
          at++;
          ended = depth <= 0 && (c == '}' || c == ']');
        }
      }
      if (fault == null && value.length() + (at - from) > LineReader.GREATEST_LENGTH) {
        fault =
            String.format(
                Locale.ROOT, "the record has more than %d MiB", LineReader.GREATEST_LENGTH >> 20);
      }
      if (fault == null) {
        value.append(text, from, at).append('\n');
      }
      if (depth <= 0) {
        return new Value(fault == null ? value.toString() : null, first, fault);
      }
      Line line = lines.next();
      if (line == Line.END) {
        throw lines.error(
            String.format(
                Locale.ROOT,
                "the file ends within the JSON that begins on line %d: it is cut off",
                first));
      }
      if (line.fault() != null) {
        fault =
            fault == null
                ? String.format(Locale.ROOT, "line %d: %s", lines.line(), line.fault())
                : fault;
        text = "";
        at = 0;
      } else {
        begin(line);
      }
    }
  }

  /** To behind the string's end. Strings have no line ends, so that nothing else can be right. */
  private void skipString(long first) throws IOException {
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= text.length()) {
      throw lines.error(
          String.format(
              Locale.ROOT,
              "a string of the JSON that begins on line %d is not ended: nothing behind it can be read",
              first));
    }
    at++;
  }
}
