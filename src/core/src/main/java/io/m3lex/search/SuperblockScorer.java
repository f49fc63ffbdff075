/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import java.io.IOException;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Scorer;

/** What scorers that go from document to document know by the bounds of superblocks. */
abstract class SuperblockScorer extends Scorer {

  final BlockMaxTerms terms;

  /** What competitive documents score at least, and its bound. */
  float leastScore;

  int threshold = 1;

  /** A little less than the least competitive score, because scores are rounded sums. */
  double least = Double.NEGATIVE_INFINITY;

  int document = -1;
  private int shallow;

  SuperblockScorer(BlockMaxTerms terms) {
    this.terms = terms;
  }

  @Override
  public final int docID() {
    return document;
  }

  @Override
  public void setMinCompetitiveScore(float minScore) {
    leastScore = minScore;
    threshold = terms.threshold(minScore);
    least = Math.nextDown(minScore);
  }

  @Override
  public final int advanceShallow(int target) {
    shallow = target / SUPERBLOCK;
    return shallow < terms.superblockBounds().length
        ? shallow * SUPERBLOCK + SUPERBLOCK - 1
        : DocIdSetIterator.NO_MORE_DOCS;
  }

  @Override
  public final float getMaxScore(int upTo) {
    int from = Math.max(shallow, Math.max(0, document) / SUPERBLOCK);
    return terms.greatestScore(from, upTo / SUPERBLOCK);
  }

  /** Goes through the documents. */
  abstract class Documents extends DocIdSetIterator {

    @Override
    public final int docID() {
      return document;
    }

    @Override
    public final int nextDoc() throws IOException {
      return advance(document + 1);
    }

    @Override
    public final long cost() {
      return terms.cost();
    }
  }
}
