/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.springai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.m3lex.HybridWordEncoder;
import io.m3lex.WordEncoder;
import io.m3lex.index.HitRetriever;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.HybridSearch.Fusion;
import io.m3lex.index.IndexContents;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.retrieval.join.ConcatenationDocumentJoiner;

class SparseDocumentRetrieverTest {

  @Test
  void documentsAreTheHitsOfTheIndex(@TempDir Path folder) throws IOException {
    HybridWordEncoder encoder = new HybridWordEncoder(false);
    IndexContents contents = new IndexContents(true, false, "");
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder, 0, contents)) {
      writer.put(SparseDocument.of("1", "Pumps", "the pump and the valve"));
      writer.put(SparseDocument.of("2", "a pump"));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<Document> sparse =
          new SparseDocumentRetriever(HitRetriever.of(index, 10, 0))
              .retrieve(new Query("pump valve"));
      assertEquals(2, sparse.size());
      assertEquals("1", sparse.getFirst().getId());
      assertEquals("the pump and the valve", sparse.getFirst().getText());
      assertEquals("Pumps", sparse.getFirst().getMetadata().get(SparseDocumentRetriever.TITLE));
      assertEquals(1, sparse.getFirst().getMetadata().get(SparseDocumentRetriever.RANK));
      assertEquals(
          (double) index.search("pump valve", 1).getFirst().score(), sparse.getFirst().getScore());
      assertFalse(sparse.get(1).getMetadata().containsKey(SparseDocumentRetriever.TITLE));

      HybridSearch search = HybridSearch.of(Fusion.RECIPROCAL_RANK, index.contents().signals());
      List<Document> fused =
          new SparseDocumentRetriever(HitRetriever.of(index, search, 1))
              .retrieve(new Query("valve"));
      assertEquals(List.of("1"), fused.stream().map(Document::getId).toList());
    }
  }

  /** Spring AI keeps one document of an id. */
  @Test
  void joinedResultsKeepEveryPassage(@TempDir Path folder) throws IOException {
    WordEncoder encoder = new WordEncoder();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.putPassages(
          SparseDocument.of("manual", "A pump drains.\n\nA loud pump.\n\nNo pump leaks."),
          new PassageSplitter(16, 0));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      Query query = new Query("loud pump");
      List<Document> found =
          new SparseDocumentRetriever(HitRetriever.of(index, 10, 0)).retrieve(query);
      assertEquals(3, found.size());
      assertEquals("manual#16", found.getFirst().getId());
      assertEquals(
          "manual", found.getFirst().getMetadata().get(SparseDocumentRetriever.DOCUMENT_ID));
      assertEquals(16, found.getFirst().getMetadata().get(SparseDocumentRetriever.START));
      assertEquals(28, found.getFirst().getMetadata().get(SparseDocumentRetriever.END));
      assertEquals(3, new ConcatenationDocumentJoiner().join(Map.of(query, List.of(found))).size());
    }
  }

  @Test
  void aFailureSaysWhy() {
    SparseDocumentRetriever failing =
        new SparseDocumentRetriever(
            query -> {
              throw new IOException("disk gone");
            });
    assertThrows(UncheckedIOException.class, () -> failing.retrieve(new Query("pump")));
  }
}
