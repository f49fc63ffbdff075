/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import io.m3lex.util.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.Objects;

/**
 * The bytes of a file of any size, read-only, and the same for as long as they are in use. Safe for
 * use by several threads.
 */
public abstract sealed class FileBytes permits FileBytes.InMemory, FileOnDisk {

  private static final int CHUNK_BYTES = 1 << 20;

  FileBytes() {}

  /**
   * Bytes that lie in memory.
   *
   * @param content the whole file, from the buffer's position to its limit; not copied, and not to
   *     be changed afterwards
   */
  public static FileBytes of(ByteBuffer content) {
    return new InMemory(content.slice().asReadOnlyBuffer());
  }

  /**
   * The bytes of an open file, read when they are asked for. What is read twice is compared: if
   * somebody writes to the file in the meantime, reading ends in a {@link FileChangedException},
   * now and from then on.
   *
   * @param channel open for reading, and closed by its owner: nothing can be read from then on.
   *     Like any channel it is also closed when a thread that reads from it is interrupted
   * @param file what messages call the file
   */
  public static FileBytes of(FileChannel channel, String file) throws IOException {
    return new FileOnDisk(channel, file);
  }

  /** The number of bytes; that of a file is taken once, in the beginning. */
  public abstract long size();

  /** Whether all bytes lie in memory. */
  public final boolean isInMemory() {
    return this instanceof InMemory;
  }

  /**
   * A piece as a read-only buffer in little-endian order: what lies in memory is not copied, what
   * lies on disk is.
   *
   * @throws IndexOutOfBoundsException if the piece does not lie within the file
   * @throws FileChangedException if the file was changed
   * @throws IOException if the file is closed or cannot be read
   */
  public abstract ByteBuffer slice(long offset, int length) throws IOException;

  /**
   * Copies bytes until a buffer is full.
   *
   * @param offset where the first byte lies
   * @param target filled from its position to its limit; its content is of no use after an
   *     exception
   * @throws IndexOutOfBoundsException if the file has no so many bytes there
   * @throws FileChangedException if the file was changed
   * @throws IOException if the file is closed or cannot be read
   */
  public abstract void read(long offset, ByteBuffer target) throws IOException;

  /** SHA-256 of all bytes, in lower-case hexadecimal. */
  public final String sha256() throws IOException {
    MessageDigest digest = Sha256.digest();
    // Outside the heap, so that nothing is copied once more on the way.
    ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, size()));
    for (long offset = 0; offset < size(); offset += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), size() - offset));
      read(offset, chunk);
      digest.update(chunk.flip());
    }
    return Sha256.hex(digest);
  }

  /** The first bytes, as many as there are but no more than asked for; a copy. */
  final ByteBuffer start(int length) throws IOException {
    ByteBuffer start =
        ByteBuffer.allocate((int) Math.min(length, size())).order(ByteOrder.LITTLE_ENDIAN);
    read(0, start);
    return start.flip();
  }

  /** Bytes in a buffer. */
  static final class InMemory extends FileBytes {
    private final ByteBuffer content;

    private InMemory(ByteBuffer content) {
      this.content = content;
    }

    @Override
    public long size() {
      return content.limit();
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
      Objects.checkFromIndexSize(offset, length, size());
      return content.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void read(long offset, ByteBuffer target) {
      target.put(slice(offset, target.remaining()));
    }
  }
}
