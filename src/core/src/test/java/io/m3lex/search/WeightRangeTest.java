/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Rounds;
import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntPredicate;
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
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * Searches against brute force with weights from the least to the greatest that postings and
 * vectors can hold: also with products beyond a float, and too small for one.
 */
class WeightRangeTest {

  private static final String FIELD = "sparse";

  /** How many documents share a number, which a filter can ask for. */
  private static final int FEW = 900;

  /** What postings hold at the ends of their range, and what is usual. */
  private static final float[] MARKS = {
    PostingWeight.LEAST, 1e-30f, 6e-8f, 1e-3f, 0.5f, 1, 65_504, 1e19f, 1e30f, PostingWeight.GREATEST
  };

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** How far from 1 weights are, as a power of 2: for documents, and for queries. */
  private int storedRange;

  private int queryRange;

  /** Whether every feature has a magnitude of its own. */
  private boolean byFeature;

  private boolean marks;

  /** Whether another format's segments are searched, too. */
  private boolean otherFormats;

  /**
   * What the order of adding up may change: it is defined for products that Lucene does not add.
   */
  private int ulps;

  private void setRanges() {
    int[] ranges = {0, 5, 12, 21, 31, 62, 126};
    storedRange = ranges[random.nextInt(ranges.length)];
    queryRange = ranges[random.nextInt(ranges.length)];
    byFeature = random.nextBoolean();
    marks = random.nextInt(4) == 0;
  }

  private float weight(int feature, int range) {
    if (marks) {
      return MARKS[random.nextInt(MARKS.length)];
    }
    double share = byFeature ? new Random(seed + feature).nextDouble() : random.nextDouble();
    double exponent = range * (2 * share - 1);
    return (float) Math.min(Math.pow(2, exponent) * (1 + random.nextFloat()), Float.MAX_VALUE);
  }

