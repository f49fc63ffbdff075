/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.nio.charset.StandardCharsets;

/**
 * Text as UTF-8 can hold it. JSON may carry half a surrogate pair into an id or a document;
 * encoders either refuse it or put something else there.
 */
final class WellFormedText {

  private WellFormedText() {}

  /** The text with a question mark for each half of a surrogate pair that stands alone. */
  static String of(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
