/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.Cancellation;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.lucene.search.BulkScorer;
import org.apache.lucene.search.DocAndFloatFeatureBuffer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.LeafCollector;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.FixedBitSet;

/**
 * Scores a long disjunction clause by clause within windows of documents: one sum per document of
 * the window, no heap of clauses.
 */
final class LongDisjunctionBulkScorer extends BulkScorer {

  private static final int WINDOW = 1 << 12;

  private final Scorer[] clauses;
  private final DocIdSetIterator[] iterators;
  private final long cost;
  private final double[] sums = new double[WINDOW];
  private final FixedBitSet matches = new FixedBitSet(WINDOW);
  private final DocAndFloatFeatureBuffer buffer = new DocAndFloatFeatureBuffer();
  private final CurrentScore current = new CurrentScore();

  LongDisjunctionBulkScorer(List<Scorer> clauses, long cost) {
    this.clauses = clauses.toArray(Scorer[]::new);
    this.iterators = clauses.stream().map(Scorer::iterator).toArray(DocIdSetIterator[]::new);
    this.cost = cost;
  }

  @Override
  public int score(LeafCollector collector, Bits acceptDocs, int min, int max) throws IOException {
    collector.setScorer(current);
    int next = advanceTo(min);
    while (next < max) {
      Cancellation.check();
      int end = (int) Math.min((long) next + WINDOW, max);
      sumWindow(acceptDocs, next, end);
      collectWindow(collector, next, end - next);
      next = firstDocument();
    }
    return next;
  }

  private int advanceTo(int min) throws IOException {
    for (DocIdSetIterator iterator : iterators) {
      if (iterator.docID() < min) {
        iterator.advance(min);
      }
    }
    return firstDocument();
  }

  private int firstDocument() {
    int first = DocIdSetIterator.NO_MORE_DOCS;
    for (DocIdSetIterator iterator : iterators) {
      first = Math.min(first, iterator.docID());
    }
    return first;
  }

  private void sumWindow(Bits acceptDocs, int start, int end) throws IOException {
    for (int i = 0; i < clauses.length; i++) {
      if (iterators[i].docID() >= end) {
        continue;
      }
      do {
        clauses[i].nextDocsAndScores(end, acceptDocs, buffer);
        for (int j = 0; j < buffer.size; j++) {
          int slot = buffer.docs[j] - start;
          matches.set(slot);
          sums[slot] += buffer.features[j];
        }
      } while (buffer.size > 0);
    }
  }

  private void collectWindow(LeafCollector collector, int start, int size) throws IOException {
    for (int slot = matches.nextSetBit(0, size);
        slot != DocIdSetIterator.NO_MORE_DOCS;
        slot =
            slot + 1 < size ? matches.nextSetBit(slot + 1, size) : DocIdSetIterator.NO_MORE_DOCS) {
      current.score = (float) sums[slot];
      collector.collect(start + slot);
    }
    matches.clear(0, size);
    Arrays.fill(sums, 0, size, 0);
  }

  @Override
  public long cost() {
    return cost;
  }

  private static final class CurrentScore extends Scorable {
    private float score;

    @Override
    public float score() {
      return score;
    }
  }
}
