/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.util.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * What is in a file of lines.
 *
 * @param sha256 in lower-case hexadecimal
 */
record FileContent(long lines, long bytes, String sha256) {

  private static final int CHUNK_BYTES = 1 << 20;

  FileContent {
    if (lines < 0 || bytes < 0 || !sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%d lines, %d bytes, SHA-256 %s", lines, bytes, sha256));
    }
  }

  /** SHA-256 of a file, in lower-case hexadecimal. */
  static String sha256(Path file) throws IOException {
    return copy(file, OutputStream.nullOutputStream(), bytes -> {}, () -> false);
  }

  /**
   * Copies a file.
   *
   * @param progress gets the number of bytes of each piece
   * @param stop whether to end before the file does
   * @return SHA-256 of what was copied
   */
  static String copy(Path file, OutputStream to, LongConsumer progress, BooleanSupplier stop)
      throws IOException {
    MessageDigest digest = Sha256.digest();
    byte[] buffer = new byte[CHUNK_BYTES];
    try (InputStream from = Files.newInputStream(file)) {
      int length = from.read(buffer);
      while (length >= 0 && !stop.getAsBoolean()) {
        digest.update(buffer, 0, length);
        to.write(buffer, 0, length);
        progress.accept(length);
        length = from.read(buffer);
      }
    }
    return Sha256.hex(digest);
  }
}
