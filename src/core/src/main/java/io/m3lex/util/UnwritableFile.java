/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import java.io.IOException;
import java.nio.file.Path;

/** What the system says of a file that cannot be written, which is often not which file it is. */
public final class UnwritableFile {

  private UnwritableFile() {}

  /** The exception to throw for one that writing a file threw: it names the file. */
  public static IOException explained(Path file, IOException e) {
    // What the system says has this class. Others name the file, or are an interruption, for
    // instance.
    if (e.getClass() != IOException.class) {
      return e;
    }
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.contains(file.toString())
        ? e
        : new IOException("%s cannot be written: %s".formatted(file, message), e);
  }
}
