/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import java.io.IOException;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.TwoPhaseIterator;

/**
 * Scores single documents: for conjunctions with something that matches so few that all but some of
 * a superblock's would be scored in vain. What the bounds of blocks leave is the approximation.
 */
final class BlockMaxTwoPhaseScorer extends SuperblockScorer {

  /** About how much it costs to look for a document in a term. */
  private static final int TERM_COST = 50;

  private final Blocks blocks = new Blocks();
  private final TwoPhaseIterator matches =
      new TwoPhaseIterator(blocks) {
        @Override
        public boolean matches() throws IOException {
          score = terms.score(document % SUPERBLOCK);
          return score >= least && BlockMaxTerms.isMatch(score);
        }

        @Override
        public float matchCost() {
          return (float) TERM_COST * terms.count();
        }
      };

  private double score;

  BlockMaxTwoPhaseScorer(BlockMaxTerms terms) {
    super(terms);
  }

  @Override
  public float score() throws IOException {
    return terms.rounded(document % SUPERBLOCK, score);
  }

  @Override
  public DocIdSetIterator iterator() {
    return TwoPhaseIterator.asDocIdSetIterator(matches);
  }

  @Override
  public TwoPhaseIterator twoPhaseIterator() {
    return matches;
  }

  @Override
  public void setMinCompetitiveScore(float minScore) {
    super.setMinCompetitiveScore(minScore);
    // The blocks of this superblock are compared to the new score.
    blocks.superblock = -1;
  }

  /** All documents of the blocks whose bounds reach the least score. */
  private final class Blocks extends Documents {
    private int superblock = -1;
    private long reaching;

    @Override
    public int advance(int target) throws IOException {
      int[] bounds = terms.superblockBounds();
      for (int at = target / SUPERBLOCK; at < bounds.length; at++) {
        if (bounds[at] >= threshold) {
          if (superblock != at) {
            superblock = at;
            reaching = terms.reachingBlocks(at, leastScore);
          }
          int first = at * SUPERBLOCK;
          int from = Math.max(0, target - first);
          long left = reaching & -1L << from / BLOCK;
          int next = first + Math.max(from, Long.numberOfTrailingZeros(left) * BLOCK);
          if (left != 0 && next < terms.maxDoc()) {
            return document = next;
          }
        }
      }
      return document = NO_MORE_DOCS;
    }
  }
}
