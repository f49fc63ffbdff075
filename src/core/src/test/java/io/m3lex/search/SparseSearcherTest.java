/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.BlockMaxPostings;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field;
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
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TotalHits;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexInput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.junit.jupiter.api.Test;

/**
 * A search reads as little as it did: whether it starts with the superblocks that promise most, and
 * learns from each what the next must reach, changes no hit. What it finds, {@link SparseQueryTest}
 * tests.
 */
class SparseSearcherTest {

  private static final String FIELD = "sparse";
  private static final int SEGMENTS = 3;
  private static final int QUERIES = 40;
  private static final Query EVEN = new TermQuery(new Term("parity", "0"));
  private static final Query ODD = new TermQuery(new Term("parity", "1"));

  @Test
  void readsNoMorePostingsThanItDid() throws IOException {
    AtomicLong read = new AtomicLong();
    try (Directory directory = new Counting(index(false), read);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new SparseSearcher(reader);
      assertAll(
          () -> assertEquals(2_132_135, read(searcher, read, 1, query -> query)),
          () -> assertEquals(1_583_666, read(searcher, read, 10, query -> query)),
          () -> assertEquals(2_361_692, read(searcher, read, 500, query -> query)),
          () ->
              assertEquals(
                  1_587_805, read(searcher, read, 10, query -> with(query, Occur.FILTER, EVEN))));
    }
  }

  @Test
  void segmentsWithoutBoundsAreToldWhatOthersHaveReached() throws IOException {
    AtomicLong read = new AtomicLong();
    try (Directory directory = new Counting(index(true), read);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new SparseSearcher(reader);
      searcher.setQueryCache(null);
      assertAll(
          () -> assertEquals(1_431_163, read(searcher, read, 1, query -> query)),
          () -> assertEquals(1_069_035, read(searcher, read, 10, query -> query)),
          () ->
              assertEquals(
                  1_073_921, read(searcher, read, 10, query -> with(query, Occur.FILTER, EVEN))));
    }
  }

