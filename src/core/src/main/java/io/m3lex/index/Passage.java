/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.util.Locale;
import java.util.Objects;

/**
 * A part of a text.
 *
 * @param start where it begins in the text, in UTF-16 units from 0
 * @param end where it ends, exclusive
 * @param text what lies between
 */
public record Passage(int start, int end, String text) {
  /** Checks the components. */
  public Passage {
    Objects.requireNonNull(text, "text");
    if (start < 0 || end - start != text.length()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a passage of %d characters cannot lie from %d to %d",
              text.length(),
              start,
              end));
    }
  }
}
