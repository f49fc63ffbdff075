/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/** What often lies where a model's file should be after a download that seemed to succeed. */
public enum BadDownload {
  /** A file without any bytes. */
  EMPTY_FILE("is empty", "Download the file again"),
  /** The small text file that Git keeps in place of a large one. */
  GIT_LFS_POINTER(
      "is a Git-LFS pointer, not the file itself",
      "Run \"git lfs pull\" in the repository that it came from, or download the file itself"),
  /** The page that a server answered with, instead of the file. */
  WEB_PAGE(
      "is a web page, not the file itself",
      "Download the file itself (its \"raw\" or \"resolve\" address, signed in where that is"
          + " needed)");

  private static final int INSPECTED_BYTES = 256;

  private final String problem;
  private final String remedy;

  BadDownload(String problem, String remedy) {
    this.problem = problem;
    this.remedy = remedy;
  }

  /**
   * Recognises a bad download by its first bytes.
   *
   * @param content the whole file, from the buffer's position to its limit; not moved
   * @return empty if the content looks like none of these, which does not say that it is right
   */
  public static Optional<BadDownload> recognise(ByteBuffer content) {
    if (!content.hasRemaining()) {
      return Optional.of(EMPTY_FILE);
    }
    byte[] start = new byte[Math.min(INSPECTED_BYTES, content.remaining())];
    content.get(content.position(), start);
    String text = new String(start, StandardCharsets.ISO_8859_1).strip().toLowerCase(Locale.ROOT);
    if (text.startsWith("version https://git-lfs")) {
      return Optional.of(GIT_LFS_POINTER);
    }
    if (text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<?xml")) {
      return Optional.of(WEB_PAGE);
    }
    return Optional.empty();
  }

  /** What is wrong, to follow the file's name: {@code is empty}. */
  public String problem() {
    return problem;
  }

  /** What to do: a sentence without its full stop. */
  public String remedy() {
    return remedy;
  }

  static void refuse(ByteBuffer content, String file) throws CheckpointFormatException {
    Optional<BadDownload> bad = recognise(content);
    if (bad.isPresent()) {
      throw new CheckpointFormatException(
          file, null, -1, "the file " + bad.get().problem, bad.get().remedy);
    }
  }

  static void refuse(FileBytes content, String file) throws IOException {
    refuse(content.start(INSPECTED_BYTES), file);
  }
}