  /** So many superblocks that, by vector instructions, they are scored in groups. */
  @Test
  void manyHitsInManySuperblocksAreThoseOfAScan() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int documents = 130 * BlockMaxPostings.SUPERBLOCK - 77;
    float[][] weights = new float[24][documents];
    try (Directory directory = new ByteBuffersDirectory()) {
      IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
      try (IndexWriter writer = new IndexWriter(directory, config.setRAMBufferSizeMB(256))) {
        for (int d = 0; d < documents; d++) {
          Document document = new Document();
          document.add(new StringField("parity", Integer.toString(d & 1), Field.Store.NO));
          for (int f = 0; f < weights.length; f++) {
            if (random.nextInt(f + 3) == 0) {
              weights[f][d] = PostingWeight.round(0.2f + random.nextFloat());
              document.add(new FeatureField(FIELD, "f" + f, weights[f][d]));
            }
          }
          writer.addDocument(document);
        }
        writer.forceMerge(1);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        Map<String, Float> query = new HashMap<>();
        double[] scores = new double[documents];
        for (int f = 0; f < weights.length; f++) {
          float weight = 0.5f + random.nextFloat();
          query.put("f" + f, weight);
          for (int d = 0; d < documents; d++) {
            scores[d] += weight * weights[f][d];
          }
        }
        Query sparse = new SparseQuery(FIELD, SparseVector.of(query));
        for (IndexSearcher searcher :
            List.of(new SparseSearcher(reader), new IndexSearcher(reader))) {
          for (int k : new int[] {10, 100, 3_000}) {
            requireBest(scores, 1, searcher.search(sparse, k).scoreDocs, k, seed);
            Query even = with(sparse, Occur.FILTER, EVEN);
            requireBest(scores, 2, searcher.search(even, k).scoreDocs, k, seed);
          }
        }
      }
    }
  }

  /** Every {@code step}-th document counts. */
  private static void requireBest(double[] scores, int step, ScoreDoc[] hits, int k, long seed) {
    float[] expected = new float[(scores.length + step - 1) / step];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) scores[i * step];
    }
    Arrays.sort(expected);
    assertEquals(k, hits.length);
    for (int i = 0; i < k; i++) {
      assertEquals(0, hits[i].doc % step, "seed " + seed);
      assertEquals((float) scores[hits[i].doc], hits[i].score, 1e-6f, "seed " + seed);
      assertEquals(expected[expected.length - 1 - i], hits[i].score, 1e-6f, "seed " + seed);
    }
  }

  /** What goes the fast way reads what a plain query reads; the rest, what any searcher reads. */
  @Test
  void queriesAreTakenApart() throws IOException {
    AtomicLong read = new AtomicLong();
    try (Directory directory = new Counting(index(false), read);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher knowing = new SparseSearcher(reader);
      IndexSearcher any = new IndexSearcher(reader);
      knowing.setQueryCache(null);
      any.setQueryCache(null);
      long plain = read(knowing, read, 10, query -> query);
      long filtered = read(knowing, read, 10, query -> with(query, Occur.FILTER, EVEN));
      assertTrue(plain < read(any, read, 10, query -> query));
      Query all = MatchAllDocsQuery.INSTANCE;
      List<UnaryOperator<Query>> asPlain =
          List.of(
              query -> new BoostQuery(query, 2),
              query -> with(query, Occur.MUST),
              query -> new BoostQuery(with(new BoostQuery(query, 4), Occur.MUST), 0.5f));
      for (UnaryOperator<Query> shape : asPlain) {
        assertEquals(plain, read(knowing, read, 10, shape));
      }
      List<UnaryOperator<Query>> asFiltered =
          List.of(
              query -> with(query, Occur.MUST_NOT, ODD),
              query -> with(query, Occur.FILTER, EVEN, all),
              query -> with(new BoostQuery(query, 2), Occur.FILTER, EVEN));
      for (UnaryOperator<Query> shape : asFiltered) {
        assertEquals(filtered, read(knowing, read, 10, shape));
      }
      List<UnaryOperator<Query>> asAny =
          List.of(
              query -> with(with(query, Occur.FILTER, EVEN), Occur.MUST),
              query -> with(query, Occur.SHOULD, EVEN),
              query -> with(query, Occur.MUST, EVEN),
              query -> new ConstantScoreQuery(query),
              query -> new BooleanQuery.Builder().add(query, Occur.SHOULD).build(),
              query ->
                  new BooleanQuery.Builder()
                      .add(query, Occur.FILTER)
                      .add(query, Occur.SHOULD)
                      .setMinimumNumberShouldMatch(1)
                      .build());
      for (UnaryOperator<Query> shape : asAny) {
        assertEquals(read(any, read, 10, shape), read(knowing, read, 10, shape));
      }
    }
  }

  @Test
  void hitsAreCountedAsFarAsTheyAreKnown() throws IOException {
    try (Directory directory = index(false);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new SparseSearcher(reader);
      Query query = new SparseQuery(FIELD, SparseVector.of(Map.of("f150", 1f)));
      int matches = searcher.count(query);
      assertTrue(matches > 10 && matches < reader.maxDoc());
      assertEquals(
          new TotalHits(matches, TotalHits.Relation.EQUAL_TO),
          searcher.search(query, matches + 1).totalHits);
      for (int k : new int[] {matches, matches - 1, 1}) {
        assertEquals(
            new TotalHits(k, TotalHits.Relation.GREATER_THAN_OR_EQUAL_TO),
            searcher.search(query, k).totalHits);
      }
      ScoreDoc[] hits = searcher.search(query, 10).scoreDocs;
      ScoreDoc[] further = searcher.searchAfter(hits[3], query, 6).scoreDocs;
      for (int i = 0; i < 6; i++) {
        assertEquals(hits[4 + i].doc, further[i].doc);
      }
      searcher.setTimeout(() -> true);
      assertEquals(0, searcher.search(query, 10).scoreDocs.length, "there is no time");
    }
  }

  private static Query with(Query query, Occur occur, Query... others) {
    BooleanQuery.Builder all = new BooleanQuery.Builder().add(query, Occur.MUST);
    for (Query other : others) {
      all.add(other, occur);
    }
    return all.build();
  }

  /** Bytes of postings and of bounds that queries read. */
  private static long read(
      IndexSearcher searcher, AtomicLong read, int k, UnaryOperator<Query> shape)
      throws IOException {
    Random random = new Random(k);
    read.set(0);
    for (int i = 0; i < QUERIES; i++) {
      int size = 1 + random.nextInt(1 + random.nextInt(30));
      Map<String, Float> weights = new HashMap<>();
      while (weights.size() < size) {
        weights.put("f" + random.nextInt(1 + random.nextInt(200)), (1 + random.nextInt(30)) / 16f);
      }
      searcher.search(shape.apply(new SparseQuery(FIELD, SparseVector.of(weights))), k);
    }
    return read.get();
  }

  /**
   * Documents of one subject stand together, and some subjects have greater weights.
   *
   * @param mixed whether the second segment is without bounds
   */
  private static Directory index(boolean mixed) throws IOException {
    Random random = new Random(11);
    Directory directory = new ByteBuffersDirectory();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      IndexWriterConfig config = new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE);
      if (!mixed || segment != 1) {
        config.setCodec(new BlockMaxCodec(FIELD));
      }
      config.setUseCompoundFile(false).setRAMBufferSizeMB(512);
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (int i = 0; i < 6 * BlockMaxPostings.SUPERBLOCK + 100; i++) {
          int subject = segment * 5 + i / 2_500;
          Map<Integer, Float> vector = new HashMap<>();
          for (int j = 0; j < 12; j++) {
            int feature =
                j % 3 == 0
                    ? (subject * 37 + random.nextInt(8)) % 200
                    : random.nextInt(1 + random.nextInt(200));
            float weight = (1 + subject * 7 % 5) * (1 + random.nextInt(16)) / 16f;
            vector.merge(feature, weight, Math::max);
          }
          Document document = new Document();
          document.add(new StringField("parity", "" + i % 2, Field.Store.NO));
          vector.forEach(
              (feature, weight) -> document.add(new FeatureField(FIELD, "f" + feature, weight)));
          writer.addDocument(document);
        }
      }
    }
    return directory;
  }

  private static final class Counting extends FilterDirectory {
    private final AtomicLong read;

    Counting(Directory in, AtomicLong read) {
      super(in);
      this.read = read;
    }

    @Override
    public IndexInput openInput(String name, IOContext context) throws IOException {
      IndexInput input = super.openInput(name, context);
      return name.matches(".*\\.(bm[db]|doc)") ? new CountingInput(input, read) : input;
    }
  }

  private static final class CountingInput extends FilterIndexInput {
    private final AtomicLong read;

    CountingInput(IndexInput in, AtomicLong read) {
      super(in.toString(), in);
      this.read = read;
    }

    @Override
    public void readBytes(byte[] bytes, int offset, int length) throws IOException {
      read.addAndGet(length);
      in.readBytes(bytes, offset, length);
    }

    @Override
    public CountingInput clone() {
      return new CountingInput(in.clone(), read);
    }
  }
}
