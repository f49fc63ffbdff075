/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalLong;

/**
 * Looks at every element of a tensor once: is there one that is infinite or not a number, and are
 * all the same?
 *
 * <p>Elements of every type are looked at eight bytes at a time. For floating-point numbers, adding
 * the lowest exponent bit to the exponent alone carries into the place of the sign if and only if
 * all exponent bits are set, which is what infinity and NaN have in common:
 *
 * <pre>
 * F16   0 11111 0000000000   exponent of an infinite number
 *     + 0 00001 0000000000
 *     = 1 00000 0000000000
 * </pre>
 *
 * <p>The inner loop has no branch, so that it compiles to vector instructions.
 */
final class TensorScan {

  /** Small enough that a piece is still in the processor's cache when it is looked at. */
  static final int CHUNK_BYTES = 1 << 18;

  private final ByteBuffer copy;
  private final long[] words;

  private int elementBytes;
  private long exponents;
  private long lowestExponentBits;
  private long signs;
  private long first;
  private long notFinite;
  private long different;

  private TensorScan(long length) {
    int bytes = (int) Math.min(CHUNK_BYTES, length);
    copy = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    words = new long[(bytes + Long.BYTES - 1) / Long.BYTES];
  }

  /** The bytes to scan. */
  interface Source {
    /**
     * A piece of the bytes, from the buffer's position to its limit, in little-endian order.
     *
     * @param copy has room for the piece, may be used to read the piece into, or not
     */
    ByteBuffer piece(long offset, int length, ByteBuffer copy) throws IOException;
  }

  /**
   * Scans a tensor as far as needed.
   *
   * @param length in bytes
   * @param seekNotFinite whether the first element that is not finite is asked for
   * @param seekConstant whether it is asked for that all elements are the same
   */
  static Tensor.Scan scan(
      ElementType type, long length, Source source, boolean seekNotFinite, boolean seekConstant)
      throws IOException {
    return new TensorScan(length).run(type, length, source, seekNotFinite, seekConstant);
  }

  private Tensor.Scan run(
      ElementType type, long length, Source source, boolean seekNotFinite, boolean seekConstant)
      throws IOException {
    prepare(type);
    OptionalLong firstNotFinite = OptionalLong.empty();
    boolean finiteOpen = seekNotFinite && type.isFloatingPoint();
    boolean constantOpen = seekConstant && length > elementBytes;
    for (long offset = 0; offset < length && (finiteOpen || constantOpen); offset += CHUNK_BYTES) {
      int bytes = (int) Math.min(CHUNK_BYTES, length - offset);
      int count = load(source.piece(offset, bytes, copy), offset == 0);
      look(count);
      if (finiteOpen && (notFinite & signs) != 0) {
        firstNotFinite = OptionalLong.of(offset / elementBytes + indexOfNotFinite());
        finiteOpen = false;
      }
      // Once something differs, nothing further can make it constant.
      constantOpen &= isConstantSoFar();
    }
    return new Tensor.Scan(firstNotFinite, constantOpen);
  }

  private void prepare(ElementType type) {
    elementBytes = type.bytes();
    signs = everyLane(1L << (8 * elementBytes - 1));
    int mantissaBits =
        switch (type) {
          case F64 -> 52;
          case F32 -> 23;
          case F16 -> 10;
          case BF16 -> 7;
          default -> -1;
        };
    lowestExponentBits = mantissaBits < 0 ? 0 : everyLane(1L << mantissaBits);
    exponents =
        mantissaBits < 0 ? 0 : everyLane((1L << (8 * elementBytes - 1)) - (1L << mantissaBits));
    notFinite = 0;
    different = 0;
  }

  /** Repeats an element until it fills eight bytes. */
  private long everyLane(long element) {
    long lanes = element;
    for (int bytes = elementBytes; bytes < Long.BYTES; bytes *= 2) {
      lanes |= lanes << (8 * bytes);
    }
    return lanes;
  }

  /** Copies a piece into {@link #words}, what is left of the last word filled by the element. */
  private int load(ByteBuffer piece, boolean isFirst) {
    int bytes = piece.remaining();
    int whole = bytes / Long.BYTES;
    piece.asLongBuffer().get(words, 0, whole);
    int tailStart = piece.position() + whole * Long.BYTES;
    long tail = 0;
    int tailBits = 8 * (piece.limit() - tailStart);
    for (int bits = 0; bits < tailBits; bits += 8) {
      tail |= (piece.get(tailStart + bits / 8) & 0xffL) << bits;
    }
    if (isFirst) {
      long word = whole > 0 ? words[0] : tail;
      first =
          everyLane(elementBytes == Long.BYTES ? word : word & ((1L << (8 * elementBytes)) - 1));
    }
    if (tailBits > 0) {
      words[whole] = tail | first << tailBits;
      return whole + 1;
    }
    return whole;
  }

  private void look(int count) {
    long[] words = this.words;
    long exponents = this.exponents;
    long lowest = lowestExponentBits;
    long first = this.first;
    long carries = 0;
    long differences = 0;
    for (int i = 0; i < count; i++) {
      long word = words[i];
      carries |= (word & exponents) + lowest;
      differences |= word ^ first;
    }
    notFinite |= carries;
    different |= differences;
  }

  private int indexOfNotFinite() {
    int word = 0;
    while ((((words[word] & exponents) + lowestExponentBits) & signs) == 0) {
      word++;
    }
    long carries = ((words[word] & exponents) + lowestExponentBits) & signs;
    return (word * Long.BYTES + Long.numberOfTrailingZeros(carries) / 8) / elementBytes;
  }

  private boolean isConstantSoFar() {
    if (exponents == 0) {
      return different == 0;
    }
    boolean isZero = (first & ~signs) == 0;
    boolean isInfinite = (first & ~signs) == exponents;
    boolean isNotANumber = !isInfinite && (first & exponents) == exponents;
    // The numbers 0 and -0 are the same, and a NaN is not even the same as itself.
    return !isNotANumber && (isZero ? different & ~signs : different) == 0;
  }
}
