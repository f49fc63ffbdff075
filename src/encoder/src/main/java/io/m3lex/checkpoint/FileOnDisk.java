/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * The bytes of an open file that others may write to. The hash of every block is kept when it is
 * read for the first time, by whomever, and compared each time after: all readers see the same
 * bytes, or an exception. Who has read the whole file for its SHA-256 knows it of all that is read
 * before, beside and after it.
 *
 * <p>Nothing is mapped: pages of a mapped file change with the file, and end the program when it
 * becomes shorter.
 */
final class FileOnDisk extends FileBytes {

  /** Small enough that a row of a table is not much less. */
  static final int BLOCK_BYTES = 1 << 14;

  /** What is read at once is hashed while it is still in the processor's cache. */
  private static final int GREATEST_READ = 1 << 18;

  private final FileChannel channel;
  private final String file;
  private final long size;
  private final BlockHash hash = new BlockHash(BLOCK_BYTES);

  /** By block, null until it was read; guarded by itself. */
  private final BlockHash.Value[] hashes;

  private volatile FileChangedException change;

  FileOnDisk(FileChannel channel, String file) throws IOException {
    this.channel = channel;
    this.file = file;
    size = channel.size();
    hashes = new BlockHash.Value[Math.toIntExact((size + BLOCK_BYTES - 1) / BLOCK_BYTES)];
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public ByteBuffer slice(long offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, size);
    ByteBuffer copy = ByteBuffer.allocate(length);
    read(offset, copy);
    return copy.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    Objects.checkFromIndexSize(offset, target.remaining(), size);
    Blocks blocks = new Blocks();
    long position = offset;
    while (target.hasRemaining()) {
      int count = wholeBlocks(position, target.remaining());
      if (count > 0) {
        blocks.read(position, target.slice(target.position(), count));
        target.position(target.position() + count);
      } else {
        int skipped = (int) (position % BLOCK_BYTES);
        ByteBuffer block = blocks.around(position - skipped);
        count = Math.min(block.limit() - skipped, target.remaining());
        target.put(block.slice(skipped, count));
      }
      position += count;
    }
  }

  /** How many bytes from a position on are whole blocks, no more than are read at once. */
  private int wholeBlocks(long position, int length) {
    if (position % BLOCK_BYTES != 0) {
      return 0;
    }
    int most = Math.min(length, GREATEST_READ);
    return position + most == size ? most : most - most % BLOCK_BYTES;
  }

  /** Reads blocks and compares them with what was read of them before. For one thread. */
  private final class Blocks {
    private final long[] words = new long[BLOCK_BYTES / Long.BYTES];
    private ByteBuffer single;

    /** The block that starts at a position; a buffer that the next call takes again. */
    ByteBuffer around(long start) throws IOException {
      if (single == null) {
        single = ByteBuffer.allocate(BLOCK_BYTES);
      }
      read(start, single.clear().limit((int) Math.min(BLOCK_BYTES, size - start)));
      return single;
    }

    /** Fills a buffer with whole blocks, from a block's start on. */
    void read(long start, ByteBuffer target) throws IOException {
      FileChangedException known = change;
      if (known != null) {
        throw known.again();
      }
      while (target.hasRemaining()) {
        if (channel.read(target, start + target.position()) < 0) {
          throw changed(
              "it ends at byte %,d, and had %,d bytes before", start + target.position(), size);
        }
      }
      for (int from = 0; from < target.limit(); from += BLOCK_BYTES) {
        int length = Math.min(BLOCK_BYTES, target.limit() - from);
        BlockHash.Value found = hash.of(target.slice(from, length), words);
        if (!found.equals(first(start + from, found))) {
          throw changed(
              "bytes %,d to %,d are not those that were read before",
              start + from, start + from + length - 1);
        }
      }
    }
  }

  /** The hash with which a block was read for the first time. */
  private BlockHash.Value first(long start, BlockHash.Value found) {
    int block = (int) (start / BLOCK_BYTES);
    synchronized (hashes) {
      if (hashes[block] == null) {
        hashes[block] = found;
      }
      return hashes[block];
    }
  }

  private FileChangedException changed(String what, long... places) {
    change =
        new FileChangedException(
            file, String.format(Locale.ROOT, what, Arrays.stream(places).boxed().toArray()));
    return change;
  }
}
