/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.BlockMaxPostings;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * An index of one segment, the same in every run: documents of one subject stand together, and
 * features are as unevenly frequent as words.
 */
final class SubjectIndex implements AutoCloseable {

  static final int DOCUMENTS = 20 * BlockMaxPostings.SUPERBLOCK + 777;

  private static final String FIELD = "sparse";
  private static final int VOCABULARY = 400;

  private final Directory directory = new ByteBuffersDirectory();
  private final DirectoryReader reader;

  /** Weights by feature and document. */
  private final float[][] stored = new float[VOCABULARY][DOCUMENTS];

  SubjectIndex() throws IOException {
    Random random = new Random(4);
    IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec(FIELD));
    config.setRAMBufferSizeMB(512);
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      for (int i = 0; i < DOCUMENTS; i++) {
        writer.addDocument(document(i, random));
      }
      writer.forceMerge(1);
    }
    reader = DirectoryReader.open(directory);
  }

  private Document document(int number, Random random) {
    int subject = number / 300;
    Map<Integer, Float> vector = new HashMap<>();
    for (int i = 0; i < 24; i++) {
      boolean own = i % 3 == 0;
      int feature =
          own
              ? (subject * 37 + random.nextInt(8)) % VOCABULARY
              : random.nextInt(1 + random.nextInt(1 + random.nextInt(VOCABULARY)));
      float weight = (own ? 0.5f : 0.05f) * (1 + random.nextInt(20)) / 4;
      vector.merge(feature, PostingWeight.round(weight), Math::max);
    }
    Document document = new Document();
    for (Map.Entry<Integer, Float> feature : vector.entrySet()) {
      stored[feature.getKey()][number] = feature.getValue();
      document.add(new FeatureField(FIELD, "f" + feature.getKey(), feature.getValue()));
    }
    return document;
  }

  /** Of 1 to 40 features, some of which no document has. */
  static Map<Integer, Float> query(Random random) {
    int size = 1 + random.nextInt(1 + random.nextInt(40));
    Map<Integer, Float> query = new HashMap<>();
    while (query.size() < size) {
      query.put(random.nextInt(VOCABULARY + 5), (1 + random.nextInt(30)) / 16f);
    }
    return query;
  }

  /** The scores of all documents, by brute force: exact sums, rounded. */
  float[] scores(Map<Integer, Float> query) {
    double[] sums = new double[DOCUMENTS];
    query.forEach(
        (feature, weight) -> {
          for (int i = 0; feature < VOCABULARY && i < DOCUMENTS; i++) {
            sums[i] += weight * stored[feature][i];
          }
        });
    float[] scores = new float[DOCUMENTS];
    for (int i = 0; i < DOCUMENTS; i++) {
      scores[i] = (float) sums[i];
    }
    return scores;
  }

  /** A query's terms in the segment. */
  BlockMaxTerms terms(Map<Integer, Float> query, float alpha) throws IOException {
    Map<String, Float> named = new HashMap<>();
    query.forEach((feature, weight) -> named.put("f" + feature, weight));
    return new SparseWeight(
            new SparseQuery(FIELD, SparseVector.of(named)).approximate(alpha),
            new IndexSearcher(reader),
            ScoreMode.TOP_SCORES,
            1)
        .terms(reader.leaves().getFirst());
  }

  @Override
  public void close() throws IOException {
    reader.close();
    directory.close();
  }
}
