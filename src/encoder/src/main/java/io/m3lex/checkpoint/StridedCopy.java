/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor whose elements do not lie in order, such as a transposed one: put in order when somebody
 * asks for it.
 *
 * @param start where its first element lies in the file, in bytes
 * @param span from there to the end of its last element, in bytes
 * @param elementBytes the size of an element
 * @param strides distance from one element to the next in each dimension, in elements; none
 *     negative
 */
record StridedCopy(
    FileBytes file, long start, int span, int elementBytes, long[] shape, long[] strides)
    implements Tensor.Place {

  @Override
  public ByteBuffer bytes() throws IOException {
    ByteBuffer source = file.slice(start, span);
    int last = shape.length - 1;
    long count = 1;
    for (long length : shape) {
      count *= length;
    }
    ByteBuffer copy =
        ByteBuffer.allocate((int) (count * elementBytes)).order(ByteOrder.LITTLE_ENDIAN);
    long[] index = new long[shape.length];
    long row = 0;
    while (copy.hasRemaining()) {
      copyRow(source, row, copy);
      // To the next row: the last but one dimension moves fastest.
      for (int d = last - 1; d >= 0; d--) {
        row += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        row -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
    return copy.flip().asReadOnlyBuffer();
  }

  private void copyRow(ByteBuffer source, long row, ByteBuffer copy) {
    int length = (int) shape[shape.length - 1];
    int step = (int) strides[shape.length - 1] * elementBytes;
    int from = (int) row * elementBytes;
    for (int i = 0; i < length; i++, from += step) {
      switch (elementBytes) {
        case Byte.BYTES -> copy.put(source.get(from));
        case Short.BYTES -> copy.putShort(source.getShort(from));
        case Integer.BYTES -> copy.putInt(source.getInt(from));
        default -> copy.putLong(source.getLong(from));
      }
    }
  }
}
