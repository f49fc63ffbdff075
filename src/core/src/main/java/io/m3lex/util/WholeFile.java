/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;

/** Writes files that are either whole or not there. */
public final class WholeFile {

  private WholeFile() {}

  /**
   * Writes a file beside its place, and puts it there when all of it is on disk. An older file of
   * that name stays as it is until then, and if writing fails.
   *
   * @param target where the file shall be; its folder must exist
   * @param parts the content, in order; the buffers' positions are not moved
   */
  public static void write(Path target, List<ByteBuffer> parts) throws IOException {
    write(
        target,
        channel -> {
          for (ByteBuffer part : parts) {
            ByteBuffer source = part.duplicate();
            while (source.hasRemaining()) {
              channel.write(source);
            }
          }
        });
  }

  /**
   * Writes a file of any size, as {@link #write(Path, List)} does.
   *
   * @param content if it throws, there is no file
   */
  public static void write(Path target, Content content) throws IOException {
    Path beside =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(beside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw UnwritableFile.explained(target, e);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  /** What stands in a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it. */
    void writeTo(WritableByteChannel channel) throws IOException;
  }
}
