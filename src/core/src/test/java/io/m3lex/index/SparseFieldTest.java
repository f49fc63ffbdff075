/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.PostingWeight;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.BytesRef;
import org.junit.jupiter.api.Test;

/** m3lex's weights in an application's own index. */
class SparseFieldTest {

  private static final String NAME = "body";

  private final WordEncoder encoder = new WordEncoder();
  private final Directory directory = new ByteBuffersDirectory();

  private static IndexWriterConfig config() {
    return new IndexWriterConfig().setCodec(new BlockMaxCodec(NAME));
  }

  private void write(SparseField field, String id, String text) throws IOException {
    try (IndexWriter writer = new IndexWriter(directory, config())) {
      field.begin(writer);
      Document document = new Document();
      document.add(new StringField("key", id, Store.YES));
      field.fields(text).forEach(document::add);
      writer.addDocument(document);
    }
  }

  @Test
  void documentsOfTheApplicationAreFoundByTheScoresOfAnIndexOfM3lex() throws IOException {
    SparseField field = SparseField.of(NAME, encoder);
    write(field, "1", "the pump and the valve");
    write(field, "2", "a pump");
    write(field, "3", "?");
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      assertEquals(0, field.verify(reader));
      SparseSearcher searcher = new SparseSearcher(reader);
      ScoreDoc[] found = searcher.search(field.query("pump valve"), 10).scoreDocs;
      assertEquals(2, found.length);
      assertEquals("1", searcher.storedFields().document(found[0].doc).get("key"));
      assertEquals(
          encoder.encodeQuery("pump valve").dot(encoder.encodeDocument("the pump and the valve")),
          found[0].score,
          0.01f);
    }
  }

  @Test
  void theCommitKeepsTheApplicationsOwnUserData() throws IOException {
    SparseField field = SparseField.of(NAME, encoder);
    SparseField second = SparseField.of("title", encoder);
    try (IndexWriter writer = new IndexWriter(directory, config())) {
      writer.setLiveCommitData(Map.of("mine", "7").entrySet());
      field.begin(writer);
      second.begin(writer);
      writer.commit();
    }
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      assertEquals("7", reader.getIndexCommit().getUserData().get("mine"));
      assertEquals(0, field.verify(reader));
      assertEquals(0, second.verify(reader));
    }
  }

  @Test
  void anotherModelIsRefusedByWriterReaderAndVector() throws IOException {
    write(SparseField.of(NAME, encoder), "1", "a pump");
    SparseEncoder other = new WordEncoder("other head", 0);
    SparseField wrong = SparseField.of(NAME, other);
    try (IndexWriter writer = new IndexWriter(directory, config())) {
      ModelMismatchException refused =
          assertThrows(ModelMismatchException.class, () -> wrong.begin(writer));
      assertTrue(refused.getMessage().contains("file:head"), refused.getMessage());
    }
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      assertThrows(ModelMismatchException.class, () -> wrong.verify(reader));
      // The same fingerprint, but other weights.
      SparseField drifted = SparseField.of(NAME, new WordEncoder("words", 0.01f));
      assertThrows(ModelMismatchException.class, () -> drifted.verify(reader));
    }
    assertThrows(
        ModelMismatchException.class,
        () -> SparseField.of(NAME, encoder).fields(other.encodeDocument("pump")));
  }

  @Test
  void weightsOfUnknownOriginAreRefused() throws IOException {
    SparseField field = SparseField.of(NAME, encoder);
    try (IndexWriter writer = new IndexWriter(directory, config())) {
      Document document = new Document();
      field.fields("a pump").forEach(document::add);
      writer.addDocument(document);
    }
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      assertThrows(IndexFormatException.class, () -> field.verify(reader));
    }
    try (IndexWriter writer = new IndexWriter(directory, config())) {
      assertThrows(IndexFormatException.class, () -> field.begin(writer));
      Map<String, String> damaged = new HashMap<>();
      damaged.put("field." + NAME + ".m3lex.format", "3");
      writer.setLiveCommitData(damaged.entrySet());
      assertThrows(IndexFormatException.class, () -> field.begin(writer));
    }
  }

  /** Entries of one field begin like those of the other. */
  @Test
  void namesOfFieldsMayBeginLikeOneAnother() throws IOException {
    SparseField body = SparseField.of("body", encoder);
    SparseField german = SparseField.of("body.de", encoder);
    for (List<SparseField> order : List.of(List.of(german, body), List.of(body, german))) {
      try (Directory directory = new ByteBuffersDirectory()) {
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
          for (SparseField field : order) {
            field.begin(writer);
          }
          Document document = new Document();
          body.fields("a pump").forEach(document::add);
          german.fields("eine Pumpe").forEach(document::add);
          writer.addDocument(document);
        }
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          assertEquals(0, body.verify(reader));
          assertEquals(0, german.verify(reader));
        }
      }
    }
  }

  @Test
  void postingsAreThoseOfAFeatureFieldForEachFeature() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    try (Directory directory = new ByteBuffersDirectory()) {
      try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        for (int d = 0; d < 200; d++) {
          Map<String, Float> weights = new HashMap<>();
          for (int i = random.nextInt(60); i > 0; i--) {
            float weight = (float) Math.scalb(1 + random.nextDouble(), random.nextInt(40) - 20);
            weights.put("ä." + random.nextInt(100), weight);
          }
          Document document = new Document();
          weights.forEach(
              (feature, weight) ->
                  document.add(new FeatureField("each", feature, PostingWeight.round(weight))));
          new SparsePostings("whole", ModelFingerprint.declared("model"))
              .of(SparseVector.of(weights), "a feature")
              .forEach(document::add);
          writer.addDocument(document);
        }
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        for (LeafReaderContext leaf : reader.leaves()) {
          TermsEnum each = leaf.reader().terms("each").iterator();
          TermsEnum whole = leaf.reader().terms("whole").iterator();
          for (BytesRef term = each.next(); term != null; term = each.next()) {
            assertEquals(term, whole.next(), "-Dm3lex.seed=" + seed);
            PostingsEnum expected = each.postings(null, PostingsEnum.FREQS);
            PostingsEnum found = whole.postings(null, PostingsEnum.FREQS);
            while (expected.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
              assertEquals(expected.docID(), found.nextDoc(), "-Dm3lex.seed=" + seed);
              assertEquals(expected.freq(), found.freq(), "-Dm3lex.seed=" + seed);
            }
            assertEquals(DocIdSetIterator.NO_MORE_DOCS, found.nextDoc());
          }
          assertNull(whole.next());
        }
      }
    }
  }
}
