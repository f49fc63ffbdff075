/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.util.Arrays;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.BitUtil;

/**
 * Numbers of a fixed number of bits, and rising numbers in the code of Elias and Fano, in a growing
 * array of bytes. Bit {@code i} is bit {@code i & 7} of byte {@code i >>> 3}.
 *
 * <p>{@code n} rising numbers less than {@code universe} take a few bits more than the least
 * possible: each number's low bits as they are, its high bits as the distance to those of the
 * number before, in unary (Peter Elias, Efficient Storage and Retrieval by Content and Address of
 * Static Files, JACM 1974).
 */
final class PackedBits {

  /** What the readers may touch behind the last number. */
  static final int SLACK = Long.BYTES;

  private byte[] bytes = new byte[256];
  private int bits;

  /** Where the written bits are; valid until the next is added. */
  byte[] bytes() {
    return bytes;
  }

  /** The number of bytes that hold the written bits. */
  int length() {
    return bits + 7 >>> 3;
  }

  void clear() {
    Arrays.fill(bytes, 0, length(), (byte) 0);
    bits = 0;
  }

  /** Fills the last byte with zeros. */
  void align() {
    bits = length() << 3;
  }

  /**
   * Adds a number.
   *
   * @param width how many bits of it, at most 32
   */
  void add(long number, int width) {
    bytes = ArrayUtil.grow(bytes, (bits >>> 3) + 2 * Long.BYTES);
    int at = bits >>> 3;
    long before = (long) BitUtil.VH_LE_LONG.get(bytes, at);
    BitUtil.VH_LE_LONG.set(bytes, at, before | number << (bits & 7));
    bits += width;
  }

  /**
   * Adds rising numbers, from the next full byte on, each with another number behind its low bits.
   *
   * @param base is subtracted from each
   * @param least is subtracted from each of the others
   * @param width how many bits these then take
   */
  void addRising(
      int[] numbers,
      int base,
      int[] others,
      int least,
      int from,
      int to,
      int universe,
      int lowBits,
      int width) {
    align();
    int start = bits;
    int upper = upperBits(to - from, universe, lowBits);
    bytes = ArrayUtil.grow(bytes, (start + upper >>> 3) + 2 * Long.BYTES);
    for (int i = from; i < to; i++) {
      int bit = start + i - from + (numbers[i] - base >>> lowBits);
      bytes[bit >>> 3] |= (byte) (1 << (bit & 7));
    }
    bits = start + upper;
    int mask = mask(lowBits);
    for (int i = from; i < to; i++) {
      add(numbers[i] - base & mask, lowBits);
      add(others[i] - least, width);
    }
  }

  /** The number of low bits for which rising numbers take least room. */
  static int lowBits(int count, int universe) {
    return universe <= count ? 0 : 31 - Integer.numberOfLeadingZeros(universe / count);
  }

  /** The bits that the high parts take. */
  static int upperBits(int count, int universe, int lowBits) {
    return count + (universe - 1 >>> lowBits);
  }

  /**
   * Reads one number.
   *
   * @param bit where it begins
   * @param mask as many ones as it has bits
   */
  static int get(byte[] bytes, int bit, int mask) {
    return (int) ((long) BitUtil.VH_LE_LONG.get(bytes, bit >>> 3) >>> (bit & 7)) & mask;
  }

  /** How many bits a number takes, at least 0. */
  static int width(int number) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(number);
  }

  /** As many ones. */
  static int mask(int width) {
    return (int) ((1L << width) - 1);
  }

  /**
   * Reads rising numbers.
   *
   * @param start the byte where they begin
   * @param width how many bits are behind each one's low bits
   * @param base is added to each
   */
  static void getRising(
      byte[] bytes,
      int start,
      int count,
      int universe,
      int lowBits,
      int width,
      int base,
      int[] numbers) {
    int low = (start << 3) + upperBits(count, universe, lowBits);
    int mask = mask(lowBits);
    int i = 0;
    for (int word = 0; i < count; word++) {
      long ones = (long) BitUtil.VH_LE_LONG.get(bytes, start + (word << 3));
      int before = (word << 6) - i;
      for (; ones != 0 && i < count; ones &= ones - 1) {
        int high = before + Long.numberOfTrailingZeros(ones);
        before--;
        numbers[i++] = base + (high << lowBits | get(bytes, low, mask));
        low += lowBits + width;
      }
    }
  }
}
