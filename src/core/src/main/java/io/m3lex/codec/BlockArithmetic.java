/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.BOUND_LONGS;
import static io.m3lex.codec.BlockMaxPostings.PARTS;

import org.apache.lucene.util.BitUtil;

/**
 * The loops over postings and bounds in which a search spends its time: here one after the other.
 * {@code VectorBlockArithmetic} does the same by vector instructions, to the last bit.
 */
class BlockArithmetic {

  /** The fastest there is on this Java and this processor. */
  static final BlockArithmetic FASTEST = fastest();

  /** What may be read behind the last byte of postings. */
  static final int SLACK = 64;

  /** The first Java whose compiler has instructions for all that the vectors do. */
  private static final int LEAST_JAVA = 25;

  /** Of a long with bounds, those of four blocks, or of four times four blocks. */
  static final long FOUR_BOUNDS = PARTS * 0x0001000100010001L;

  private static BlockArithmetic fastest() {
    if (Runtime.version().feature() >= LEAST_JAVA
        && ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      try {
        // By name, because it can't be loaded where the module is missing.
        BlockArithmetic vectors =
            (BlockArithmetic)
                Class.forName(BlockArithmetic.class.getPackageName() + ".VectorBlockArithmetic")
                    .getDeclaredConstructor()
                    .newInstance();
        if (vectors.isVectorized()) {
          return vectors;
        }
      } catch (ReflectiveOperationException | LinkageError e) {
        // A Java whose module is another: what this class does is always right.
        return new BlockArithmetic();
      }
    }
    return new BlockArithmetic();
  }

  /** Whether vector instructions are used, which the processor must have. */
  boolean isVectorized() {
    return false;
  }

  /**
   * Multiplies weights by a factor, each product rounded to float.
   *
   * @param products gets them, and may get up to 15 more
   */
  void readProducts(PackedWeights weights, float factor, float[] products) {
    int mask = PackedBits.mask(weights.width());
    int bit = weights.firstBit();
    for (int i = 0; i < weights.count(); i++, bit += weights.step()) {
      int code = PackedBits.get(weights.bytes(), bit, mask);
      products[i] = factor * PostingWeight.ofFrequency(weights.least() + code);
    }
  }

  /**
   * Adds to documents of a superblock the products of their weights, rounded to float, and a weight
   * of a query.
   *
   * @param weights of all documents
   * @param blocks a bit for each block that has any documents
   * @param bitmapsAt the first byte of these blocks' bitmaps, an int for each
   * @param wanted a bit for each document whose product is needed, by block
   * @param wantedBlocks the blocks that have any of these; their other documents may get their
   *     products as well
   * @param room for {@value BlockMaxPostings#ROOM} products; what it has is lost
   */
  void addBitmaps(
      PackedWeights weights,
      long blocks,
      int bitmapsAt,
      int[] wanted,
      long wantedBlocks,
      float queryWeight,
      double[] sums,
      float[] room) {
    byte[] bytes = weights.bytes();
    int width = weights.width();
    int mask = PackedBits.mask(width);
    int least = weights.least();
    int at = bitmapsAt;
    int bit = weights.firstBit();
    for (long present = blocks;
        present != 0 && wantedBlocks >>> Long.numberOfTrailingZeros(present) != 0;
        present &= present - 1) {
      int block = Long.numberOfTrailingZeros(present);
      int bitmap = (int) BitUtil.VH_LE_INT.get(bytes, at);
      for (int rest = bitmap & wanted[block]; rest != 0; rest &= rest - 1) {
        int index = Integer.bitCount(bitmap & (rest & -rest) - 1);
        int code = PackedBits.get(bytes, bit + index * width, mask);
        sums[block * BLOCK + Integer.numberOfTrailingZeros(rest)] +=
            queryWeight * PostingWeight.ofFrequency(least + code);
      }
      bit += Integer.bitCount(bitmap) * width;
      at += Integer.BYTES;
    }
  }

  /**
   * Adds the bounds of the blocks of a superblock to sums, multiplied by a factor.
   *
   * @param bytes the bounds, {@link BlockMaxPostingsFormat#BLOCK_BOUND_BYTES} from a byte on
   * @param sums as those of {@link BlockMaxPostings#addBlockBounds}
   * @param to the first of the superblock
   */
  void addBounds(byte[] bytes, int from, int factor, long[] sums, int to) {
    for (int i = 0; i < BOUND_LONGS; i++) {
      long four = (long) BitUtil.VH_LE_LONG.get(bytes, from + i * Long.BYTES);
      int at = to + 4 * i;
      sums[at] += (four & FOUR_BOUNDS) * factor;
      sums[at + 1] += (four >>> 4 & FOUR_BOUNDS) * factor;
      sums[at + 2] += (four >>> 8 & FOUR_BOUNDS) * factor;
      sums[at + 3] += (four >>> 12 & FOUR_BOUNDS) * factor;
    }
  }

  /**
   * Of some documents of a block, those whose sums are at least as great as a number.
   *
   * @param documents a bit for each
   * @param from the sum of the first document of the block
   * @param enough not NaN
   */
  int reaching(int documents, double[] sums, int from, double enough) {
    int reaching = documents;
    for (int rest = documents; rest != 0; rest &= rest - 1) {
      double missing = enough - sums[from + Integer.numberOfTrailingZeros(rest)];
      // Clears the bit if the number is positive, without a branch: none could be predicted.
      reaching ^= rest & -rest & (int) (-Double.doubleToRawLongBits(missing) >> 63);
    }
    return reaching;
  }
}
