/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.codec.PostingWeight;
import io.m3lex.search.TokenContribution;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Long documents: searched by passages, found as documents. */
class PassageIndexTest {

  private static final PassageSplitter SPLITTER = new PassageSplitter(60, 10);

  @TempDir private Path folder;

  private final SparseEncoder encoder = new WordEncoder();

  @Test
  void documentsAreFoundByTheirBestPassage() throws IOException {
    String manual =
        "The kettle boils water for tea in minutes. Citric acid removes the limescale. Never open it hot.";
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      assertEquals(
          3, writer.putPassages(SparseDocument.of("m", "Kettle", manual), SPLITTER).size());
      writer.putPassages(SparseDocument.of("p", "A pump."), SPLITTER);
      assertEquals(2, writer.documents());
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<DocumentHit> hits = index.searchDocuments("limescale kettle", 10);
      assertEquals(1, hits.size());
      DocumentHit hit = hits.getFirst();
      assertEquals("m", hit.id());
      assertTrue(hit.passage().text().contains("limescale"), hit.toString());
      assertEquals(
          manual.substring(hit.passage().start(), hit.passage().end()), hit.passage().text());
      assertEquals(manual, index.document("m").orElseThrow().text());
      assertEquals("A pump.", index.document("p").orElseThrow().text());
      double sum =
          index.explain(encoder.encodeQuery("limescale kettle"), "m").stream()
              .mapToDouble(TokenContribution::score)
              .sum();
      assertEquals(hit.score(), (float) sum);
      IndexStatistics statistics = index.statistics();
      assertEquals(2, statistics.documents());
      assertEquals(4, statistics.passages());
      // The title is in every passage.
      assertEquals(3, index.search("kettle", 10).size());
    }
  }

  @Test
  void bestPassagesEqualBruteForceAfterReplacementsDeletesAndOptimizing() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    Map<String, String> texts = new LinkedHashMap<>();
    for (int round = 0; round < 12; round++) {
      try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
        for (int i = 0; i < 40; i++) {
          String id = "d" + random.nextInt(150);
          texts.remove(id);
          if (random.nextInt(5) == 0) {
            writer.delete(id);
          } else {
            // Some documents have most of the passages, so that one search is not enough.
            String text = words(random, random.nextInt(random.nextInt(8) == 0 ? 600 : 30));
            writer.putPassages(SparseDocument.of(id, text), SPLITTER);
            texts.put(id, text);
          }
        }
        assertEquals(texts.size(), writer.documents(), "seed " + seed);
        writer.commit();
      }
      boolean optimized = round % 4 == 3;
      if (optimized) {
        IndexOptimizer.into(1).optimize(folder, bytes -> {});
      }
      try (SparseIndex index = SparseIndex.open(folder, encoder)) {
        assertEquals(texts.size(), index.statistics().documents(), "seed " + seed);
        for (int q = 0; q < 50; q++) {
          SparseVector query = encoder.encodeQuery(words(random, 1 + random.nextInt(4)));
          int k = 1 + random.nextInt(20);
          List<DocumentHit> hits = index.searchDocuments(query, k, null);
          Map<String, Float> all = bruteForce(texts, query);
          assertEquals(Math.min(k, all.size()), hits.size(), "seed " + seed);
          List<Float> expected =
              all.values().stream().sorted((a, b) -> Float.compare(b, a)).limit(k).toList();
          assertEquals(expected, hits.stream().map(DocumentHit::score).toList(), "seed " + seed);
          assertEquals(hits.size(), hits.stream().map(DocumentHit::id).distinct().count());
          for (DocumentHit hit : hits) {
            assertEquals(all.get(hit.id()), hit.score(), "seed " + seed);
            Passage passage = hit.passage();
            assertEquals(hit.score(), score(query, passage.text()), "seed " + seed);
            assertEquals(
                texts.get(hit.id()).substring(passage.start(), passage.end()), passage.text());
          }
        }
      }
    }
    try (FSDirectory directory = FSDirectory.open(folder);
        CheckIndex check = new CheckIndex(directory)) {
      assertTrue(check.checkIndex().clean);
    }
  }

  /** The best passage's score of every document that matches. */
  private Map<String, Float> bruteForce(Map<String, String> texts, SparseVector query) {
    Map<String, Float> best = new TreeMap<>();
    texts.forEach(
        (id, text) -> {
          for (Passage passage : SPLITTER.split(text)) {
            float score = score(query, passage.text());
            if (score > 0) {
              best.merge(id, score, Math::max);
            }
          }
        });
    return best;
  }

  private float score(SparseVector query, String passage) {
    Map<String, Float> stored = new HashMap<>();
    encoder
        .encodeDocument(passage)
        .toMap()
        .forEach((feature, weight) -> stored.put(feature, PostingWeight.round(weight)));
    return query.dot(SparseVector.of(stored));
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append('w').append(random.nextInt(60)).append(random.nextInt(9) == 0 ? ". " : " ");
    }
    return text.toString();
  }

  @Test
  void oneDocumentWithAllTheBestPassagesDoesNotHideTheOthers() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.putPassages(SparseDocument.of("long", "alpha beta. ".repeat(2_000)), SPLITTER);
      for (int i = 0; i < 5; i++) {
        writer.putPassages(SparseDocument.of("short" + i, "alpha"), SPLITTER);
      }
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<String> ids =
          index.searchDocuments("alpha beta", 4).stream().map(DocumentHit::id).toList();
      assertEquals(List.of("long", "short0", "short1", "short2"), ids);
    }
  }

  @Test
  void wholesAndPassagesAreNotMixed() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.putPassages(SparseDocument.of("1", "text"), SPLITTER);
      refused(() -> writer.put(SparseDocument.of("2", "text")), "overlap by up to 10, not whole");
      writer.commit();
    }
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      refused(() -> writer.put(SparseDocument.of("2", "text")), "not whole documents");
      refused(
          () -> writer.putPassages(SparseDocument.of("2", "text"), PassageSplitter.of(500)),
          "not passages of up to 500");
      writer.putPassages(SparseDocument.of("2", "text"), SPLITTER);
      assertEquals(2, writer.documents());
    }
    Path wholes = folder.resolve("wholes");
    for (int i = 0; i < 2; i++) {
      try (SparseIndexWriter writer = SparseIndexWriter.open(wholes, encoder)) {
        if (i == 0) {
          writer.put(SparseDocument.of("1", "text"));
        }
        refused(
            () -> writer.putPassages(SparseDocument.of("2", "text"), SPLITTER),
            "holds whole documents, not passages of up to 60");
        writer.commit();
      }
    }
    try (SparseIndex index = SparseIndex.open(wholes, encoder)) {
      DocumentHit hit = index.searchDocuments("text", 3).getFirst();
      assertTrue(hit.whole());
      assertEquals(new Passage(0, 4, "text"), hit.passage());
      assertEquals(0, index.statistics().passages());
    }
  }

  private static void refused(Executable put, String reason) {
    IndexFormatException e = assertThrows(IndexFormatException.class, put);
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void theModelIsHeldToPassagesToo() throws IOException {
    SparseDocument document = SparseDocument.of("1", "text");
    SparseVector vector = encoder.encodeDocument("text");
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      assertThrows(
          ModelMismatchException.class,
          () ->
              writer.putPassages(
                  document,
                  SPLITTER,
                  List.of(vector.from(new WordEncoder("other", 0).fingerprint()))));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              writer.putPassages(
                  document,
                  SPLITTER,
                  List.of(vector.from(encoder.fingerprint()), vector.from(encoder.fingerprint()))));
      assertEquals(0, writer.documents());
    }
  }

  @Test
  void callersFieldsFilterPassagesAndEmptyDocumentsAreCounted() throws IOException {
    String text = "pump ".repeat(40);
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (int i = 0; i < 6; i++) {
        writer.putPassages(
            SparseDocument.of("" + i, text)
                .with(new StringField("site", i % 2 == 0 ? "north" : "south", Store.NO)),
            SPLITTER);
      }
      writer.putPassages(SparseDocument.of("empty", ""), SPLITTER);
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<String> ids = new ArrayList<>();
      index
          .searchDocuments(
              encoder.encodeQuery("pump"), 10, new TermQuery(new Term("site", "north")))
          .forEach(hit -> ids.add(hit.id()));
      assertEquals(List.of("0", "2", "4"), ids);
      assertEquals(7, index.statistics().documents());
      assertEquals(1, index.statistics().documentsWithoutFeatures());
      assertEquals("", index.document("empty").orElseThrow().text());
    }
  }
}
