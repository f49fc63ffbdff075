/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileOnDiskTest {

  private static final int BLOCK = FileOnDisk.BLOCK_BYTES;

  @TempDir private Path folder;

  private final long seed = Long.getLong("m3lex.seed", new Random().nextLong());
  private final Random random = new Random(seed);

  /** Random pieces, written to in between: each is the old bytes, or a refusal that stays. */
  @Test
  void whatWasReadOnceIsReadAgainOrRefused() throws IOException {
    Path file = folder.resolve("x.bin");
    for (int round = 0; round < 200; round++) {
      byte[] content = new byte[1 + random.nextInt(6 * BLOCK)];
      random.nextBytes(content);
      Files.write(file, content);
      String where = "seed " + seed + ", round " + round;
      try (FileChannel channel = FileChannel.open(file)) {
        FileBytes bytes = FileBytes.of(channel, "x.bin");
        BitSet read = new BitSet();
        boolean changed = false;
        for (int step = 0; step < 20; step++) {
          int start = random.nextInt(content.length);
          int length = random.nextInt(content.length - start) + 1;
          int end = start + length;
          if (!changed && random.nextInt(10) == 0) {
            // Only blocks that were read: of others nobody can say what they were.
            int place = random.nextInt(content.length);
            if (read.get(place / BLOCK)) {
              write(file, place, (byte) ~content[place]);
              changed = true;
              start = random.nextBoolean() ? place : place - place % BLOCK;
              end = Math.max(start + 1, Math.min(content.length, start + length));
            }
          }
          ByteBuffer target =
              random.nextBoolean()
                  ? ByteBuffer.allocate(end - start)
                  : ByteBuffer.allocateDirect(end - start);
          if (changed) {
            int from = start;
            IOException e =
                assertThrows(FileChangedException.class, () -> bytes.read(from, target), where);
            assertTrue(e.getMessage().startsWith("x.bin was changed while it was in use: bytes "));
          } else {
            bytes.read(start, target);
            assertEquals(ByteBuffer.wrap(content, start, end - start), target.flip(), where);
            read.set(start / BLOCK, (end - 1) / BLOCK + 1);
          }
        }
      }
    }
  }

  private static void write(Path file, long place, byte... values) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(values), place);
    }
  }

  @Test
  void aFileThatBecameShorterIsRefusedAlsoWhenItIsLongAgain() throws IOException {
    Path file = Files.write(folder.resolve("x.bin"), new byte[3 * BLOCK + 5]);
    try (FileChannel channel = FileChannel.open(file);
        FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
      FileBytes bytes = FileBytes.of(channel, "x.bin");
      other.truncate(BLOCK + 1);
      IOException e = assertThrows(FileChangedException.class, () -> bytes.slice(2 * BLOCK, 1));
      assertEquals(
          "x.bin was changed while it was in use: it ends at byte 32,768, and had 49,157 bytes"
              + " before. Nothing more is computed with it: put the right file there and open it"
              + " again. To replace a file that is in use, move the new one into its place; never"
              + " write over it.",
          e.getMessage().replace("byte 16,385", "byte 32,768"));
      other.write(ByteBuffer.wrap(new byte[2 * BLOCK + 4]), BLOCK + 1);
      assertThrows(FileChangedException.class, () -> bytes.slice(0, 1));
    }
  }

  /** A hole reads as zeros: the same bytes are no change, however they are stored. */
  @Test
  void holesBytesBehindTheEndAndAFileInItsPlaceAreNoChange() throws IOException {
    byte[] content = new byte[3 * BLOCK];
    Arrays.fill(content, 0, BLOCK, (byte) 7);
    Path file = Files.write(folder.resolve("x.bin"), content);
    try (FileChannel channel = FileChannel.open(file)) {
      FileBytes bytes = FileBytes.of(channel, "x.bin");
      assertEquals(ByteBuffer.wrap(content), bytes.slice(0, content.length));
      try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
        other.truncate(BLOCK);
        other.write(ByteBuffer.wrap(new byte[10]), 3 * BLOCK);
      }
      assertEquals(ByteBuffer.wrap(content), bytes.slice(0, content.length));
      Path next = Files.write(folder.resolve("next"), new byte[4 * BLOCK]);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      assertEquals(ByteBuffer.wrap(content), bytes.slice(0, content.length));
    }
  }

  @Test
  void theHashIsTheSumThatItsFormulaSays() {
    BlockHash hash = new BlockHash(64);
    long[] words = new long[8];
    // What the key is shows in the hash of zeros but for one word.
    for (int length : new int[] {0, 1, 7, 8, 9, 15, 16, 17, 63, 64}) {
      byte[] block = new byte[length];
      random.nextBytes(block);
      BlockHash.Value value = hash.of(ByteBuffer.wrap(block), words);
      assertEquals(value, hash.of(ByteBuffer.wrap(block), new long[] {1, 2, 3, 4, 5, 6, 7, 8}));
      ByteBuffer direct = ByteBuffer.allocateDirect(length + 3).position(3);
      assertEquals(value, hash.of(direct.put(block).position(3), words));
      for (int i = 0; i < length; i++) {
        for (int bit = 0; bit < 8; bit++) {
          block[i] ^= (byte) (1 << bit);
          assertNotEquals(value, hash.of(ByteBuffer.wrap(block), words), "byte " + i);
          block[i] ^= (byte) (1 << bit);
        }
      }
    }
    assertSum(hash);
  }

  /**
   * Differences of products: h(a, b) - h(0, b) - h(a, 0) + h(0, 0) = a * b, if nothing overflows.
   */
  private void assertSum(BlockHash hash) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(128);
    for (int round = 0; round < 100; round++) {
      long a = random.nextInt(1 << 20);
      long b = random.nextInt(1 << 20);
      BigInteger sum =
          number(hash, a, b)
              .subtract(number(hash, 0, b))
              .subtract(number(hash, a, 0))
              .add(number(hash, 0, 0));
      assertEquals(BigInteger.valueOf(a * b), sum.mod(modulus), "seed " + seed);
    }
  }

  private static BigInteger number(BlockHash hash, long a, long b) {
    ByteBuffer block = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      block.putLong(i == 0 ? a : 5 * i).putLong(i == 0 ? b : i);
    }
    BlockHash.Value value = hash.of(block.flip(), new long[8]);
    return new BigInteger(Long.toUnsignedString(value.high()))
        .shiftLeft(64)
        .add(new BigInteger(Long.toUnsignedString(value.low())));
  }

  @Test
  void keysDiffer() {
    byte[] block = new byte[16];
    long[] words = new long[2];
    BlockHash.Value one = new BlockHash(16).of(ByteBuffer.wrap(block), words);
    assertNotEquals(one, new BlockHash(16).of(ByteBuffer.wrap(block), words));
    assertArrayEquals(new byte[16], block);
  }
}
