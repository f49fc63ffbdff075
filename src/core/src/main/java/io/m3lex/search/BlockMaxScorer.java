/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import io.m3lex.Cancellation;
import java.io.IOException;
import org.apache.lucene.search.DocAndFloatFeatureBuffer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.util.Bits;

/**
 * Goes through a segment document by document, scoring a superblock's competitive blocks at a time:
 * for conjunctions and disjunctions with other queries.
 */
final class BlockMaxScorer extends SuperblockScorer {

  private final Matches documents = new Matches();

  BlockMaxScorer(BlockMaxTerms terms) {
    super(terms);
  }

  @Override
  public float score() throws IOException {
    int i = document % SUPERBLOCK;
    return terms.rounded(i, terms.sums()[i]);
  }

  @Override
  public DocIdSetIterator iterator() {
    return documents;
  }

  @Override
  public void nextDocsAndScores(int upTo, Bits liveDocs, DocAndFloatFeatureBuffer buffer)
      throws IOException {
    buffer.growNoCopy(SUPERBLOCK);
    buffer.size = 0;
    // One superblock at a time, but not an empty batch before the end.
    while (buffer.size == 0 && document < upTo) {
      int end = Math.min(upTo, document - document % SUPERBLOCK + SUPERBLOCK);
      double[] sums = terms.sums();
      while (document < end) {
        if (liveDocs == null || liveDocs.get(document)) {
          buffer.docs[buffer.size] = document;
          int i = document % SUPERBLOCK;
          buffer.features[buffer.size++] = terms.rounded(i, sums[i]);
        }
        documents.nextDoc();
      }
    }
  }

  private final class Matches extends Documents {

    @Override
    public int advance(int target) throws IOException {
      int[] bounds = terms.superblockBounds();
      int superblock = target / SUPERBLOCK;
      if (superblock == terms.superblock()) {
        int found = next(target % SUPERBLOCK);
        if (found >= 0) {
          return document = superblock * SUPERBLOCK + found;
        }
        superblock++;
      }
      for (; superblock < bounds.length; superblock++) {
        if (bounds[superblock] >= threshold) {
          Cancellation.check();
          terms.clear();
          if (terms.open(superblock, leastScore, null)) {
            terms.score();
            int found = next(Math.max(target - superblock * SUPERBLOCK, 0));
            if (found >= 0) {
              return document = superblock * SUPERBLOCK + found;
            }
          }
        }
      }
      return document = NO_MORE_DOCS;
    }

    /** The next match in the open superblock; -1 if there is none. */
    private int next(int from) {
      double[] sums = terms.sums();
      int wanted = -1 << from;
      for (long blocks = terms.candidateBlocks() & -1L << from / BLOCK;
          blocks != 0;
          blocks &= blocks - 1) {
        int block = Long.numberOfTrailingZeros(blocks);
        for (int rest = terms.candidates(block) & (block == from / BLOCK ? wanted : -1);
            rest != 0;
            rest &= rest - 1) {
          int i = block * BLOCK + Integer.numberOfTrailingZeros(rest);
          if (sums[i] >= least && BlockMaxTerms.isMatch(sums[i])) {
            return i;
          }
        }
      }
      return -1;
    }
  }
}
