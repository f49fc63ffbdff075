/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import java.util.Arrays;
import org.apache.lucene.search.ScoreDoc;

/**
 * The best hits so far: by score, equal ones by document number, in whatever order they come.
 *
 * <p>A hit is one long, so that comparing two is comparing two numbers. Hits are gathered in an
 * array; when there are a quarter more than wanted, the worst are dropped by partial sorting, which
 * costs less than keeping a heap in order.
 */
final class TopHits {

  private static final int LEAST_ROOM = 32;

  private final int k;
  private long[] hits;
  private int count;

  /** The least hit that gets in. */
  private long least = Long.MIN_VALUE;

  /**
   * No hits yet.
   *
   * @param k greatest number of hits, at least 1
   */
  TopHits(int k) {
    this.k = k;
    // Grows: k may be as large as the index.
    this.hits = new long[Math.min(capacity(k), 1 << 11)];
  }

  private static int capacity(int k) {
    return (int) Math.min(k + Math.max(LEAST_ROOM, k / 4L), Integer.MAX_VALUE - 8);
  }

  /** Offers a hit whose score is not negative. */
  void add(int document, float score) {
    add((long) Float.floatToIntBits(score) << Integer.SIZE | Integer.MAX_VALUE - document);
  }

  private void add(long hit) {
    if (hit < least) {
      return;
    }
    if (count == hits.length) {
      if (count < capacity(k)) {
        hits = Arrays.copyOf(hits, Math.min(2 * count, capacity(k)));
      } else {
        keepBest();
        if (hit < least) {
          return;
        }
      }
    }
    hits[count++] = hit;
  }

  /** How many hits are wanted. */
  int k() {
    return k;
  }

  /** A hit of a lower score does not get in; 0 as long as all do. */
  float leastScore() {
    if (count >= k && (least == Long.MIN_VALUE || count > k && k <= LEAST_ROOM)) {
      keepBest();
    }
    return least == Long.MIN_VALUE ? 0 : score(least);
  }

  /** Moves the best k to the front: Hoare's quickselect. */
  private void keepBest() {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      long pivot = median(hits[low], hits[low + high >>> 1], hits[high]);
      int i = low;
      int j = high;
      while (i <= j) {
        while (hits[i] > pivot) {
          i++;
        }
        while (hits[j] < pivot) {
          j--;
        }
        if (i <= j) {
          long other = hits[i];
          hits[i++] = hits[j];
          hits[j--] = other;
        }
      }
      if (k - 1 <= j) {
        high = j;
      } else if (k - 1 >= i) {
        low = i;
      } else {
        break;
      }
    }
    count = k;
    least = hits[k - 1];
  }

  private static long median(long a, long b, long c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }

  /** Adds all hits of another. */
  void addAll(TopHits other) {
    for (int i = 0; i < other.count; i++) {
      add(other.hits[i]);
    }
  }

  /** All hits, the best first. */
  ScoreDoc[] sorted() {
    Arrays.sort(hits, 0, count);
    ScoreDoc[] sorted = new ScoreDoc[Math.min(k, count)];
    for (int i = 0; i < sorted.length; i++) {
      long hit = hits[count - 1 - i];
      sorted[i] = new ScoreDoc(document(hit), score(hit));
    }
    return sorted;
  }

  private static float score(long hit) {
    return Float.intBitsToFloat((int) (hit >>> Integer.SIZE));
  }

  private static int document(long hit) {
    return Integer.MAX_VALUE - (int) hit;
  }
}
