/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.util.Sha256;
import io.m3lex.util.UnwritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A file of which only the beginning may be there yet. It lies beside its place as {@code
 * .name.part}, which nothing takes for the file itself, and is put there when it is whole and
 * right.
 */
final class PartialFile implements AutoCloseable {

  private static final int CHUNK_BYTES = 1 << 20;

  private final Path target;
  private final Path part;
  private final FileChannel channel;
  private MessageDigest digest = Sha256.digest();
  private long size;

  /**
   * Opens what is there of a file, and hashes it.
   *
   * @param target where the file shall be; its folder is made if it is not there
   * @param expectedSize more than that is thrown away
   */
  PartialFile(Path target, long expectedSize) throws IOException {
    this.target = target;
    part = pathFor(target);
    Files.createDirectories(part.toAbsolutePath().getParent());
    channel =
        FileChannel.open(
            part, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.size() > expectedSize) {
        channel.truncate(0);
      }
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
      while (channel.read(chunk.clear()) > 0) {
        size += chunk.flip().remaining();
        digest.update(chunk);
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Where the beginning of a file lies. */
  static Path pathFor(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".part");
  }

  /** Number of bytes that are there. */
  long size() {
    return size;
  }

  void append(byte[] bytes, int length) throws IOException {
    ByteBuffer source = ByteBuffer.wrap(bytes, 0, length);
    try {
      while (source.hasRemaining()) {
        size += channel.write(source, size);
      }
    } catch (IOException e) {
      throw UnwritableFile.explained(part, e);
    }
    digest.update(bytes, 0, length);
  }

  /** Throws away what is there. */
  void restart() throws IOException {
    channel.truncate(0);
    channel.position(0);
    size = 0;
    digest = Sha256.digest();
  }

  /** The first bytes. */
  ByteBuffer start() throws IOException {
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(size, 512));
    channel.read(start, 0);
    return start.flip();
  }

  /** The hash of what is there. */
  String sha256() {
    return Sha256.hex(digest);
  }

  /** Puts the file into its place, when all of it is on disk. */
  void publish() throws IOException {
    channel.force(true);
    channel.close();
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes what is there. */
  void delete() throws IOException {
    size = 0;
    close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (size == 0) {
      Files.deleteIfExists(part);
    }
  }
}
