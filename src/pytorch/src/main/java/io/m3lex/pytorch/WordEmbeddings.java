/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.pytorch;

import io.m3lex.checkpoint.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The table of word embeddings, by far the largest of a network. It stays where the checkpoint is,
 * and only the rows of a text's tokens are fetched: a copy would take as much memory as all layers.
 * Safe for use by several threads.
 */
final class WordEmbeddings {

  private final Tensor table;
  private final int hidden;

  /** Used again, because memory outside the heap is given back late. */
  private final Queue<ByteBuffer> spare = new ConcurrentLinkedQueue<>();

  /** Takes a table {@code [ids, hidden]}. */
  WordEmbeddings(Tensor table) {
    this.table = table;
    hidden = Math.toIntExact(table.shape()[1]);
  }

  /**
   * The rows of some ids, each once. To be closed when nobody reads them any more.
   *
   * @param owner takes the buffer back
   * @param values {@code [rows, hidden]}, a direct buffer of 32-bit numbers, row after row
   * @param places for each id its row
   */
  record Rows(Queue<ByteBuffer> owner, ByteBuffer values, long[] places) implements AutoCloseable {
    @Override
    public void close() {
      owner.add(values);
    }
  }

  /**
   * Fetches the rows of ids that are in the table.
   *
   * @throws java.io.UncheckedIOException if they cannot be read, or somebody wrote to their file
   */
  Rows rows(long[] ids) {
    long[] distinct = Arrays.stream(ids).distinct().sorted().toArray();
    ByteBuffer values = buffer(Math.multiplyExact(distinct.length, hidden * Float.BYTES));
    try {
      for (long id : distinct) {
        for (float value : table.toFloats(Math.toIntExact(id * hidden), hidden)) {
          values.putFloat(value);
        }
      }
      return new Rows(
          spare,
          values.flip(),
          Arrays.stream(ids).map(id -> Arrays.binarySearch(distinct, id)).toArray());
    } catch (RuntimeException e) {
      spare.add(values);
      throw e;
    }
  }

  private ByteBuffer buffer(int bytes) {
    ByteBuffer buffer = spare.poll();
    return buffer != null && buffer.capacity() >= bytes
        ? buffer.clear().limit(bytes)
        : ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
