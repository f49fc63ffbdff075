/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Neighbouring records of an input.
 *
 * @param input by what the input is known again
 * @param first the first record, from 0
 * @param end the first record behind it
 * @param sha256 of the whole input; null if that is not known
 */
record InputRange(String input, long first, long end, String sha256) {

  /** All records, however many. */
  static InputRange all(Path input) {
    return new InputRange(InputProgress.names(List.of(input)), 0, Long.MAX_VALUE, null);
  }

  long size() {
    return end - first;
  }

  /** As people count. */
  @Override
  public String toString() {
    return size() == 0
        ? "no records"
        : String.format(Locale.ROOT, "records %,d to %,d", first + 1, end);
  }
}