  private SparseVector vector(int size, int vocabulary, double skew, boolean query) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < size; i++) {
      int feature = (int) (vocabulary * Math.pow(random.nextDouble(), skew));
      float weight = weight(feature, query ? queryRange : storedRange);
      weights.put("f" + feature, query ? weight : PostingWeight.round(weight));
    }
    return SparseVector.of(weights);
  }

  /** Documents and what is known of them. */
  private record Stored(List<SparseVector> vectors, Set<Integer> deleted) {}

  private Stored index(Directory directory, int documents, int vocabulary, int longest)
      throws IOException {
    List<SparseVector> vectors = new ArrayList<>();
    Set<Integer> deleted = new HashSet<>();
    int segments = 1 + random.nextInt(3);
    otherFormats = false;
    for (int segment = 0; segment < segments; segment++) {
      IndexWriterConfig config = new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE);
      config.setRAMBufferSizeMB(256);
      if (segment == 0 || random.nextInt(3) > 0) {
        config.setCodec(new BlockMaxCodec(FIELD));
      } else {
        otherFormats = true;
      }
      double skew = 1 + 3 * random.nextDouble();
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (int i = 0; i < documents / segments; i++) {
          int number = vectors.size();
          SparseVector vector = vector(random.nextInt(longest), vocabulary, skew, false);
          vectors.add(vector);
          Document document = new Document();
          document.add(new StringField("id", "" + number, Store.NO));
          document.add(new StringField("few", "" + number % FEW, Store.NO));
          document.add(new StringField("parity", "" + number % 2, Store.NO));
          vector.toMap().forEach((f, w) -> document.add(new FeatureField(FIELD, f, w)));
          writer.addDocument(document);
        }
        writer.flush();
        for (int i = random.nextInt(1 + documents / 10); i > 0; i--) {
          // Never the first of a segment: an empty one would be dropped.
          int number = vectors.size() - 1 - random.nextInt(Math.max(1, documents / segments - 1));
          deleted.add(number);
          writer.deleteDocuments(new Term("id", "" + number));
        }
      }
    }
    return new Stored(vectors, deleted);
  }

  @RepeatedTest(10)
  void searchEqualsBruteForce() throws IOException {
    setRanges();
    int vocabulary = 2 + random.nextInt(random.nextBoolean() ? 12 : 300);
    check(1 + random.nextInt(9_000), vocabulary, 20, 1 + random.nextInt(40), 10);
  }

  @RepeatedTest(2)
  void longQueriesEqualBruteForce() throws IOException {
    setRanges();
    check(2_000 + random.nextInt(5_000), 6_000, 200, 3_000, 3);
  }

  @Test
  void moreFeaturesThanHaveBoundsEqualBruteForce() throws IOException {
    setRanges();
    check(1_000 + random.nextInt(3_000), 9_000, 100, 15_000, 2);
  }

  private void check(int documents, int vocabulary, int longest, int features, int queries)
      throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      Stored stored = index(directory, documents, vocabulary, longest);
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        assertEquals(stored.vectors.size(), reader.maxDoc());
        for (int i = Rounds.of(queries); i > 0; i--) {
          SparseVector query = vector(1 + random.nextInt(features), vocabulary + 2, 1, true);
          check(reader, stored, query);
        }
      }
    }
  }

  private void check(DirectoryReader reader, Stored stored, SparseVector query) throws IOException {
    ulps = otherFormats || query.size() > BlockMaxTerms.GREATEST_NUMBER ? 1 : 0;
    SparseQuery sparse = new SparseQuery(FIELD, query);
    List<ScoreDoc> all = expected(stored, query, document -> true);
    int n = reader.maxDoc();
    int k = 1 + random.nextInt(Math.max(1, all.size()));
    IndexSearcher any = new IndexSearcher(reader);
    any.setQueryCache(null);
    IndexSearcher knowing =
        new SparseSearcher(reader, random.nextInt(3) == 0 ? ForkJoinPool.commonPool() : null);
    assertEquals(all.size(), any.count(sparse), where("count", query));
    TopDocs counted = any.search(sparse, new TopScoreDocCollectorManager(n, null, n + 1));
    assertEquals(
        new TotalHits(all.size(), TotalHits.Relation.EQUAL_TO),
        counted.totalHits,
        where("total hits", query));
    assertHits(all, counted.scoreDocs, n, where("all, counted", query));
    assertBest(all, knowing, sparse, n, where("all", query));
    assertHits(all, noCount(any, sparse, k), k, where("any searcher", query));
    assertBest(all, knowing, sparse, k, where("k is known", query));
    check(any, knowing, stored, query, "parity", 2);
    check(any, knowing, stored, query, "few", FEW);
    Query withOthers =
        new BooleanQuery.Builder()
            .add(sparse, Occur.MUST)
            .add(new BoostQuery(MatchAllDocsQuery.INSTANCE, 0), Occur.SHOULD)
            .build();
    assertHits(all, noCount(any, withOthers, n), n, where("with a clause that may match", query));
    Query either =
        new BooleanQuery.Builder()
            .add(sparse, Occur.SHOULD)
            .add(new BoostQuery(new TermQuery(new Term("few", "no")), 0), Occur.SHOULD)
            .build();
    assertHits(all, noCount(any, either, k), k, where("as one of two clauses", query));
    assertEquals(
        all.size(), any.count(new ConstantScoreQuery(sparse)), where("constant scores", query));
    checkExplanations(any, sparse, all);
    checkApproximate(List.of(any, knowing), sparse, all, k);
    float beta = random.nextFloat() * 0.9f + 0.1f;
    SparseQuery pruned = sparse.pruned(beta);
    assertBest(
        expected(stored, pruned.vector(), document -> true),
        knowing,
        pruned,
        k,
        where("pruned by " + beta, query));
  }

  private void check(
      IndexSearcher any,
      IndexSearcher knowing,
      Stored stored,
      SparseVector query,
      String field,
      int numbers)
      throws IOException {
    int number = random.nextInt(numbers);
    List<ScoreDoc> expected = expected(stored, query, document -> document % numbers == number);
    Query filtered = filtered(new SparseQuery(FIELD, query), field, number);
    for (int k : new int[] {1 + random.nextInt(20), stored.vectors.size()}) {
      assertHits(expected, noCount(any, filtered, k), k, where("filter " + field, query));
      assertBest(expected, knowing, filtered, k, where("fast " + field, query));
    }
  }

  private void checkExplanations(IndexSearcher searcher, SparseQuery query, List<ScoreDoc> all)
      throws IOException {
    for (int i = 0; i < Math.min(3, all.size()); i++) {
      ScoreDoc hit = all.get(random.nextInt(all.size()));
      Explanation explanation = searcher.explain(query, hit.doc);
      assertTrue(explanation.isMatch(), where("explained", query.vector()));
      // Lucene adds up what it explains.
      assertScore(hit.score, explanation.getValue().floatValue(), 1, where("", query.vector()));
    }
  }

  private void checkApproximate(
      List<IndexSearcher> searchers, SparseQuery exact, List<ScoreDoc> all, int k)
      throws IOException {
    float[] factors = {Float.MIN_NORMAL, random.nextFloat() + 1e-6f, 0.99f, Math.nextDown(1f)};
    float alpha = Math.min(1, factors[random.nextInt(factors.length)]);
    for (IndexSearcher searcher : searchers) {
      ScoreDoc[] found = noCount(searcher, exact.approximate(alpha), k);
      String where = where("alpha " + alpha, exact.vector());
      assertEquals(Math.min(k, all.size()), found.length, where);
      for (int i = 0; i < found.length; i++) {
        float least = (float) ((double) alpha * Math.min(all.get(i).score, Float.MAX_VALUE));
        assertTrue(found[i].score >= least - Math.ulp(least), "rank " + i + ", " + where);
      }
    }
  }

  private List<ScoreDoc> expected(Stored stored, SparseVector query, IntPredicate accepted) {
    List<ScoreDoc> expected = new ArrayList<>();
    for (int document = 0; document < stored.vectors.size(); document++) {
      SparseVector vector = stored.vectors.get(document);
      if (accepted.test(document)
          && !stored.deleted.contains(document)
          && sharesAFeature(vector, query)) {
        expected.add(new ScoreDoc(document, query.dot(vector)));
      }
    }
    expected.sort(TopHitsTest.BEST_FIRST);
    return expected;
  }

  private static boolean sharesAFeature(SparseVector document, SparseVector query) {
    for (int i = 0; i < document.size(); i++) {
      if (query.weight(document.feature(i)) > 0) {
        return true;
      }
    }
    return false;
  }

  /** A searcher that knows k refuses infinite scores. */
  private void assertBest(
      List<ScoreDoc> expected, IndexSearcher knowing, Query query, int k, String what)
      throws IOException {
    if (!expected.isEmpty() && expected.getFirst().score == Float.POSITIVE_INFINITY) {
      assertThrows(ScoreOverflowException.class, () -> knowing.search(query, k), what);
    } else {
      assertHits(expected, knowing.search(query, k).scoreDocs, k, what);
    }
  }

  @Test
  void productsAreAddedInTheOrderOfTheFeaturesWhereThatDecidesTheLastBit() throws IOException {
    // Halfway between two floats, unless the three least are added to each other before.
    float least = 0.75f / (1L << 53);
    List<Float> weights = new ArrayList<>(List.of(1f, 1f / (1 << 24), least, least, least));
    Set<Float> scores = new HashSet<>();
    for (int round = 0; round < 20; round++) {
      Collections.shuffle(weights, random);
      Map<String, Float> ones = new HashMap<>();
      Map<String, Float> products = new HashMap<>();
      for (int i = 0; i < weights.size(); i++) {
        ones.put("f" + i, 1f);
        products.put("f" + i, weights.get(i));
      }
      SparseVector query = SparseVector.of(products);
      float expected = query.dot(SparseVector.of(ones));
      scores.add(expected);
      int documents = random.nextBoolean() ? 5 : 2_000;
      try (Directory directory = new ByteBuffersDirectory()) {
        IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
        try (IndexWriter writer = new IndexWriter(directory, config)) {
          for (int i = 0; i < documents; i++) {
            Document document = new Document();
            document.add(new StringField("few", "" + i % FEW, Store.NO));
            document.add(new StringField("parity", "" + i % 2, Store.NO));
            ones.forEach((f, w) -> document.add(new FeatureField(FIELD, f, w)));
            writer.addDocument(document);
          }
        }
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          SparseQuery sparse = new SparseQuery(FIELD, query);
          for (Query each :
              List.of(sparse, filtered(sparse, "few", 1), filtered(sparse, "parity", 1))) {
            for (IndexSearcher searcher :
                List.of(new IndexSearcher(reader), new SparseSearcher(reader))) {
              ScoreDoc[] hits = noCount(searcher, each, documents);
              assertTrue(hits.length > 0);
              for (ScoreDoc hit : hits) {
                assertEquals(expected, hit.score, each + " in " + documents + ", seed " + seed);
              }
            }
          }
        }
      }
    }
    assertEquals(Set.of(1f, Math.nextUp(1f)), scores, "seed " + seed);
  }

  private static Query filtered(Query query, String field, int number) {
    return new BooleanQuery.Builder()
        .add(query, Occur.MUST)
        .add(new TermQuery(new Term(field, "" + number)), Occur.FILTER)
        .build();
  }

  @Test
  void productsTooSmallForAFloatAreMatches() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      add(directory, Map.of("a", PostingWeight.LEAST), Map.of("b", 1f), Map.of("a", 1e-20f));
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        Query query = new SparseQuery(FIELD, SparseVector.of(Map.of("a", 1e-30f)));
        for (IndexSearcher searcher :
            List.of(new IndexSearcher(reader), new SparseSearcher(reader))) {
          ScoreDoc[] hits = searcher.search(query, 10).scoreDocs;
          assertEquals(List.of(0, 2), Arrays.stream(hits).map(hit -> hit.doc).toList());
          assertEquals(0, hits[0].score);
          assertEquals(0, hits[1].score);
          assertTrue(searcher.explain(query, 2).isMatch());
          assertEquals(2, searcher.search(new BoostQuery(query, 1e-30f), 10).scoreDocs.length);
        }
      }
    }
  }

  @Test
  void scoresBeyondAFloatAreInfiniteAndRefusedByTheSearcherThatKnowsK() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      add(directory, Map.of("a", 1f), Map.of("a", 1.5f), Map.of("b", 1f));
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        Query query = new SparseQuery(FIELD, SparseVector.of(Map.of("a", 3e38f, "b", 1f)));
        ScoreDoc[] hits = new IndexSearcher(reader).search(query, 10).scoreDocs;
        assertEquals(List.of(1, 0, 2), Arrays.stream(hits).map(hit -> hit.doc).toList());
        assertEquals(Float.POSITIVE_INFINITY, hits[0].score);
        assertEquals(3e38f, hits[1].score);
        IndexSearcher knowing = new SparseSearcher(reader);
        String message =
            assertThrows(ScoreOverflowException.class, () -> knowing.search(query, 10))
                .getMessage();
        assertTrue(message.contains("3.0E38 of feature \"a\""), message);
        Query combined =
            new BooleanQuery.Builder()
                .add(query, Occur.SHOULD)
                .add(MatchAllDocsQuery.INSTANCE, Occur.SHOULD)
                .build();
        assertThrows(ScoreOverflowException.class, () -> knowing.search(combined, 10));
        Query boosted = new BoostQuery(query, 2);
        message =
            assertThrows(IllegalArgumentException.class, () -> knowing.search(boosted, 10))
                .getMessage();
        assertTrue(message.contains("a boost of 2.0"), message);
      }
    }
  }

  @SafeVarargs
  private static void add(Directory directory, Map<String, Float>... vectors) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (Map<String, Float> vector : vectors) {
        Document document = new Document();
        vector.forEach((f, w) -> document.add(new FeatureField(FIELD, f, w)));
        writer.addDocument(document);
      }
    }
  }

  private static ScoreDoc[] noCount(IndexSearcher searcher, Query query, int k) throws IOException {
    try {
      return searcher.search(query, new TopScoreDocCollectorManager(k, null, 1)).scoreDocs;
    } catch (AssertionError e) {
      // Lucene's own scorer of clauses asserts more of its scaled scores than holds at this range.
      if (!e.getStackTrace()[0].getClassName().equals("org.apache.lucene.search.WANDScorer")) {
        throw e;
      }
      return searcher.search(query, new TopScoreDocCollectorManager(k, null, Integer.MAX_VALUE))
          .scoreDocs;
    }
  }

  /** Hits have the scores that are expected, and are the documents that have these. */
  private void assertHits(List<ScoreDoc> expected, ScoreDoc[] found, int k, String what) {
    assertEquals(Math.min(k, expected.size()), found.length, what);
    Map<Integer, Float> scores = new HashMap<>();
    expected.forEach(hit -> scores.put(hit.doc, hit.score));
    for (int i = 0; i < found.length; i++) {
      String where = "rank " + (i + 1) + ", " + what;
      assertScore(expected.get(i).score, found[i].score, where);
      Float own = scores.remove(found[i].doc);
      assertTrue(own != null, where + ": document " + found[i].doc + " is none, or comes twice");
      assertScore(own, found[i].score, where);
    }
  }

  private void assertScore(float expected, float found, String where) {
    assertScore(expected, found, ulps, where);
  }

  private static void assertScore(float expected, float found, int ulps, String where) {
    assertTrue(
        found == expected
            || Math.abs((double) expected - found) <= (double) ulps * Math.ulp(expected),
        () -> where + ": " + found + " is not " + expected);
  }

  private String where(String what, SparseVector query) {
    return "%s, %d features, 2^±%d in documents, 2^±%d in queries%s%s, seed %d"
        .formatted(
            what,
            query.size(),
            storedRange,
            queryRange,
            byFeature ? " by feature" : "",
            marks ? ", marks" : "",
            seed);
  }
}
