/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

/**
 * How many bits the weights of a superblock take: no more than the greatest that its bound allows,
 * less the least of the term.
 */
final class GroupWidths {

  private final int greatest;

  /** The greatest bound for which a width is enough, as bounds are stored. */
  private final byte[] bounds;

  /**
   * Widths for a term.
   *
   * @param least frequency
   * @param greatest frequency
   */
  GroupWidths(int least, int greatest) {
    this.greatest = PackedBits.width(greatest - least);
    bounds = new byte[this.greatest];
    for (int width = 0; width < bounds.length; width++) {
      int units = -1;
      if (BlockMaxPostings.isFeature(least, greatest)) {
        double weight = PostingWeight.ofFrequency(least + PackedBits.mask(width));
        units = (int) (weight * BlockMaxPostings.UNITS / PostingWeight.ofFrequency(greatest));
      }
      bounds[width] = (byte) (Math.max(0, units) - 128);
    }
  }

  /**
   * The width in a superblock.
   *
   * @param bound as stored
   */
  int of(byte bound) {
    int width = greatest;
    while (width > 0 && bound <= bounds[width - 1]) {
      width--;
    }
    return width;
  }
}
