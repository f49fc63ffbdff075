/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import java.util.Arrays;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * Finds the words that a text as a whole comes close to (see {@link io.m3lex.model.HeadForm}).
 * Immutable; safe for use by several threads.
 */
public final class WordExpansion {

  /** The additions for a word go on in this many sums, added up at the end. */
  private static final int LANES = 8;

  /** Words that are multiplied together: their sums stay in a processor's first cache. */
  private static final int TILE = 256;

  private final float[] center;

  /** For each tile of words, a column of its words' numbers after the other. */
  private final byte[] columns;

  private final int words;

  /**
   * Takes the vectors of the words.
   *
   * @param center subtracted from a text's direction, {@code [hidden]}
   * @param vectors one row for each word, {@code [words, hidden]}
   */
  public WordExpansion(float[] center, byte[] vectors) {
    this.center = center;
    int hidden = center.length;
    words = vectors.length / hidden;
    columns = new byte[words * hidden];
    for (int first = 0; first < words; first += TILE) {
      int tile = Math.min(TILE, words - first);
      for (int word = 0; word < tile; word++) {
        for (int i = 0; i < hidden; i++) {
          columns[first * hidden + i * tile + word] = vectors[(first + word) * hidden + i];
        }
      }
    }
  }

  /**
   * The words that come closest, in the order of their positions.
   *
   * @param direction of the text, {@code [hidden]}, see {@link TextState}
   * @param most how many words at most, less than there are
   */
  public Words closest(float[] direction, int most) {
    float[] closeness = products(TextState.difference(direction, center));
    float threshold = greatest(closeness, most + 1);
    int[] positions =
        IntStream.range(0, words).filter(word -> closeness[word] > threshold).toArray();
    float[] excess = new float[positions.length];
    for (int i = 0; i < excess.length; i++) {
      excess[i] = closeness[positions[i]] - threshold;
    }
    return new Words(positions, excess);
  }

  /**
   * The dot product with every word, in a fixed order of additions, so that the result depends on
   * nothing but the numbers.
   */
  private float[] products(float[] text) {
    float[] products = new float[words];
    float[][] sums = new float[LANES][TILE];
    for (int first = 0; first < words; first += TILE) {
      int tile = Math.min(TILE, words - first);
      for (float[] lane : sums) {
        Arrays.fill(lane, 0);
      }
      for (int i = 0; i < text.length; i++) {
        addProducts(text[i], columns, first * text.length + i * tile, tile, sums[i % LANES]);
      }
      for (int word = 0; word < tile; word++) {
        double sum = 0;
        for (float[] lane : sums) {
          sum += lane[word];
        }
        products[first + word] = (float) sum;
      }
    }
    return products;
  }

  /** Simple enough for the compiler to take many words at once. */
  private static void addProducts(
      float factor, byte[] numbers, int offset, int count, float[] sums) {
    for (int i = 0; i < count; i++) {
      sums[i] += factor * numbers[offset + i];
    }
  }

  /** The value of a rank from the greatest on, 1 the greatest. */
  private static float greatest(float[] values, int rank) {
    PriorityQueue<Float> greatest = new PriorityQueue<>(rank);
    for (float value : values) {
      if (greatest.size() < rank) {
        greatest.add(value);
      } else if (value > greatest.element()) {
        greatest.remove();
        greatest.add(value);
      }
    }
    return greatest.element();
  }

  /**
   * Words and how close they come.
   *
   * @param positions of the words, ascending
   * @param excess of their closeness over that of the first word left out, above 0
   */
  public record Words(int[] positions, float[] excess) {}
}
