/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import io.m3lex.Cancellation;
import java.io.IOException;
import org.apache.lucene.search.BulkScorer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.LeafCollector;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.util.Bits;

/**
 * Scores a segment superblock by superblock in the order of the documents, for collectors that want
 * them so. Blocks that cannot reach the collector's least competitive score are left out.
 */
final class BlockMaxBulkScorer extends BulkScorer {

  private final BlockMaxTerms terms;
  private final CurrentScore current = new CurrentScore();

  BlockMaxBulkScorer(BlockMaxTerms terms) {
    this.terms = terms;
  }

  @Override
  public int score(LeafCollector collector, Bits acceptDocs, int min, int max) throws IOException {
    collector.setScorer(current);
    int[] bounds = terms.superblockBounds();
    int end = Math.min(max, terms.maxDoc());
    for (int first = min - min % SUPERBLOCK; first < end; first += SUPERBLOCK) {
      Cancellation.check();
      int superblock = first / SUPERBLOCK;
      if (bounds[superblock] >= current.threshold) {
        score(collector, acceptDocs, superblock, min, end);
      }
    }
    return max < terms.maxDoc() ? max : DocIdSetIterator.NO_MORE_DOCS;
  }

  private void score(LeafCollector collector, Bits acceptDocs, int superblock, int min, int end)
      throws IOException {
    if (terms.open(superblock, current.leastScore, null)) {
      terms.score();
      double[] sums = terms.sums();
      int first = superblock * SUPERBLOCK;
      for (long blocks = terms.candidateBlocks(); blocks != 0; blocks &= blocks - 1) {
        int block = Long.numberOfTrailingZeros(blocks);
        for (int rest = terms.candidates(block); rest != 0; rest &= rest - 1) {
          int i = block * BLOCK + Integer.numberOfTrailingZeros(rest);
          int document = first + i;
          if (sums[i] >= current.least
              && BlockMaxTerms.isMatch(sums[i])
              && document >= min
              && document < end
              && (acceptDocs == null || acceptDocs.get(document))) {
            current.score = terms.rounded(i, sums[i]);
            collector.collect(document);
          }
        }
      }
    }
    terms.clear();
  }

  @Override
  public long cost() {
    return terms.cost();
  }

  private final class CurrentScore extends Scorable {
    private float score;
    private float leastScore;
    private int threshold = 1;

    /** A little less than the least competitive score, because scores are rounded sums. */
    private double least = Double.NEGATIVE_INFINITY;

    @Override
    public float score() {
      return score;
    }

    @Override
    public void setMinCompetitiveScore(float minScore) {
      leastScore = minScore;
      threshold = terms.threshold(minScore);
      least = Math.nextDown(minScore);
    }
  }
}
