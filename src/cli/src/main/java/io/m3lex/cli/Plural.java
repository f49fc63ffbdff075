/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.util.Locale;

/** Counts in words. */
final class Plural {

  private Plural() {}

  /**
   * A count and what is counted, such as "1 record is" or "1,200 records are".
   *
   * @param one what follows the number 1
   * @param many what follows any other number
   */
  static String of(long count, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
  }
}
