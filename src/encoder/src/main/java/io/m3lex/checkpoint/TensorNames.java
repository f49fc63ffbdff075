/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

/** Names out of a file that may be damaged: they end up in messages and tables. */
final class TensorNames {

  private static final int MAX_LENGTH = 1_000;

  private TensorNames() {}

  /** Refuses names that are empty, longer than 1,000 characters, or hold control characters. */
  static void check(String name, String file) throws CheckpointFormatException {
    if (name.isEmpty()
        || name.length() > MAX_LENGTH
        || name.chars().anyMatch(c -> Character.isISOControl(c) || c == '\uFFFD')) {
      throw new CheckpointFormatException(
          file,
          null,
          -1,
          "a tensor has the name \""
              + printable(name)
              + "\": empty, too long, or with characters that no name has",
          CheckpointFormatException.DOWNLOAD_AGAIN);
    }
  }

  /** The beginning of a text, with everything but visible ASCII replaced. */
  static String printable(String text) {
    return text.substring(0, Math.min(text.length(), 60)).replaceAll("[^ -~]", "?");
  }
}
