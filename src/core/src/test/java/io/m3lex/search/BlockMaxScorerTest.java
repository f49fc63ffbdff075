/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;
import static io.m3lex.search.SubjectIndex.DOCUMENTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Rounds;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.search.DocAndFloatFeatureBuffer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.LeafCollector;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.util.FixedBitSet;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scorers that go from document to document, over many superblocks, against brute force. */
class BlockMaxScorerTest {

  @AutoClose private static SubjectIndex index;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @BeforeAll
  static void open() throws IOException {
    index = new SubjectIndex();
  }

  /** Whatever is skipped does not match, or has too low a score. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stepsAndLeapsMeetEveryCompetitiveMatch(boolean twoPhase) throws IOException {
    for (int round = 0; round < Rounds.of(100); round++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      Scorer scorer = scorer(twoPhase, query);
      DocIdSetIterator documents = scorer.iterator();
      assertEquals(-1, scorer.docID());
      assertEquals(matches(scores) > 0, documents.cost() > 0);
      assertTrue(documents.cost() >= matches(scores), "seed " + seed);
      float least = 0;
      int leap = 1 + random.nextInt(4_000);
      int target = 0;
      while (target < DOCUMENTS) {
        if (random.nextInt(20) == 0) {
          float some = scores[random.nextInt(DOCUMENTS)];
          if (some > least) {
            least = some;
            scorer.setMinCompetitiveScore(least);
          }
        }
        int found;
        if (random.nextInt(4) == 0) {
          target = Math.min(DOCUMENTS, target + random.nextInt(leap));
          found = documents.advance(target);
        } else {
          found = documents.nextDoc();
        }
        assertEquals(found, scorer.docID());
        assertEquals(found, documents.docID());
        // The least score may have risen within a superblock that was scored before.
        for (int skipped = target; skipped < Math.min(found, DOCUMENTS); skipped++) {
          assertTrue(
              scores[skipped] == 0 || scores[skipped] < least, skipped + " skipped, seed " + seed);
        }
        if (found < DOCUMENTS) {
          assertEquals(scores[found], scorer.score(), "seed " + seed);
          assertTrue(scores[found] > 0 && scores[found] >= least, "seed " + seed);
        } else {
          assertEquals(DocIdSetIterator.NO_MORE_DOCS, found);
        }
        target = Math.min(found, DOCUMENTS) + 1;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void greatestScoresOfRangesAreBounds(boolean twoPhase) throws IOException {
    for (int round = 0; round < Rounds.of(100); round++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      Scorer scorer = scorer(twoPhase, query);
      int from = random.nextInt(DOCUMENTS);
      int end = scorer.advanceShallow(from);
      assertTrue(end >= from, "seed " + seed);
      assertEquals(from / SUPERBLOCK * SUPERBLOCK + SUPERBLOCK - 1, end);
      int upTo = from + random.nextInt(DOCUMENTS);
      float bound = scorer.getMaxScore(upTo);
      float whole = scorer.getMaxScore(DocIdSetIterator.NO_MORE_DOCS);
      float greatest = 0;
      for (int i = from; i <= Math.min(upTo, DOCUMENTS - 1); i++) {
        greatest = Math.max(greatest, scores[i]);
      }
      assertTrue(bound >= greatest && whole >= bound, "seed " + seed);
      assertEquals(DocIdSetIterator.NO_MORE_DOCS, scorer.advanceShallow(DOCUMENTS + SUPERBLOCK));
    }
  }

  @Test
  void batchesHaveAllLiveMatches() throws IOException {
    for (int round = 0; round < Rounds.of(100); round++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      FixedBitSet live = live();
      BlockMaxScorer scorer = new BlockMaxScorer(index.terms(query, 1));
      DocAndFloatFeatureBuffer buffer = new DocAndFloatFeatureBuffer();
      int from = random.nextInt(DOCUMENTS);
      int upTo = from + random.nextInt(DOCUMENTS);
      int next = from;
      scorer.iterator().advance(from);
      for (scorer.nextDocsAndScores(upTo, live, buffer);
          buffer.size > 0;
          scorer.nextDocsAndScores(upTo, live, buffer)) {
        for (int i = 0; i < buffer.size; i++) {
          next = requireNoMatch(scores, live, next, buffer.docs[i]);
          assertEquals(scores[next], buffer.features[i], "seed " + seed);
          next++;
        }
      }
      requireNoMatch(scores, live, next, Math.min(upTo, DOCUMENTS));
      assertTrue(scorer.docID() >= Math.min(upTo, DOCUMENTS), "seed " + seed);
    }
  }

  @Test
  void rangesAreCollectedWhole() throws IOException {
    for (int round = 0; round < Rounds.of(100); round++) {
      Map<Integer, Float> query = SubjectIndex.query(random);
      float[] scores = index.scores(query);
      FixedBitSet live = random.nextBoolean() ? live() : null;
      BlockMaxBulkScorer scorer = new BlockMaxBulkScorer(index.terms(query, 1));
      assertTrue(scorer.cost() >= matches(scores), "seed " + seed);
      int from = random.nextInt(DOCUMENTS);
      int end = from + random.nextInt(DOCUMENTS);
      Ranges collector = new Ranges(scores, live, from, random.nextBoolean());
      int next = scorer.score(collector, live, from, end);
      collector.end(Math.min(end, DOCUMENTS));
      assertEquals(end < DOCUMENTS ? end : DocIdSetIterator.NO_MORE_DOCS, next);
    }
  }

  private static Scorer scorer(boolean twoPhase, Map<Integer, Float> query) throws IOException {
    BlockMaxTerms terms = index.terms(query, 1);
    return twoPhase ? new BlockMaxTwoPhaseScorer(terms) : new BlockMaxScorer(terms);
  }

  private int requireNoMatch(float[] scores, FixedBitSet live, int from, int end) {
    for (int i = from; i < end; i++) {
      assertTrue(scores[i] == 0 || !live.get(i), i + " is left out, seed " + seed);
    }
    return end;
  }

  private FixedBitSet live() {
    FixedBitSet live = new FixedBitSet(DOCUMENTS);
    for (int i = 0; i < DOCUMENTS; i++) {
      if (random.nextInt(3) > 0) {
        live.set(i);
      }
    }
    return live;
  }

  private static int matches(float[] scores) {
    int matches = 0;
    for (float score : scores) {
      matches += score > 0 ? 1 : 0;
    }
    return matches;
  }

  /** Is given all matches of a range that have the least score, which may rise. */
  private final class Ranges implements LeafCollector {
    private final float[] scores;
    private final FixedBitSet live;
    private final boolean rising;
    private final float[] sorted;
    private Scorable scorable;
    private int next;
    private float least;

    Ranges(float[] scores, FixedBitSet live, int from, boolean rising) {
      this.scores = scores;
      this.live = live;
      this.next = from;
      this.rising = rising;
      sorted = scores.clone();
      Arrays.sort(sorted);
    }

    @Override
    public void setScorer(Scorable scorer) {
      scorable = scorer;
    }

    @Override
    public void collect(int document) throws IOException {
      end(document);
      assertEquals(scores[document], scorable.score(), "seed " + seed);
      assertTrue(live == null || live.get(document), "seed " + seed);
      assertTrue(scores[document] > 0 && scores[document] >= least, "seed " + seed);
      next = document + 1;
      if (rising && random.nextInt(50) == 0) {
        least = Math.max(least, sorted[random.nextInt(DOCUMENTS)]);
        scorable.setMinCompetitiveScore(least);
      }
    }

    void end(int end) {
      for (; next < end; next++) {
        assertTrue(
            scores[next] == 0 || scores[next] < least || live != null && !live.get(next),
            next + " is left out, seed " + seed);
      }
    }
  }
}
