/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.search.SparseQuery;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.LRUQueryCache;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryCachingPolicy;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The best documents are those of the query itself, in any other query. */
class BestDocumentsQueryTest {

  private static final String FIELD = "sparse";
  private static final int DOCUMENTS = 2_000;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  private Directory directory;
  private IndexWriter writer;

  @BeforeEach
  void index() throws IOException {
    directory = new ByteBuffersDirectory();
    writer =
        new IndexWriter(
            directory,
            new IndexWriterConfig()
                .setCodec(new BlockMaxCodec(FIELD))
                .setMergePolicy(NoMergePolicy.INSTANCE));
    for (int d = 0; d < DOCUMENTS; d++) {
      add(vector(1 + random.nextInt(10)), d);
      if (random.nextInt(DOCUMENTS / 5) == 0) {
        writer.flush();
      }
    }
    writer.deleteDocuments(new Term("residue", "3"));
  }

  @AfterEach
  void close() throws IOException {
    writer.close();
    directory.close();
  }

  @Test
  void areTheQuerysOwnWithItsScores() throws IOException {
    try (DirectoryReader reader = DirectoryReader.open(writer)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      for (int i = 0; i < 200; i++) {
        Query query = new SparseQuery(FIELD, vector(1 + random.nextInt(6)));
        int k = 1 + random.nextInt(30);
        Query best = new BestDocumentsQuery(query, k);
        assertSame(best, searcher.rewrite(best));
        ScoreDoc[] expected = searcher.search(query, k).scoreDocs;
        assertHits(1, expected, searcher.search(best, 2 * k).scoreDocs);
        assertHits(2, expected, searcher.search(new BoostQuery(best, 2), 2 * k).scoreDocs);
        for (ScoreDoc hit : expected) {
          assertEquals(hit.score, searcher.explain(best, hit.doc).getValue().floatValue());
        }
        assertEquals(expected.length, searcher.count(best));
        Query filtered =
            new BooleanQuery.Builder()
                .add(best, Occur.MUST)
                .add(new TermQuery(new Term("residue", "7")), Occur.FILTER)
                .build();
        Set<Integer> documents = new HashSet<>();
        for (ScoreDoc hit : expected) {
          if (searcher.storedFields().document(hit.doc).get("residue").equals("7")) {
            documents.add(hit.doc);
          }
        }
        for (ScoreDoc hit : searcher.search(filtered, k).scoreDocs) {
          assertTrue(documents.remove(hit.doc), "seed " + seed);
        }
        assertEquals(Set.of(), documents, "seed " + seed);
      }
    }
  }

  /** The best of a segment are others when there is a better one in another segment. */
  @Test
  void areFoundAgainWhenTheIndexHasChanged() throws IOException {
    LRUQueryCache cache = new LRUQueryCache(100, 1 << 20, leaf -> true, 1);
    Query query = new SparseQuery(FIELD, SparseVector.of(Map.of("1", 1f)));
    Query best = new ConstantScoreQuery(new BestDocumentsQuery(query, 1));
    for (int weight : new int[] {1_000, 2_000, 3_000}) {
      int document = add(SparseVector.of(Map.of("1", (float) weight)), 0);
      try (DirectoryReader reader = DirectoryReader.open(writer)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        searcher.setQueryCache(cache);
        searcher.setQueryCachingPolicy(
            new QueryCachingPolicy() {
              @Override
              public void onUse(Query used) {}

              @Override
              public boolean shouldCache(Query any) {
                return true;
              }
            });
        for (int i = 0; i < 3; i++) {
          ScoreDoc[] found = searcher.search(best, 10).scoreDocs;
          assertEquals(1, found.length);
          assertEquals(document, found[0].doc);
        }
      }
    }
  }

  private void assertHits(float boost, ScoreDoc[] expected, ScoreDoc[] found) {
    assertEquals(expected.length, found.length, "seed " + seed);
    for (int i = 0; i < found.length; i++) {
      assertEquals(expected[i].doc, found[i].doc, "seed " + seed);
      assertEquals(boost * expected[i].score, found[i].score, "seed " + seed);
    }
  }

  /** Adds a document, and tells its number. */
  private int add(SparseVector vector, int residue) throws IOException {
    Document document = new Document();
    document.add(new StringField("residue", "" + residue % 10, Store.YES));
    vector.toMap().forEach((f, w) -> document.add(new FeatureField(FIELD, f, w)));
    writer.addDocument(document);
    return writer.getDocStats().maxDoc - 1;
  }

  private SparseVector vector(int features) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < features; i++) {
      weights.put("" + random.nextInt(1 + random.nextInt(100)), random.nextFloat() + 0.01f);
    }
    return SparseVector.of(weights);
  }
}
