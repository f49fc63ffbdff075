/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Rounds;
import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.BulkScorer;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.LeafCollector;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.FixedBitSet;
import org.junit.jupiter.api.Test;

/** Queries of more features than Lucene takes as clauses, where there are no bounds. */
class LongDisjunctionQueryTest {

  private static final String FIELD = "sparse";
  private static final int DOCUMENTS = 15_000;
  private static final int VOCABULARY = 3_000;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<SparseVector> stored = new ArrayList<>();

  @Test
  void rangesAreCollectedWholeWithTheirScores() throws IOException {
    try (Directory directory = index();
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      for (int round = 0; round < Rounds.of(100); round++) {
        SparseVector query = vector(200 + random.nextInt(2_000));
        Query disjunction = new LongDisjunctionQuery(FIELD, query);
        ScorerSupplier supplier =
            disjunction
                .createWeight(searcher, ScoreMode.COMPLETE, 1)
                .scorerSupplier(reader.leaves().getFirst());
        BulkScorer scorer = supplier.bulkScorer();
        assertEquals(supplier.cost(), scorer.cost());
        FixedBitSet live = new FixedBitSet(DOCUMENTS);
        for (int i = 0; i < DOCUMENTS; i++) {
          if (random.nextInt(5) > 0) {
            live.set(i);
          }
        }
        Map<Integer, Float> found = new HashMap<>();
        Map<Integer, Float> expected = new HashMap<>();
        int from = random.nextInt(200);
        int next = from;
        while (next < DOCUMENTS) {
          int end = Math.min(DOCUMENTS, next + 1 + random.nextInt(9_000));
          int behind = scorer.score(new Collector(found, next, end), live, next, end);
          assertTrue(behind >= end, "seed " + seed);
          for (int i = end; i < Math.min(behind, DOCUMENTS); i++) {
            assertEquals(0, query.dot(stored.get(i)), "seed " + seed);
          }
          assertTrue(behind < DOCUMENTS || behind == DocIdSetIterator.NO_MORE_DOCS);
          next = end;
        }
        long postings = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
          float score = query.dot(stored.get(i));
          if (i >= from && score > 0 && live.get(i)) {
            expected.put(i, score);
          }
          for (int j = 0; j < stored.get(i).size(); j++) {
            postings += query.weight(stored.get(i).feature(j)) > 0 ? 1 : 0;
          }
        }
        assertEquals(expected, found, "seed " + seed);
        assertEquals(postings, supplier.cost(), "seed " + seed);
      }
    }
  }

  private Directory index() throws IOException {
    Directory directory = new ByteBuffersDirectory();
    IndexWriterConfig config = new IndexWriterConfig();
    config.setRAMBufferSizeMB(512);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 0; i < DOCUMENTS; i++) {
        SparseVector vector = vector(random.nextInt(6));
        stored.add(vector);
        Document document = new Document();
        vector
            .toMap()
            .forEach((feature, weight) -> document.add(new FeatureField(FIELD, feature, weight)));
        writer.addDocument(document);
      }
    }
    return directory;
  }

  /** Of at most so many features. Products and their sums are exact. */
  private SparseVector vector(int features) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < features; i++) {
      weights.put(
          "" + random.nextInt(VOCABULARY), PostingWeight.round((1 + random.nextInt(30)) / 16f));
    }
    return SparseVector.of(weights);
  }

  /** Is given the documents of a range in their order. */
  private final class Collector implements LeafCollector {
    private final Map<Integer, Float> found;
    private final int end;
    private int next;
    private Scorable scorable;

    Collector(Map<Integer, Float> found, int from, int end) {
      this.found = found;
      this.next = from;
      this.end = end;
    }

    @Override
    public void setScorer(Scorable scorer) {
      scorable = scorer;
    }

    @Override
    public void collect(int document) throws IOException {
      assertTrue(document >= next && document < end, "seed " + seed);
      next = document + 1;
      found.put(document, scorable.score());
    }
  }
}
