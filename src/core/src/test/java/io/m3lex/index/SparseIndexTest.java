/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.codec.PostingWeight;
import io.m3lex.search.TokenContribution;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.IntField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class SparseIndexTest {

  @TempDir private Path folder;

  private final SparseEncoder encoder = new WordEncoder();

  @Test
  void documentsAreFoundByTheirWords() throws IOException {
    put("1", "the kettle boils");
    put("2", "the pump failed");
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<Hit> hits = index.search("kettle", 10);
      assertEquals(1, hits.size());
      assertEquals("1", hits.get(0).id());
      assertEquals("the kettle boils", hits.get(0).text());
      assertEquals(2, index.search("the", 10).size());
      assertEquals(List.of(), index.search("", 10));
      assertEquals(0f, index.witnessDrift());
    }
  }

  @Test
  void searchEqualsBruteForceAfterUpdatesAndDeletes() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    // Put again, a document is the last one: that order decides between equal scores.
    Map<String, String> texts = new LinkedHashMap<>();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      try (SparseIndex index = writer.openIndex()) {
        for (int round = 0; round < 20; round++) {
          for (int i = 0; i < 50; i++) {
            String id = "d" + random.nextInt(400);
            if (random.nextInt(5) == 0) {
              writer.delete(id);
              texts.remove(id);
            } else {
              String text = words(random, random.nextInt(12));
              writer.put(SparseDocument.of(id, text));
              texts.remove(id);
              texts.put(id, text);
            }
          }
          if (random.nextBoolean()) {
            writer.commit();
          }
          index.refresh();
          for (int q = 0; q < 50; q++) {
            SparseVector query = encoder.encodeQuery(words(random, 1 + random.nextInt(5)));
            assertEquals(
                bruteForce(texts, query, 10),
                index.search(query, 10).stream().map(h -> h.id() + " " + h.score()).toList(),
                "seed " + seed);
          }
        }
      }
    }
  }

  private List<String> bruteForce(Map<String, String> texts, SparseVector query, int k) {
    List<Map.Entry<String, Float>> scores = new ArrayList<>();
    texts.forEach(
        (id, text) -> {
          Map<String, Float> stored = new HashMap<>();
          encoder
              .encodeDocument(text)
              .toMap()
              .forEach((f, w) -> stored.put(f, PostingWeight.round(w)));
          float score = query.dot(SparseVector.of(stored));
          if (score > 0) {
            scores.add(Map.entry(id, score));
          }
        });
    return scores.stream()
        .sorted(Comparator.comparingDouble(entry -> -entry.getValue()))
        .limit(k)
        .map(entry -> entry.getKey() + " " + entry.getValue())
        .toList();
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append('w').append(random.nextInt(60)).append(' ');
    }
    return text.toString();
  }

  @Test
  void callersOwnFieldsFilter() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (int i = 0; i < 20; i++) {
        writer.put(
            SparseDocument.of("" + i, "pump number " + i)
                .with(new StringField("site", i % 2 == 0 ? "north" : "south", Store.NO)));
      }
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<Hit> hits =
          index.search(encoder.encodeQuery("pump"), 20, new TermQuery(new Term("site", "north")));
      assertEquals(10, hits.size());
      assertTrue(hits.stream().allMatch(hit -> Integer.parseInt(hit.id()) % 2 == 0));
    }
  }

  @Test
  void explanationSumsUpToTheScore() throws IOException {
    put("1", "the old pump in the cellar");
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      SparseVector query = encoder.encodeQuery("old cellar door");
      List<TokenContribution> contributions = index.explain(query, "1");
      assertEquals(2, contributions.size());
      double sum = contributions.stream().mapToDouble(TokenContribution::score).sum();
      assertEquals(index.search(query, 1).get(0).score(), (float) sum);
      assertEquals(List.of(), index.explain(query, "no such document"));
    }
  }

  @Test
  void documentsWithoutFeaturesAreStoredCountedAndNeverFound() throws IOException {
    put("empty", " … ");
    put("1", "word");
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      IndexStatistics statistics = index.statistics();
      assertEquals(2, statistics.documents());
      assertEquals(1, statistics.documentsWithoutFeatures());
      assertEquals(1, statistics.postings());
      assertEquals(1, statistics.features());
      assertTrue(statistics.postingsBytes() > 0 && statistics.postingsBytes() < statistics.bytes());
      assertEquals(" … ", index.document("empty").orElseThrow().text());
      assertEquals(1, index.search("word …", 10).size());
    }
  }

  @Test
  void refreshShowsNewCommitsAndNothingElse() throws IOException {
    put("1", "first");
    try (SparseIndex index = SparseIndex.open(folder, encoder);
        SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("2", "second"));
      assertFalse(index.refresh());
      assertEquals(0, index.search("second", 1).size());
      writer.commit();
      assertTrue(index.refresh());
      assertEquals(1, index.search("second", 1).size());
      try (SparseIndex live = writer.openIndex()) {
        writer.put(SparseDocument.of("3", "third"));
        assertTrue(live.refresh());
        assertEquals(1, live.search("third", 1).size());
        assertFalse(index.refresh());
      }
    }
  }

  @Test
  void whatIsNotCommittedIsDiscarded() throws IOException {
    put("1", "kept");
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("2", "lost"));
      writer.delete("1");
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      assertEquals(1, index.search("kept lost", 10).size());
    }
  }

  @Test
  void progressIsCommittedWithTheDocuments() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("1", "one"));
      writer.commit(Map.of("line", "1"));
      writer.put(SparseDocument.of("2", "two"));
    }
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      assertEquals(Map.of("line", "1"), writer.progress());
      assertEquals(1, writer.documents());
      writer.commit();
      assertEquals(Map.of(), writer.progress());
    }
  }

  @Test
  void manyThreadsMayWriteAndSearch() throws Exception {
    AtomicInteger failures = new AtomicInteger();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder);
        SparseIndex index = writer.openIndex()) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int thread = t;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      try {
                        for (int i = 0; i < 200; i++) {
                          writer.put(SparseDocument.of(thread + "-" + i, "common word" + i));
                          if (i % 20 == 0) {
                            writer.commit();
                            index.refresh();
                          }
                          index.search("common", 5);
                        }
                      } catch (IOException | RuntimeException e) {
                        failures.incrementAndGet();
                      }
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      index.refresh();
      assertEquals(0, failures.get());
      assertEquals(800, index.search("common", 1_000).size());
    }
  }

  @Test
  void anyLuceneToolFindsTheIndexClean() throws Exception {
    for (int i = 0; i < 30; i++) {
      put("" + i % 20, "text number " + i);
    }
    try (FSDirectory directory = FSDirectory.open(folder);
        CheckIndex check = new CheckIndex(directory)) {
      assertTrue(check.checkIndex().clean);
    }
  }

  @Test
  void whatCannotBeIndexedIsRefusedByNameAndLeavesTheFormerDocument() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("1", "old").with(new IntField("year", 2001, Store.YES)));
      SparseVector vector = SparseVector.of(Map.of("x".repeat(40_000), 1f));
      assertRefused(
          () -> writer.put(SparseDocument.of("1", "new"), vector.from(encoder.fingerprint())));
      assertRefused(
          () ->
              writer.put(
                  SparseDocument.of("1", "new").with(new StringField("year", "1", Store.NO))));
      writer.commit();
    }
    for (String id : List.of("\ud800", "\udc00x", "x\ud83d")) {
      assertThrows(IllegalArgumentException.class, () -> SparseDocument.of(id, "text"));
    }
    SparseDocument.of("\ud83d\ude00", "text");
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      // What Lucene would make of the half.
      writer.put(SparseDocument.of("\ufffd", "other"));
      writer.delete("\ud800");
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      assertTrue(index.document("\ufffd").isPresent());
      assertTrue(index.document("\ud800").isEmpty());
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      assertEquals("old", index.search("old", 1).get(0).text());
      assertEquals(2, index.statistics().documents());
    }
  }

  private static void assertRefused(Executable put) {
    var e = assertThrows(IllegalArgumentException.class, put);
    assertTrue(e.getMessage().contains("document \"1\""), e.getMessage());
  }

  @Test
  void badArgumentsAreRefusedWithTheReason() throws IOException {
    put("1", "one");
    SparseIndex closed;
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      assertThrows(IllegalArgumentException.class, () -> index.search("one", 0));
      assertEquals(1, index.search("one", Integer.MAX_VALUE).size());
      closed = index;
    }
    assertThrows(IllegalStateException.class, () -> closed.search("one", 1));
    assertThrows(IllegalArgumentException.class, () -> SparseDocument.of(" ", "text"));
    assertThrows(IllegalArgumentException.class, () -> SparseDocument.of("x".repeat(40_000), ""));
    assertThrows(
        IllegalArgumentException.class,
        () -> SparseDocument.of("1", "").with(new StringField("_sparse", "x", Store.NO)));
  }

  private void put(String id, String text) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of(id, text));
      writer.commit();
    }
  }
}
