/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.aggregator.ReciprocalRankFuser;
import dev.langchain4j.rag.query.Query;
import io.m3lex.WordEncoder;
import io.m3lex.index.Hit;
import io.m3lex.index.HitRetriever;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseContentRetrieverTest {

  @Test
  void contentsAreTheHitsOfTheIndex(@TempDir Path folder) throws IOException {
    WordEncoder encoder = new WordEncoder();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("1", "Pumps", "the pump and the valve"));
      writer.put(SparseDocument.of("2", "a pump"));
      writer.put(SparseDocument.of("3", "pump", ""));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<Hit> hits = index.search("pump valve", 10);
      List<Content> contents =
          new SparseContentRetriever(HitRetriever.of(index, 10, 0))
              .retrieve(Query.from("pump valve"));
      // Document 3 has no text.
      assertEquals(3, hits.size());
      assertEquals(2, contents.size());
      Content best = contents.getFirst();
      assertEquals("the pump and the valve", best.textSegment().text());
      assertEquals("1", best.textSegment().metadata().getString(SparseContentRetriever.ID));
      assertEquals("Pumps", best.textSegment().metadata().getString(SparseContentRetriever.TITLE));
      assertEquals((double) hits.getFirst().score(), best.metadata().get(ContentMetadata.SCORE));
      assertFalse(
          contents.get(1).textSegment().metadata().containsKey(SparseContentRetriever.TITLE));
      assertEquals(
          1,
          new SparseContentRetriever(HitRetriever.of(index, 10, hits.getFirst().score()))
              .retrieve(Query.from("pump valve"))
              .size());
      assertTrue(
          new SparseContentRetriever(HitRetriever.of(index, 10, 0))
              .retrieve(Query.from("?"))
              .isEmpty());
      assertThrows(IllegalArgumentException.class, () -> HitRetriever.of(index, 0, 0));
    }
  }

  /** A segment that said its rank was another one under every query. */
  @Test
  void fusionRecognisesADocumentUnderTwoQueries(@TempDir Path folder) throws IOException {
    WordEncoder encoder = new WordEncoder();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("1", "the pump does not drain"));
      writer.put(SparseDocument.of("2", "a loud pump has a stone in it"));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      SparseContentRetriever retriever = new SparseContentRetriever(HitRetriever.of(index, 10, 0));
      List<Content> one = retriever.retrieve(Query.from("pump drain"));
      List<Content> two = retriever.retrieve(Query.from("loud pump stone"));
      assertEquals(List.of("1", "2"), ids(one));
      assertEquals(List.of("2", "1"), ids(two));
      assertEquals(2, ReciprocalRankFuser.fuse(List.of(one, two)).size());
      Content third = retriever.retrieve(Query.from("stone drain drain")).getFirst();
      assertTrue(one.contains(third), () -> one + " has no " + third);
    }
  }

  @Test
  void passagesOfOneDocumentStayApart(@TempDir Path folder) throws IOException {
    WordEncoder encoder = new WordEncoder();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.putPassages(
          SparseDocument.of("manual", "No pump drains.\n\nNo pump drains."),
          new PassageSplitter(16, 0));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<Content> contents =
          new SparseContentRetriever(HitRetriever.of(index, 10, 0)).retrieve(Query.from("pump"));
      assertEquals(List.of("manual", "manual"), ids(contents));
      assertEquals(
          List.of(0, 17),
          contents.stream()
              .map(c -> c.textSegment().metadata().getInteger(SparseContentRetriever.START))
              .toList());
      assertEquals(
          List.of("manual#0", "manual#17"),
          contents.stream().map(c -> c.metadata().get(ContentMetadata.EMBEDDING_ID)).toList());
      assertEquals(2, ReciprocalRankFuser.fuse(List.of(contents, contents)).size());
    }
  }

  private static List<String> ids(List<Content> contents) {
    return contents.stream()
        .map(c -> c.textSegment().metadata().getString(SparseContentRetriever.ID))
        .toList();
  }

  @Test
  void aFailureSaysWhy() {
    SparseContentRetriever failing =
        new SparseContentRetriever(
            query -> {
              throw new IOException("disk gone");
            });
    UncheckedIOException failure =
        assertThrows(UncheckedIOException.class, () -> failing.retrieve(Query.from("pump")));
    assertTrue(failure.getMessage().contains("disk gone"));
  }
}
