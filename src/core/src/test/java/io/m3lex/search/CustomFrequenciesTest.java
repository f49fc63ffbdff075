/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import java.io.IOException;
import java.util.Map;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights are weights, whichever of Lucene's options says that postings have frequencies. */
class CustomFrequenciesTest {

  private static final int DOCUMENTS = 5000;

  @ParameterizedTest
  @EnumSource(names = {"DOCS_AND_FREQS", "DOCS_AND_CUSTOM_FREQS"})
  void postingsHaveBounds(IndexOptions options) throws IOException {
    FieldType type = new FieldType();
    type.setOmitNorms(true);
    type.setIndexOptions(options);
    type.freeze();
    try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
      IndexWriterConfig config = new IndexWriterConfig().setCodec(new BlockMaxCodec("f"));
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (int i = 0; i < DOCUMENTS; i++) {
          Document document = new Document();
          // These weights are exact in a posting.
          FeatureField weight = new FeatureField("f", "a", 1 + (i % 100) / 128f);
          document.add(new Field("f", weight.tokenStream(null, null), type));
          writer.addDocument(document);
        }
        writer.forceMerge(1);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        // Postings that are handed on to Lucene's format come back as Lucene's.
        PostingsEnum postings =
            reader.leaves().getFirst().reader().postings(new Term("f", "a"), PostingsEnum.FREQS);
        assertEquals(BlockMaxCodec.class.getPackage(), postings.getClass().getPackage());
        SparseVector query =
            SparseVector.of(Map.of("a", 2f)).from(ModelFingerprint.declared("any"));
        TopDocs hits = new SparseSearcher(reader).search(new SparseQuery("f", query), 3);
        assertEquals(2 * (1 + 99 / 128f), hits.scoreDocs[0].score);
        assertEquals(99, hits.scoreDocs[0].doc);
        assertEquals(199, hits.scoreDocs[1].doc);
      }
    }
  }
}
