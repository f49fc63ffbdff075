/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Rounds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.apache.lucene.search.ScoreDoc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The best hits are held against sorting all of them. */
class TopHitsTest {

  static final Comparator<ScoreDoc> BEST_FIRST =
      Comparator.comparingDouble((ScoreDoc hit) -> -hit.score).thenComparingInt(hit -> hit.doc);

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 31, 32, 33, 100, 128, 1_000, 5_000})
  void theBestAreKeptInWhateverOrderTheyCome(int k) {
    for (int round = 0; round < Rounds.of(100); round++) {
      String where = "k " + k + ", seed " + seed;
      TopHits hits = new TopHits(k);
      assertEquals(k, hits.k());
      List<ScoreDoc> all = new ArrayList<>();
      List<ScoreDoc> best = new ArrayList<>();
      int number = random.nextInt(3 * k + 100);
      int scores = 1 + random.nextInt(2 * number + 1);
      float leastSoFar = 0;
      float leastOfFirst = 0;
      boolean asking = random.nextBoolean();
      for (int i = 0; i < number; i++) {
        ScoreDoc hit = new ScoreDoc(random.nextInt(), (1 + random.nextInt(scores)) / 8f);
        hit.doc &= Integer.MAX_VALUE - 1;
        all.add(hit);
        hits.add(hit.doc, hit.score);
        if (asking) {
          float least = hits.leastScore();
          if (k <= 33 || all.size() == k) {
            best = all.stream().sorted(BEST_FIRST).limit(k).toList();
          }
          float kth = best.size() < k ? 0 : best.getLast().score;
          if (all.size() == k) {
            leastOfFirst = kth;
          }
          if (k <= 32 || all.size() <= k) {
            assertEquals(kth, least, where);
          } else {
            assertTrue(least >= leastOfFirst, where);
            assertTrue(least >= leastSoFar, where);
          }
          leastSoFar = least;
        }
      }
      List<ScoreDoc> expected = all.stream().sorted(BEST_FIRST).limit(k).toList();
      if (expected.size() == k) {
        assertTrue(hits.leastScore() <= expected.getLast().score, where);
      }
      assertHits(expected, hits.sorted(), k, where);
    }
  }

  @Test
  void theBestOfSeveralAreTheBestOfAll() {
    for (int round = 0; round < Rounds.of(200); round++) {
      int k = 1 + random.nextInt(200);
      List<ScoreDoc> all = new ArrayList<>();
      TopHits together = new TopHits(k);
      for (int part = random.nextInt(5); part >= 0; part--) {
        TopHits hits = new TopHits(k);
        for (int i = random.nextInt(500); i > 0; i--) {
          ScoreDoc hit = new ScoreDoc(all.size(), random.nextInt(50));
          all.add(hit);
          hits.add(hit.doc, hit.score);
        }
        together.addAll(hits);
      }
      all.sort(BEST_FIRST);
      assertHits(all, together.sorted(), k, "seed " + seed);
    }
  }

  /** A hit of the k-th score gets in as long as there may be documents with smaller numbers. */
  @Test
  void equalScoresGoByNumber() {
    TopHits hits = new TopHits(2);
    for (int document = 100; document > 0; document--) {
      hits.add(document, 1);
      assertEquals(document < 100 ? 1 : 0, hits.leastScore());
    }
    assertHits(List.of(new ScoreDoc(1, 1), new ScoreDoc(2, 1)), hits.sorted(), 2, "");
  }

  /**
   * Hits are the first k of those that are expected.
   *
   * @param expected the best first, as many as there are
   */
  static void assertHits(List<ScoreDoc> expected, ScoreDoc[] found, int k, String what) {
    assertEquals(Math.min(k, expected.size()), found.length, what);
    for (int i = 0; i < found.length; i++) {
      String where = "rank " + (i + 1) + ", " + what;
      assertEquals(expected.get(i).score, found[i].score, where);
      assertEquals(expected.get(i).doc, found[i].doc, where);
    }
  }
}
