/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Hashes of blocks of bytes, by a key that is drawn at random and never shown: the function NH of
 * UMAC (Black, Halevi, Krawczyk, Krovetz and Rogaway, 1999) on words of 64 bits.
 *
 * <pre>
 * sum over i of (m[2i] + k[2i] mod 2^64) * (m[2i+1] + k[2i+1] mod 2^64)   mod 2^128
 * </pre>
 *
 * <p>Two blocks of the same length, whatever they hold, have the same hash with a probability of at
 * most 2^-64, and nobody who does not know the key can look for two that have. It takes a fraction
 * of the time of SHA-256. Immutable; safe for use by several threads.
 */
final class BlockHash {

  private final long[] key;

  /** Draws a key for blocks of at most so many bytes, a multiple of 16. */
  BlockHash(int greatestBytes) {
    byte[] random = new byte[greatestBytes];
    new SecureRandom().nextBytes(random);
    key = new long[greatestBytes / Long.BYTES];
    ByteBuffer.wrap(random).asLongBuffer().get(key);
  }

  /** 128 bits. */
  record Value(long high, long low) {}

  /**
   * The hash of the bytes from the buffer's position to its limit, which stay as they are.
   *
   * @param words room for a block, overwritten
   */
  Value of(ByteBuffer block, long[] words) {
    ByteBuffer bytes = block.slice().order(ByteOrder.LITTLE_ENDIAN);
    int whole = bytes.remaining() / Long.BYTES;
    bytes.asLongBuffer().get(words, 0, whole);
    // Zeros fill the last block up: of one place in a file all blocks have the same length.
    Arrays.fill(words, whole, Math.min(whole + 2, words.length), 0);
    for (int i = whole * Long.BYTES; i < bytes.remaining(); i++) {
      words[whole] |= (bytes.get(i) & 0xffL) << (8 * (i % Long.BYTES));
    }
    return sum(words, Math.min((whole + 2) & ~1, words.length));
  }

  /** Sums of 32-bit halves, so that a carry is added once and not in every step. */
  private Value sum(long[] words, int count) {
    long[] key = this.key;
    long lowest = 0;
    long middle = 0;
    long highest = 0;
    for (int i = 0; i < count; i += 2) {
      long a = words[i] + key[i];
      long b = words[i + 1] + key[i + 1];
      long product = a * b;
      lowest += product & 0xffffffffL;
      middle += product >>> 32;
      highest += Math.unsignedMultiplyHigh(a, b);
    }
    middle += lowest >>> 32;
    return new Value(highest + (middle >>> 32), middle << 32 | lowest & 0xffffffffL);
  }
}
