/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.util.FixedBitSet;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is looked at, and not only what is found: a bound that is too great costs time, and changes
 * no hit. The index and the queries are the same in every run, and so is the work.
 */
class BlockMaxTermsTest {

  private static final int QUERIES = 60;

  @AutoClose private static SubjectIndex index;

  /** What opening superblocks left, and what scoring left of that. */
  private record Work(int opened, int withCandidates, int candidates, int scored) {

    Work plus(Work other) {
      return new Work(
          opened + other.opened,
          withCandidates + other.withCandidates,
          candidates + other.candidates,
          scored + other.scored);
    }
  }

  @BeforeAll
  static void open() throws IOException {
    index = new SubjectIndex();
  }

  @Test
  void boundsAreAsTightAsTheyWere() throws IOException {
    assertAll(
        () -> assertEquals(new Work(615, 444, 66_029, 11_596), work(1, 10, 1)),
        () -> assertEquals(new Work(966, 930, 309_185, 125_256), work(2, 1_000, 1)),
        () -> assertEquals(new Work(328, 142, 4_870, 191), work(3, 10, 0.8f)));
  }

  /** Opens what the k-th score leaves. */
  private static Work work(int seed, int k, float alpha) throws IOException {
    Random random = new Random(seed);
    Work all = new Work(0, 0, 0, 0);
    for (int i = 0; i < QUERIES; i++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      float[] sorted = scores.clone();
      Arrays.sort(sorted);
      float least = sorted[SubjectIndex.DOCUMENTS - k];
      BlockMaxTerms terms = index.terms(query, alpha);
      int threshold = terms.threshold(least);
      for (int superblock = 0; superblock * SUPERBLOCK < SubjectIndex.DOCUMENTS; superblock++) {
        if (terms.superblockBounds()[superblock] >= threshold) {
          boolean any = terms.open(superblock, least, null);
          int candidates = candidates(terms);
          assertEquals(any, candidates > 0);
          terms.score();
          all = all.plus(new Work(1, any ? 1 : 0, candidates, candidates(terms)));
        }
        if (alpha == 1) {
          assertFound(terms, superblock, scores, least);
        }
        terms.clear();
      }
    }
    return all;
  }

  @Test
  void theFirstSuperblockLeavesWhatCanBeAmongItsBest() throws IOException {
    Random random = new Random(5);
    int all = 0;
    for (int i = 0; i < QUERIES; i++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      int superblock = random.nextInt(SubjectIndex.DOCUMENTS / SUPERBLOCK);
      int first = superblock * SUPERBLOCK;
      int k = 1 + random.nextInt(200);
      FixedBitSet accepted = new FixedBitSet(SubjectIndex.DOCUMENTS);
      for (int document = 0; document < SubjectIndex.DOCUMENTS; document++) {
        if (i % 2 == 0 || random.nextInt(4) > 0) {
          accepted.set(document);
        }
      }
      float[] own = new float[SUPERBLOCK];
      for (int document = 0; document < SUPERBLOCK; document++) {
        own[document] = accepted.get(first + document) ? scores[first + document] : 0;
      }
      Arrays.sort(own);
      BlockMaxTerms terms = index.terms(query, 1);
      assertEquals(own[SUPERBLOCK - 1] > 0, terms.openFirst(superblock, k, accepted, null));
      all += candidates(terms);
      terms.score();
      float least = Math.max(own[SUPERBLOCK - k], Float.MIN_VALUE);
      for (int document = 0; document < SUPERBLOCK; document++) {
        float score = scores[first + document];
        if (accepted.get(first + document) && score >= least) {
          assertTrue(isCandidate(terms, document), "document " + document);
          assertEquals(score, (float) terms.sums()[document]);
        }
      }
      terms.clear();
    }
    assertEquals(78_846, all);
  }

  /** Only documents of the filter are scored, and only blocks that have any of them looked at. */
  @Test
  void aFilterLeavesItsOwnDocuments() throws IOException {
    Random random = new Random(6);
    int all = 0;
    for (int i = 0; i < QUERIES; i++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      int superblock = random.nextInt(SubjectIndex.DOCUMENTS / SUPERBLOCK);
      int first = superblock * SUPERBLOCK;
      FixedBitSet filter = new FixedBitSet(SubjectIndex.DOCUMENTS);
      for (int matches = random.nextInt(1 << random.nextInt(12)); matches > 0; matches--) {
        filter.set(first + random.nextInt(SUPERBLOCK));
      }
      float least = scores[first + random.nextInt(SUPERBLOCK)];
      BlockMaxTerms terms = index.terms(query, 1);
      if (terms.superblockBounds()[superblock] < terms.threshold(least)) {
        continue;
      }
      boolean any = terms.open(superblock, least, filter);
      int candidates = candidates(terms);
      assertEquals(any, candidates > 0);
      all += candidates;
      terms.score();
      for (int document = 0; document < SUPERBLOCK; document++) {
        float score = scores[first + document];
        if (!filter.get(first + document)) {
          assertFalse(isCandidate(terms, document), "document " + document);
        } else if (score > 0 && score >= least) {
          assertTrue(isCandidate(terms, document), "document " + document);
          assertEquals(score, (float) terms.sums()[document]);
        }
      }
      terms.clear();
      assertFalse(
          terms.open(superblock, least, new FixedBitSet(SubjectIndex.DOCUMENTS)), "no document");
      terms.clear();
    }
    assertEquals(6_039, all);
  }

  @Test
  void singleDocumentsHaveTheirScores() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < QUERIES; i++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      BlockMaxTerms terms = index.terms(query, 1);
      for (int j = 0; j < 50; j++) {
        int document = random.nextInt(SubjectIndex.DOCUMENTS);
        float least = scores[random.nextInt(SubjectIndex.DOCUMENTS)];
        int superblock = document / SUPERBLOCK;
        if (terms.superblockBounds()[superblock] >= terms.threshold(least)) {
          terms.reachingBlocks(superblock, least);
          double score = terms.score(document % SUPERBLOCK);
          if (scores[document] > 0 && scores[document] >= least) {
            assertEquals(scores[document], (float) score, "document " + document);
          } else {
            assertTrue((float) score <= scores[document], "document " + document);
          }
        } else {
          assertTrue(scores[document] == 0 || scores[document] < least, "document " + document);
        }
      }
    }
  }

  /** What reaches the least score is a candidate and has its score; what is none does not. */
  private static void assertFound(
      BlockMaxTerms terms, int superblock, float[] scores, float least) {
    int first = superblock * SUPERBLOCK;
    for (int i = 0; i < SUPERBLOCK && first + i < SubjectIndex.DOCUMENTS; i++) {
      if (scores[first + i] >= Math.max(least, Float.MIN_VALUE)) {
        assertTrue(isCandidate(terms, i), "document " + (first + i));
        assertEquals(scores[first + i], (float) terms.sums()[i]);
      }
    }
  }

  private static boolean isCandidate(BlockMaxTerms terms, int document) {
    int block = document / BLOCK;
    return (terms.candidateBlocks() >>> block & 1) != 0
        && (terms.candidates(block) >>> document & 1) != 0;
  }

  private static int candidates(BlockMaxTerms terms) {
    int number = 0;
    for (long blocks = terms.candidateBlocks(); blocks != 0; blocks &= blocks - 1) {
      number += Integer.bitCount(terms.candidates(Long.numberOfTrailingZeros(blocks)));
    }
    return number;
  }
}
