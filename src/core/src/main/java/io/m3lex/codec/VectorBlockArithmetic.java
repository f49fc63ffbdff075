/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.BOUND_LONGS;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.apache.lucene.util.BitUtil;

/**
 * By vector instructions, of AVX-512 or AVX2. Only loaded where the module {@code
 * jdk.incubator.vector} is.
 *
 * <p>The weights of a whole superblock are turned into products first, as many at once as a vector
 * has floats. Those of a block are then expanded by its bitmap, so that each comes to where its
 * document's sum is, and added to all sums of the block.
 */
final class VectorBlockArithmetic extends BlockArithmetic {

  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  private static final VectorSpecies<Byte> BYTES = FLOATS.withLanes(byte.class);
  private static final VectorSpecies<Double> DOUBLES = FLOATS.withLanes(double.class);

  /** Four, as the bounds of blocks come in four rows. */
  private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_256;

  /** How many floats there are in a vector. */
  private static final int LENGTH = FLOATS.length();

  private static final int LENGTH_MASK = (1 << LENGTH) - 1;

  /** Vectors of fewer floats gain nothing. */
  private static final int LEAST_LENGTH = 8;

  /** The most bits from a weight to the next: itself, and the low bits of a document. */
  private static final int WIDEST = Short.SIZE + 11;

  private static final int BITS_OF_BYTE = 3;

  /**
   * By the distance of weights, and by the bit of the first byte in which the first weight begins:
   * for each float of a vector, which four bytes have its weight, and how far that is from their
   * lowest bit.
   */
  private static final byte[] PLACES =
      new byte[(WIDEST + 1 << BITS_OF_BYTE) * LENGTH * Integer.BYTES];

  private static final int[] SHIFTS = new int[(WIDEST + 1 << BITS_OF_BYTE) * LENGTH];

  static {
    for (int i = 0; i < SHIFTS.length; i++) {
      int row = i / LENGTH;
      int bit = (row & 7) + i % LENGTH * (row >>> BITS_OF_BYTE);
      SHIFTS[i] = bit & 7;
      for (int b = 0; b < Integer.BYTES; b++) {
        PLACES[i * Integer.BYTES + b] = (byte) ((bit >>> BITS_OF_BYTE) + b);
      }
    }
  }

  private static final LongVector BOUND_SHIFTS =
      LongVector.fromArray(LONGS, new long[] {0, 4, 8, 12}, 0);

  @Override
  boolean isVectorized() {
    String processor = System.getProperty("os.arch");
    return LENGTH >= LEAST_LENGTH && (processor.equals("amd64") || processor.equals("x86_64"));
  }

  @Override
  void addBitmaps(
      PackedWeights weights,
      long blocks,
      int bitmapsAt,
      int[] wanted,
      long wantedBlocks,
      float queryWeight,
      double[] sums,
      float[] room) {
    // Negative ones, to be subtracted: what -0 stands for stays -0 when +0 is subtracted.
    readProducts(weights, -queryWeight, room);
    byte[] bytes = weights.bytes();
    int at = bitmapsAt;
    int next = 0;
    for (long present = blocks;
        present != 0 && wantedBlocks >>> Long.numberOfTrailingZeros(present) != 0;
        present &= present - 1) {
      int block = Long.numberOfTrailingZeros(present);
      int bitmap = (int) BitUtil.VH_LE_INT.get(bytes, at);
      at += Integer.BYTES;
      if ((wantedBlocks >>> block & 1) != 0) {
        int product = next;
        for (int i = 0; i < BLOCK; i += LENGTH) {
          int documents = bitmap >>> i & LENGTH_MASK;
          subtract(room, product, documents, sums, block * BLOCK + i);
          product += Integer.bitCount(documents);
        }
      }
      next += Integer.bitCount(bitmap);
    }
  }

  @Override
  void readProducts(PackedWeights weights, float factor, float[] products) {
    int step = weights.step();
    int mask = PackedBits.mask(weights.width());
    int row = (step << BITS_OF_BYTE) + (weights.firstBit() & 7);
    ByteVector places = ByteVector.fromArray(BYTES, PLACES, row * LENGTH * Integer.BYTES);
    IntVector shifts = IntVector.fromArray(INTS, SHIFTS, row * LENGTH);
    int at = weights.firstBit() >>> BITS_OF_BYTE;
    for (int i = 0; i < weights.count(); i += LENGTH, at += LENGTH * step >>> BITS_OF_BYTE) {
      IntVector codes =
          places.selectFrom(ByteVector.fromArray(BYTES, weights.bytes(), at)).reinterpretAsInts();
      codes
          .lanewise(VectorOperators.LSHR, shifts)
          .and(mask)
          .add(weights.least())
          .lanewise(VectorOperators.LSHL, PostingWeight.DROPPED_BITS)
          .reinterpretAsFloats()
          .mul(factor)
          .intoArray(products, i);
    }
  }

  private static void subtract(float[] products, int from, int documents, double[] sums, int to) {
    FloatVector expanded =
        FloatVector.fromArray(FLOATS, products, from)
            .expand(VectorMask.fromLong(FLOATS, documents));
    DoubleVector low = (DoubleVector) expanded.convertShape(VectorOperators.F2D, DOUBLES, 0);
    DoubleVector high = (DoubleVector) expanded.convertShape(VectorOperators.F2D, DOUBLES, 1);
    int middle = to + LENGTH / 2;
    DoubleVector.fromArray(DOUBLES, sums, to).sub(low).intoArray(sums, to);
    DoubleVector.fromArray(DOUBLES, sums, middle).sub(high).intoArray(sums, middle);
  }

  @Override
  void addBounds(byte[] bytes, int from, int factor, long[] sums, int to) {
    for (int i = 0; i < BOUND_LONGS; i++) {
      long four = (long) BitUtil.VH_LE_LONG.get(bytes, from + i * Long.BYTES);
      int at = to + 4 * i;
      LongVector products =
          LongVector.broadcast(LONGS, four)
              .lanewise(VectorOperators.LSHR, BOUND_SHIFTS)
              .and(FOUR_BOUNDS)
              .reinterpretAsShorts()
              .mul((short) factor)
              .reinterpretAsLongs();
      LongVector.fromArray(LONGS, sums, at).add(products).intoArray(sums, at);
    }
  }

  @Override
  int reaching(int documents, double[] sums, int from, double enough) {
    int reaching = 0;
    for (int i = 0; i < BLOCK; i += DOUBLES.length()) {
      VectorMask<Double> reached =
          DoubleVector.fromArray(DOUBLES, sums, from + i).compare(VectorOperators.GE, enough);
      reaching |= (int) reached.toLong() << i;
    }
    return documents & reaching;
  }
}
