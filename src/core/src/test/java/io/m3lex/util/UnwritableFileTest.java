/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnwritableFileTest {

  @Test
  void aFullDiskNamesTheFile(@TempDir Path folder) {
    Path file = folder.resolve("report.html");
    IOException full =
        assertThrows(
            IOException.class,
            () ->
                WholeFile.write(
                    file,
                    channel -> {
                      throw new IOException("No space left on device");
                    }));
    assertEquals(file + " cannot be written: No space left on device", full.getMessage());
    assertEquals(0, folder.toFile().list().length);
  }

  @Test
  void whatNamesItAlreadyStays() {
    Path file = Path.of("vectors.jsonl");
    IOException named = new FileSystemException("vectors.jsonl", null, "Read-only file system");
    assertSame(named, UnwritableFile.explained(file, named));
    IOException interrupted = new InterruptedIOException();
    assertSame(interrupted, UnwritableFile.explained(file, interrupted));
    assertTrue(
        UnwritableFile.explained(file, new IOException()).getMessage().contains("vectors.jsonl"));
  }
}
