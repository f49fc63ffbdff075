/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.corpus.CorpusEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.junit.jupiter.api.Test;

class Bm25RankerTest {

  @Test
  void aQueryOfMoreTermsThanLuceneTakesIsRankedAsTheSumOfItsParts() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    List<CorpusEntry> documents = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      documents.add(new CorpusEntry.Document("x", i, "d" + i, "", words(random, 40)));
    }
    try (Bm25Ranker ranker = new Bm25Ranker(documents.iterator(), new WhitespaceAnalyzer())) {
      StringBuilder known = new StringBuilder(words(random, 30));
      List<ScoredDocument> expected = ranker.rank(known.toString(), 20);
      for (int i = 0; i < 3_000; i++) {
        known.append(" unknown").append(i);
      }
      List<ScoredDocument> found = ranker.rank(known.toString(), 20);
      assertEquals(expected.size(), found.size(), "-Dm3lex.seed=" + seed);
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i).score(), found.get(i).score(), 1e-5, "-Dm3lex.seed=" + seed);
      }
    }
  }

  private static String words(Random random, int count) {
    StringBuilder words = new StringBuilder();
    for (int i = 0; i < count; i++) {
      words.append('w').append(random.nextInt(300)).append(' ');
    }
    return words.toString();
  }
}
