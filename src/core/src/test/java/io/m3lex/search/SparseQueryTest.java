/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Rounds;
import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntPredicate;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FilterMergePolicy;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.MultiBits;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.IOSupplier;
import org.junit.jupiter.api.Test;

/** Every ranking is held against a brute-force dot product over the stored weights. */
class SparseQueryTest {

  private static final String FIELD = "sparse";

  /** One of so many documents is so few that they are scored one by one. */
  private static final int FEW = 700;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void searchEqualsBruteForceOnRandomIndexes() throws IOException {
    for (int round = 0; round < Rounds.of(100); round++) {
      int documents = random.nextInt(4) == 0 ? random.nextInt(3) : 1 + random.nextInt(2_000);
      int vocabulary = 1 + random.nextInt(200);
      try (Directory directory = new ByteBuffersDirectory()) {
        List<SparseVector> stored = index(directory, documents, vocabulary);
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          IndexSearcher searcher = new IndexSearcher(reader);
          Bits live = MultiBits.getLiveDocs(reader);
          for (int i = 0; i < Rounds.of(100); i++) {
            SparseVector query = vector(1 + random.nextInt(12), vocabulary + 5);
            int k = 1 + random.nextInt(50);
            assertRanking(
                searcher, new SparseQuery(FIELD, query), stored, query, k, d -> isLive(live, d));
          }
        }
      }
    }
  }

  @Test
  void searchEqualsBruteForceOnManySuperblocks() throws IOException {
    for (int round = 0; round < Rounds.of(4); round++) {
      try (Directory directory = new ByteBuffersDirectory()) {
        List<SparseVector> stored = index(directory, 30_000, 20 + random.nextInt(200));
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          IndexSearcher searcher = new IndexSearcher(reader);
          Bits live = MultiBits.getLiveDocs(reader);
          for (int i = 0; i < Rounds.of(40); i++) {
            SparseVector query = vector(1 + random.nextInt(12), 200);
            int k = 1 + random.nextInt(random.nextInt(3_000) + 1);
            SparseQuery sparse = new SparseQuery(FIELD, query);
            assertRanking(searcher, sparse, stored, query, k, d -> isLive(live, d));
            int few = random.nextInt(FEW);
            assertRanking(
                searcher,
                filtered(sparse, "few", few),
                stored,
                query,
                1 + k % 20,
                d -> isLive(live, d) && d % FEW == few);
          }
        }
      }
    }
  }

  @Test
  void filtersAndOtherClausesKeepScoresAndOrder() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      List<SparseVector> stored = index(directory, 3_000, 100);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        Bits live = MultiBits.getLiveDocs(reader);
        for (int i = 0; i < Rounds.of(300); i++) {
          SparseVector query = vector(1 + random.nextInt(10), 100);
          int residue = random.nextInt(10);
          Query filtered = filtered(new SparseQuery(FIELD, query), "residue", residue);
          assertRanking(
              searcher, filtered, stored, query, 10, d -> isLive(live, d) && d % 10 == residue);
        }
      }
    }
  }

  private static Query filtered(Query query, String field, int value) {
    return new BooleanQuery.Builder()
        .add(query, Occur.MUST)
        .add(new TermQuery(new Term(field, "" + value)), Occur.FILTER)
        .build();
  }

  @Test
  void concurrentSearchOfSegmentsGivesTheSame() throws IOException {
    try (Directory directory = new ByteBuffersDirectory();
        ExecutorService executor = Executors.newFixedThreadPool(3)) {
      List<SparseVector> stored = index(directory, 4_000, 80);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader, executor);
        Bits live = MultiBits.getLiveDocs(reader);
        for (int i = 0; i < Rounds.of(200); i++) {
          SparseVector query = vector(1 + random.nextInt(10), 80);
          assertRanking(
              searcher, new SparseQuery(FIELD, query), stored, query, 20, d -> isLive(live, d));
        }
      }
    }
  }

  @Test
  void bothSidesOfTheLimitOfClausesScoreAlike() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      List<SparseVector> stored = index(directory, 9_000, 3_000);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        Bits live = MultiBits.getLiveDocs(reader);
        for (int size : new int[] {600, 700, 1_300, 1_400, 4_000}) {
          SparseVector query = vector(size, 3_000);
          assertRanking(
              searcher, new SparseQuery(FIELD, query), stored, query, 30, d -> isLive(live, d));
        }
      }
    }
  }

  @Test
  void severalLongQueriesFitInOneBooleanQuery() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      index(directory, 50, 3_000);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        BooleanQuery.Builder several = new BooleanQuery.Builder();
        for (int i = 0; i < 4; i++) {
          several.add(new SparseQuery(FIELD, vector(6_000, 3_000)), Occur.SHOULD);
        }
        assertTrue(new IndexSearcher(reader).count(several.build()) > 0);
      }
    }
  }

  @Test
  void moreFeaturesThanABooleanQueryMayHaveClauses() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      List<SparseVector> stored = index(directory, 500, 3_000);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        Bits live = MultiBits.getLiveDocs(reader);
        SparseVector query = vector(6_000, 3_000);
        assertTrue(query.size() > IndexSearcher.getMaxClauseCount());
        assertRanking(
            searcher, new SparseQuery(FIELD, query), stored, query, 100, d -> isLive(live, d));
        Query filtered =
            new BooleanQuery.Builder()
                .add(new SparseQuery(FIELD, query), Occur.MUST)
                .add(new TermQuery(new Term("residue", "3")), Occur.FILTER)
                .build();
        assertRanking(searcher, filtered, stored, query, 20, d -> isLive(live, d) && d % 10 == 3);
      }
    }
  }

  @Test
  void explanationsEqualScoresAndNameTheFeatures() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      index(directory, 300, 40);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        for (int i = 0; i < Rounds.of(50); i++) {
          SparseVector vector = vector(1 + random.nextInt(10), 40);
          Query query = new BoostQuery(new SparseQuery(FIELD, vector), 1 + random.nextInt(3));
          for (ScoreDoc hit : searcher.search(query, 10).scoreDocs) {
            Explanation explanation = searcher.explain(query, hit.doc);
            assertEquals(hit.score, explanation.getValue().floatValue(), "seed " + seed);
            assertTrue(explanation.toString().contains(" feature"), explanation.toString());
          }
        }
      }
    }
  }

  @Test
  void emptyVectorAndUnknownFeaturesMatchNothing() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      index(directory, 50, 10);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        assertEquals(0, searcher.count(new SparseQuery(FIELD, SparseVector.EMPTY)));
        assertEquals(
            0, searcher.count(new SparseQuery(FIELD, SparseVector.of(Map.of("unknown", 1f)))));
        assertEquals(0, searcher.count(new SparseQuery("other", SparseVector.of(Map.of("1", 1f)))));
      }
    }
  }

  @Test
  void approximateSearchKeepsItsBoundAtEveryRank() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      index(directory, 20_000, 100);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        for (IndexSearcher searcher :
            List.of(new IndexSearcher(reader), new SparseSearcher(reader))) {
          for (int i = 0; i < Rounds.of(150); i++) {
            SparseQuery exact = new SparseQuery(FIELD, vector(1 + random.nextInt(12), 100));
            float alpha = 0.3f + 0.7f * random.nextFloat();
            int k = 1 + random.nextInt(100);
            ScoreDoc[] best = noCount(searcher, exact, k);
            ScoreDoc[] found = noCount(searcher, exact.approximate(alpha), k);
            assertEquals(best.length, found.length, "seed " + seed);
            for (int rank = 0; rank < found.length; rank++) {
              assertTrue(
                  found[rank].score >= alpha * best[rank].score * (1 - 1e-6f),
                  "rank " + rank + ", alpha " + alpha + ", " + exact + ", seed " + seed);
              float score = searcher.explain(exact, found[rank].doc).getValue().floatValue();
              assertEquals(score, found[rank].score, "seed " + seed);
            }
          }
        }
      }
    }
  }

  private static ScoreDoc[] noCount(IndexSearcher searcher, Query query, int k) throws IOException {
    return searcher.search(query, new TopScoreDocCollectorManager(k, null, 1)).scoreDocs;
  }

  @Test
  void pruningKeepsTheGreatestWeights() throws IOException {
    SparseVector vector = SparseVector.of(Map.of("a", 1f, "b", 3f, "c", 2f, "d", 0.5f));
    SparseQuery query = new SparseQuery("f", vector);
    assertEquals(Map.of("b", 3f, "c", 2f), query.pruned(0.5f).vector().toMap());
    assertEquals(Map.of("b", 3f, "c", 2f), query.pruned(0.26f).vector().toMap());
    assertEquals(Map.of("b", 3f), query.pruned(0.01f).vector().toMap());
    assertEquals(query, query.pruned(1));
    assertEquals(0, new SparseQuery("f", SparseVector.EMPTY).pruned(0.5f).vector().size());
    assertEquals(0.9f, query.approximate(0.9f).pruned(0.5f).alpha());
  }

  @Test
  void factorsOutOfRangeAreRefused() {
    SparseQuery query = new SparseQuery("f", SparseVector.of(Map.of("a", 1f)));
    for (float wrong : new float[] {0, -1, 1.01f, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> query.approximate(wrong));
      assertThrows(IllegalArgumentException.class, () -> query.pruned(wrong));
    }
    assertEquals(query, query.approximate(1).pruned(1));
    assertEquals(query.vector(), query.pruned(Float.MIN_VALUE).vector(), "one feature remains");
    assertEquals(Float.MIN_VALUE, query.approximate(Float.MIN_VALUE).alpha());
  }

  @Test
  void contributionsAreThoseOfTheExplanationTheGreatestFirst() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      List<SparseVector> stored = index(directory, 300, 40);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        for (int i = 0; i < Rounds.of(50); i++) {
          SparseVector vector = vector(1 + random.nextInt(10), 40);
          SparseQuery query = new SparseQuery(FIELD, vector);
          for (LeafReaderContext leaf : reader.leaves()) {
            int document = random.nextInt(leaf.reader().maxDoc());
            List<TokenContribution> found = query.contributions(leaf, document);
            SparseVector weights = stored.get(leaf.docBase + document);
            List<TokenContribution> expected = new ArrayList<>();
            for (int feature = 0; feature < vector.size(); feature++) {
              float weight = weights.weight(vector.feature(feature));
              if (weight > 0) {
                expected.add(
                    new TokenContribution(
                        vector.feature(feature),
                        vector.weight(feature),
                        weight,
                        vector.weight(feature) * weight));
              }
            }
            expected.sort(Comparator.comparingDouble(one -> -one.score()));
            assertEquals(expected, found, "seed " + seed);
          }
        }
      }
    }
  }

  @Test
  void visitorsSeeTheQueryIfTheyWantItsField() {
    SparseVector vector = SparseVector.of(Map.of("a", 1f));
    for (Query query :
        new Query[] {new SparseQuery(FIELD, vector), new LongDisjunctionQuery(FIELD, vector)}) {
      List<Query> seen = new ArrayList<>();
      for (String wanted : new String[] {FIELD, "other"}) {
        query.visit(
            new QueryVisitor() {
              @Override
              public boolean acceptField(String field) {
                return field.equals(wanted);
              }

              @Override
              public void visitLeaf(Query leaf) {
                seen.add(leaf);
              }
            });
      }
      assertEquals(List.of(query), seen);
    }
  }

  @Test
  void aQueryShowsTenFeaturesAndSaysThatThereAreMore() {
    Map<String, Float> weights = new TreeMap<>();
    for (int i = 1; i <= 10; i++) {
      weights.put("f" + i, (float) i);
    }
    String ten = new SparseQuery("f", SparseVector.of(weights)).toString();
    assertTrue(ten.startsWith("f:{f10^10.0 f9^9.0 ") && ten.endsWith(" f1^1.0}"), ten);
    weights.put("f11", 11f);
    String eleven = new SparseQuery("f", SparseVector.of(weights)).approximate(0.5f).toString();
    assertTrue(eleven.startsWith("f:{f11^11.0 ") && eleven.endsWith(" f2^2.0 …}~0.5"), eleven);
  }

  @Test
  void anyNumberOfHitsCanBeAskedFor() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      List<SparseVector> stored = index(directory, 3_000, 10);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        SparseSearcher searcher = new SparseSearcher(reader);
        SparseVector query = SparseVector.of(Map.of("everywhere", 0.5f, "3", 1f));
        Bits live = MultiBits.getLiveDocs(reader);
        for (int k : new int[] {1, 2_999, 3_000, 3_001, Integer.MAX_VALUE}) {
          SparseQuery sparse = new SparseQuery(FIELD, query);
          assertEquals(Math.min(k, reader.numDocs()), searcher.search(sparse, k).scoreDocs.length);
          if (k < Integer.MAX_VALUE) {
            assertRanking(searcher, sparse, stored, query, k, d -> isLive(live, d));
          }
        }
        for (int k : new int[] {0, -1, Integer.MIN_VALUE}) {
          assertThrows(
              IllegalArgumentException.class,
              () -> searcher.search(new SparseQuery(FIELD, query), k));
        }
      }
    }
  }

  @Test
  void boostsMultiplyScores() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      index(directory, 3_000, 50);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        for (int i = 0; i < Rounds.of(50); i++) {
          SparseQuery sparse = new SparseQuery(FIELD, vector(1 + random.nextInt(8), 50));
          // A power of two changes no digit.
          Query boosted = new BoostQuery(sparse, 4);
          Query nested =
              new BooleanQuery.Builder()
                  .add(new BoostQuery(sparse, 2), Occur.MUST)
                  .add(new TermQuery(new Term("residue", "7")), Occur.MUST_NOT)
                  .build();
          for (IndexSearcher searcher :
              List.of(new IndexSearcher(reader), new SparseSearcher(reader))) {
            ScoreDoc[] plain = searcher.search(sparse, 20).scoreDocs;
            ScoreDoc[] four = searcher.search(boosted, 20).scoreDocs;
            assertEquals(plain.length, four.length);
            for (int rank = 0; rank < plain.length; rank++) {
              assertEquals(4 * plain[rank].score, four[rank].score, "seed " + seed);
              assertEquals(plain[rank].doc, four[rank].doc, "seed " + seed);
            }
            assertHits(
                List.of(new IndexSearcher(reader).search(new BoostQuery(nested, 2), 20).scoreDocs),
                searcher.search(new BoostQuery(nested, 2), 20).scoreDocs,
                20,
                "boosted " + nested);
          }
        }
      }
    }
  }

  @Test
  void queriesAreEqualByFieldAndVector() {
    SparseVector vector = SparseVector.of(Map.of("a", 1f));
    Query query = new SparseQuery("f", vector);
    assertEquals(query, new SparseQuery("f", SparseVector.of(Map.of("a", 1f))));
    assertEquals(query.hashCode(), new SparseQuery("f", vector).hashCode());
    assertNotEquals(query, new SparseQuery("g", vector));
    assertNotEquals(query, new SparseQuery("f", SparseVector.of(Map.of("a", 2f))));
    assertEquals("f:{a^1.0}", query.toString());
  }

  private void assertRanking(
      IndexSearcher searcher,
      Query query,
      List<SparseVector> stored,
      SparseVector vector,
      int k,
      IntPredicate accepted)
      throws IOException {
    List<ScoreDoc> expected = new ArrayList<>();
    for (int d = 0; d < stored.size(); d++) {
      float score = vector.dot(stored.get(d));
      if (accepted.test(d) && sharesAFeature(vector, stored.get(d))) {
        expected.add(new ScoreDoc(d, score));
      }
    }
    expected.sort(TopHitsTest.BEST_FIRST);
    // Without a total hit count, so that documents are skipped.
    assertHits(
        expected,
        searcher.search(query, new TopScoreDocCollectorManager(k, null, k)).scoreDocs,
        k,
        "any searcher, query " + query);
    // With a total hit count up to 1,000.
    assertHits(expected, searcher.search(query, k).scoreDocs, k, "counting, query " + query);
    Executor executor = random.nextInt(3) == 0 ? ForkJoinPool.commonPool() : null;
    IndexSearcher knowing = new SparseSearcher(searcher.getIndexReader(), executor);
    assertHits(expected, knowing.search(query, k).scoreDocs, k, "k is known, query " + query);
  }

  private void assertHits(List<ScoreDoc> expected, ScoreDoc[] found, int k, String what) {
    TopHitsTest.assertHits(expected, found, k, what + ", seed " + seed);
  }

  private static boolean sharesAFeature(SparseVector a, SparseVector b) {
    for (int i = 0; i < a.size(); i++) {
      if (b.weight(a.feature(i)) > 0) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLive(Bits live, int document) {
    return live == null || live.get(document);
  }

  /** Several segments, some deletes, one feature in every document. Returns the stored vectors. */
  private List<SparseVector> index(Directory directory, int documents, int vocabulary)
      throws IOException {
    List<SparseVector> stored = new ArrayList<>();
    int formats = random.nextInt(3);
    int half = documents / 2;
    addDocuments(directory, 0, half, vocabulary, formats < 2, stored);
    addDocuments(directory, half, documents, vocabulary, formats > 0, stored);
    return stored;
  }

  private void addDocuments(
      Directory directory,
      int from,
      int to,
      int vocabulary,
      boolean bounds,
      List<SparseVector> stored)
      throws IOException {
    IndexWriterConfig config = new IndexWriterConfig().setMergePolicy(new NoMerges());
    if (bounds) {
      config.setCodec(new BlockMaxCodec(FIELD));
    }
    int flushes = 10 + random.nextInt(5_000);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int d = from; d < to; d++) {
        SparseVector vector = vector(random.nextInt(15), vocabulary);
        Map<String, Float> rounded = new HashMap<>();
        vector.toMap().forEach((f, w) -> rounded.put(f, PostingWeight.round(w)));
        rounded.put("everywhere", 0.5f);
        stored.add(SparseVector.of(rounded));
        Document document = new Document();
        document.add(new StringField("id", "" + d, Store.NO));
        document.add(new StringField("residue", "" + d % 10, Store.NO));
        document.add(new StringField("few", "" + d % FEW, Store.NO));
        rounded.forEach((f, w) -> document.add(new FeatureField(FIELD, f, w)));
        writer.addDocument(document);
        if (random.nextInt(flushes) == 0) {
          writer.flush();
        }
      }
      for (int d = 0; d < (to - from) / 10; d++) {
        writer.deleteDocuments(new Term("id", "" + (from + random.nextInt(to - from))));
      }
    }
  }

  /** Weights of few different values, so that scores tie, with huge and tiny ones among them. */
  private SparseVector vector(int features, int vocabulary) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < features; i++) {
      String feature =
          random.nextInt(20) == 0
              ? "everywhere"
              : "" + random.nextInt(random.nextInt(vocabulary) + 1);
      float weight =
          switch (random.nextInt(12)) {
            case 0 -> 1e-3f * random.nextFloat() + 1e-6f;
            case 1 -> 1e3f * random.nextFloat() + 1;
            case 2, 3, 4 -> (1 + random.nextInt(4)) / 4f;
            default -> random.nextFloat() + 1e-3f;
          };
      weights.put(feature, weight);
    }
    return SparseVector.of(weights);
  }

  /** Keeps segments without any document too, so that document numbers do not change. */
  private static final class NoMerges extends FilterMergePolicy {
    NoMerges() {
      super(NoMergePolicy.INSTANCE);
    }

    @Override
    public boolean keepFullyDeletedSegment(IOSupplier<CodecReader> reader) {
      return true;
    }
  }
}
