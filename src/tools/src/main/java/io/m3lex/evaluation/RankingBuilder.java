/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** Collects the documents of one query in any order and ranks them. */
final class RankingBuilder {

  private byte[] ids = new byte[256];
  private int[] starts = new int[17];
  private double[] scores = new double[16];
  private int[] ranks = new int[16];
  private int[] lines = new int[16];
  private int size;

  /** Makes it empty again. */
  void clear() {
    size = 0;
  }

  void add(String id, double score, int rank, int line) {
    byte[] bytes = id.getBytes(StandardCharsets.UTF_8);
    add(bytes, 0, bytes.length, score, rank, line);
  }

  /** Adds a document whose id are the bytes from one place to another. */
  void add(byte[] bytes, int from, int to, double score, int rank, int line) {
    int start = starts[size];
    int end = Math.addExact(start, to - from);
    if (size == scores.length) {
      starts = Arrays.copyOf(starts, 2 * size + 1);
      scores = Arrays.copyOf(scores, 2 * size);
      ranks = Arrays.copyOf(ranks, 2 * size);
      lines = Arrays.copyOf(lines, 2 * size);
    }
    if (end > ids.length) {
      ids = Arrays.copyOf(ids, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(2L * start, end)));
    }
    System.arraycopy(bytes, from, ids, start, to - from);
    scores[size] = score;
    ranks[size] = rank;
    lines[size] = line;
    starts[++size] = end;
  }

  void addAll(RankingBuilder other) {
    for (int i = 0; i < other.size; i++) {
      add(
          other.ids,
          other.starts[i],
          other.starts[i + 1],
          other.scores[i],
          other.ranks[i],
          other.lines[i]);
    }
  }

  /** The place, in the order of adding, of the first document that is there a second time. */
  OptionalInt firstRepeated() {
    int mask = Integer.highestOneBit(Math.max(1, size)) * 4 - 1;
    int[] table = new int[mask + 1]; // place + 1 by hash
    for (int i = 0; i < size; i++) {
      int hash = 0;
      for (int at = starts[i]; at < starts[i + 1]; at++) {
        hash = 31 * hash + ids[at];
      }
      // Spreads ids that differ in their last characters only.
      int slot = hash * 0x9E3779B9 >>> 7 & mask;
      while (table[slot] != 0) {
        if (compareIds(table[slot] - 1, i) == 0) {
          return OptionalInt.of(i);
        }
        slot = slot + 1 & mask;
      }
      table[slot] = i + 1;
    }
    return OptionalInt.empty();
  }

  String id(int place) {
    return new String(
        ids, starts[place], starts[place + 1] - starts[place], StandardCharsets.UTF_8);
  }

  int line(int place) {
    return lines[place];
  }

  /**
   * Ranks what was added as trec_eval does: by falling score, compared as float; documents of equal
   * score by falling id, compared byte by byte. The rank in the file does not count.
   */
  Ranking build() {
    int[] order = order();
    byte[] sortedIds = new byte[starts[size]];
    int[] sortedStarts = new int[size + 1];
    double[] sortedScores = new double[size];
    int[] sortedRanks = new int[size];
    int[] sortedLines = new int[size];
    for (int i = 0; i < size; i++) {
      int place = order[i];
      int length = starts[place + 1] - starts[place];
      System.arraycopy(ids, starts[place], sortedIds, sortedStarts[i], length);
      sortedStarts[i + 1] = sortedStarts[i] + length;
      sortedScores[i] = scores[place];
      sortedRanks[i] = ranks[place];
      sortedLines[i] = lines[place];
    }
    return new Ranking(sortedIds, sortedStarts, sortedScores, sortedRanks, sortedLines);
  }

  private int[] order() {
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      // Adding 0 makes -0 and 0 the same. Rising as integers is falling as floats.
      int bits = Float.floatToIntBits((float) scores[i] + 0f);
      int falling = bits < 0 ? bits & Integer.MAX_VALUE : ~bits;
      keys[i] = (long) falling << Integer.SIZE | i;
    }
    Arrays.sort(keys);
    int[] order = new int[size];
    for (int from = 0; from < size; ) {
      int to = from + 1;
      while (to < size && keys[to] >> Integer.SIZE == keys[from] >> Integer.SIZE) {
        to++;
      }
      if (to == from + 1) {
        order[from] = (int) keys[from];
      } else {
        int[] tie =
            Arrays.stream(keys, from, to)
                .mapToObj(key -> (int) key)
                .sorted((a, b) -> compareIds(b, a))
                .mapToInt(Integer::intValue)
                .toArray();
        System.arraycopy(tie, 0, order, from, tie.length);
      }
      from = to;
    }
    return order;
  }

  private int compareIds(int a, int b) {
    return Arrays.compareUnsigned(ids, starts[a], starts[a + 1], ids, starts[b], starts[b + 1]);
  }
}
