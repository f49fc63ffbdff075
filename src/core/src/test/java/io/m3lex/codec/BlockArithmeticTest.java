/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import org.apache.lucene.util.BitUtil;
import org.junit.jupiter.api.Test;

/** Vector instructions compute what ordinary ones do, to the last bit. */
class BlockArithmeticTest {

  private final BlockArithmetic ordinary = new BlockArithmetic();
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);

  private BlockArithmetic vectors() throws ReflectiveOperationException {
    assumeTrue(
        ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
            && Runtime.version().feature() >= 25,
        "vectors need Java 25 and its module jdk.incubator.vector");
    return (BlockArithmetic)
        Class.forName("io.m3lex.codec.VectorBlockArithmetic")
            .getDeclaredConstructor()
            .newInstance();
  }

  @Test
  void vectorsAreUsedWhereTheyAreFast() throws ReflectiveOperationException {
    BlockArithmetic expected = vectors().isVectorized() ? vectors() : ordinary;
    assertSame(expected.getClass(), BlockArithmetic.FASTEST.getClass());
    assertEquals(expected.isVectorized(), BlockMaxPostings.isVectorized());
  }

  @Test
  void productsOfPackedWeightsAreEqual() throws ReflectiveOperationException {
    BlockArithmetic vectors = vectors();
    for (int width = 0; width <= 16; width++) {
      for (int lowBits = 0; lowBits <= 11; lowBits++) {
        int count = 1 + random.nextInt(2048);
        byte[] bytes = bytes((count * (lowBits + width) + 7 >>> 3) + 1);
        int bit = random.nextInt(8);
        int least = random.nextInt(1 << 15);
        PackedWeights weights = new PackedWeights(bytes, bit, lowBits + width, width, least, count);
        float[] expected = new float[BlockMaxPostings.ROOM];
        float[] products = new float[BlockMaxPostings.ROOM];
        float factor = random.nextFloat();
        ordinary.readProducts(weights, factor, expected);
        vectors.readProducts(weights, factor, products);
        assertArrayEquals(
            Arrays.copyOf(expected, count),
            Arrays.copyOf(products, count),
            "width " + width + ", low bits " + lowBits + ", seed " + seed);
      }
    }
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length + BlockArithmetic.SLACK];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void bitmapsAddUpToTheSameSums() throws ReflectiveOperationException {
    BlockArithmetic vectors = vectors();
    for (int round = 0; round < 2_000; round++) {
      double density = Math.pow(random.nextDouble(), 2);
      int[] bitmaps = new int[BlockMaxPostings.BLOCKS];
      long blocks = 0;
      int count = 0;
      for (int i = 0; i < BlockMaxPostings.SUPERBLOCK; i++) {
        if (random.nextDouble() < density) {
          bitmaps[i / BlockMaxPostings.BLOCK] |= 1 << i;
          blocks |= 1L << i / BlockMaxPostings.BLOCK;
          count++;
        }
      }
      int width = random.nextInt(17);
      int weightsAt = 3 + 4 * Long.bitCount(blocks);
      byte[] bytes = bytes(weightsAt + (count * width + 7 >>> 3));
      int at = 3;
      for (int bitmap : bitmaps) {
        if (bitmap != 0) {
          BitUtil.VH_LE_INT.set(bytes, at, bitmap);
          at += Integer.BYTES;
        }
      }
      PackedWeights weights =
          new PackedWeights(bytes, weightsAt << 3, width, width, 1 + random.nextInt(1000), count);
      int[] wanted = new int[BlockMaxPostings.BLOCKS];
      long wantedBlocks = 0;
      for (int i = 0; i < wanted.length; i++) {
        if (random.nextInt(3) > 0) {
          wanted[i] = random.nextBoolean() ? -1 : random.nextInt() | 1;
          wantedBlocks |= 1L << i;
        }
      }
      double[] expected = sums();
      double[] sums = expected.clone();
      float[] room = new float[BlockMaxPostings.ROOM];
      ordinary.addBitmaps(weights, blocks, 3, wanted, wantedBlocks, 0.7f, expected, room);
      vectors.addBitmaps(weights, blocks, 3, wanted, wantedBlocks, 0.7f, sums, room);
      for (int i = 0; i < sums.length; i++) {
        if ((wanted[i / BlockMaxPostings.BLOCK] >>> i & 1) != 0
            || (wantedBlocks >>> i / BlockMaxPostings.BLOCK & 1) == 0) {
          // As bits: -0 says that a document has none of the terms.
          assertEquals(
              Double.doubleToRawLongBits(expected[i]),
              Double.doubleToRawLongBits(sums[i]),
              "document " + i + ", seed " + seed);
        }
      }
    }
  }

  private double[] sums() {
    double[] sums = new double[BlockMaxPostings.SUPERBLOCK];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = random.nextBoolean() ? -0.0 : random.nextDouble();
    }
    return sums;
  }

  @Test
  void boundsAddUpToTheSameSums() throws ReflectiveOperationException {
    BlockArithmetic vectors = vectors();
    byte[] bytes = bytes(BlockMaxPostingsFormat.BLOCK_BOUND_BYTES + 5);
    long[] expected = new long[2 * 4 * BlockMaxPostings.BOUND_LONGS];
    long[] sums = expected.clone();
    // At most 15 times 2,184: more than once would overflow 16 bits.
    int[] factors = {0, 1, 2, 77, 2_000};
    for (int factor : factors) {
      ordinary.addBounds(bytes, 5, factor, expected, 16);
      vectors.addBounds(bytes, 5, factor, sums, 16);
      assertArrayEquals(expected, sums, "factor " + factor + ", seed " + seed);
    }
  }

  @Test
  void theSameDocumentsReachANumber() throws ReflectiveOperationException {
    BlockArithmetic vectors = vectors();
    double[] sums = sums();
    for (int round = 0; round < 10_000; round++) {
      int from = random.nextInt(BlockMaxPostings.BLOCKS) * BlockMaxPostings.BLOCK;
      int documents = random.nextInt();
      double enough =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> Double.NEGATIVE_INFINITY;
            case 2 -> sums[from + random.nextInt(BlockMaxPostings.BLOCK)];
            default -> random.nextDouble();
          };
      assertEquals(
          ordinary.reaching(documents, sums, from, enough),
          vectors.reaching(documents, sums, from, enough),
          () -> enough + ", seed " + seed);
    }
  }
}
