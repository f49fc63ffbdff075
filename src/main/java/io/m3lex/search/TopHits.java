package io.m3lex.search;

import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.util.LongHeap;

/**
 * The best hits so far: by score, equal ones by document number, in whatever order they come. A hit
 * is one long, so that comparing two is comparing two numbers.
 */
final class TopHits {

  private final int k;
  private final LongHeap heap;

  /**
   * No hits yet.
   *
   * @param k greatest number of hits, at least 1
   */
  TopHits(int k) {
    this.k = k;
    // Grows: k may be as large as the index.
    this.heap = new LongHeap(Math.min(k, 1 << 10));
  }

  boolean isFull() {
    return heap.size() == k;
  }

  int size() {
    return heap.size();
  }

  /** Offers a hit whose score is not negative. */
  void add(int document, float score) {
    long hit = (long) Float.floatToIntBits(score) << Integer.SIZE | Integer.MAX_VALUE - document;
    if (heap.size() < k) {
      heap.push(hit);
    } else if (hit > heap.top()) {
      heap.updateTop(hit);
    }
  }

  /** A hit of a lower score does not get in; 0 as long as all do. */
  float leastScore() {
    return heap.size() < k ? 0 : score(heap.top());
  }

  /** Moves all hits of another to this. */
  void addAll(TopHits other) {
    while (other.heap.size() > 0) {
      long hit = other.heap.pop();
      add(document(hit), score(hit));
    }
  }

  /** Takes all hits out, the best first. */
  ScoreDoc[] take() {
    ScoreDoc[] hits = new ScoreDoc[heap.size()];
    for (int i = hits.length - 1; i >= 0; i--) {
      long hit = heap.pop();
      hits[i] = new ScoreDoc(document(hit), score(hit));
    }
    return hits;
  }

  private static float score(long hit) {
    return Float.intBitsToFloat((int) (hit >>> Integer.SIZE));
  }

  private static int document(long hit) {
    return Integer.MAX_VALUE - (int) hit;
  }
}
