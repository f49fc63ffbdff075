/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is wrong with JSON, in words for whoever wrote it. Jackson's own speak to programmers: of
 * its flags, and of which tokens it was expecting.
 */
public final class JsonFaults {

  private static final Pattern NO_NUMBER = Pattern.compile("Non-standard token '(.*?)'.*");
  private static final Pattern NO_VALUE = Pattern.compile("Unrecognized token '(.*)': was .*");
  private static final Pattern CHARACTER =
      Pattern.compile(
          "(Unexpected (?:character \\('.+' \\(code [^)]+\\)\\)|close marker '.')).*",
          Pattern.DOTALL);
  private static final Pattern FLAGS =
      Pattern.compile(": enable `.*`.*|, from `[^`]*`| \\(from `[^`]*`\\)", Pattern.DOTALL);

  private JsonFaults() {}

  /** The fault and, where it is known, its place. */
  public static String words(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    Matcher number = NO_NUMBER.matcher(message);
    if (number.matches()) {
      // Jackson tells where it ends.
      return number.group(1) + " is not a number in JSON" + place(e, number.group(1).length());
    }
    return words(message) + place(e, 0);
  }

  private static String words(String message) {
    Matcher value = NO_VALUE.matcher(message);
    if (value.matches()) {
      return "\"%s\" is not a JSON value".formatted(Excerpt.of(value.group(1)));
    }
    if (message.startsWith("Unexpected end-of-input")) {
      return message.contains("for a string value")
          ? "it ends within a string"
          : "it ends before it is complete";
    }
    Matcher character = CHARACTER.matcher(message);
    return character.matches() ? character.group(1) : FLAGS.matcher(message).replaceAll("");
  }

  /**
   * Where the fault is, in parentheses and after a space; empty if that is not known.
   *
   * @param before how many characters before the place that Jackson tells
   */
  public static String place(JsonProcessingException e, int before) {
    JsonLocation location = e.getLocation();
    if (location == null) {
      return "";
    }
    int column = location.getColumnNr() - before;
    return location.getLineNr() > 1
        ? String.format(Locale.ROOT, " (line %d, column %d)", location.getLineNr(), column)
        : String.format(Locale.ROOT, " (column %d)", column);
  }
}
