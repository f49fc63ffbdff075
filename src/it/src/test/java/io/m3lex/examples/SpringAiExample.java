/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.examples;

import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.HitRetriever;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.HybridSearch.Fusion;
import io.m3lex.index.IndexContents;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.springai.SparseDocumentRetriever;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.retrieval.search.DocumentRetriever;

/** An index of m3lex, sparse and dense together, as retrieval in Spring AI. */
public final class SpringAiExample {

  private SpringAiExample() {}

  /** Takes an empty folder for the index. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    IndexContents contents = new IndexContents(true, false, "en");
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      try (SparseIndexWriter writer =
          SparseIndexWriter.open(folder, encoder, SparseIndexWriter.WITNESS_TOLERANCE, contents)) {
        writer.put(SparseDocument.of("kettle", "Limescale in a kettle dissolves in citric acid."));
        writer.put(SparseDocument.of("pump", "The pump does not drain: clean its filter."));
        writer.commit();
      }
      try (SparseIndex index = SparseIndex.open(folder, encoder)) {
        HybridSearch search = HybridSearch.of(Fusion.RECIPROCAL_RANK, contents.signals());
        DocumentRetriever retriever =
            new SparseDocumentRetriever(HitRetriever.of(index, search, 1));
        for (Document document : retriever.retrieve(new Query("my kettle is full of scale"))) {
          System.out.println(document.getId() + ": " + document.getText());
        }
      }
    }
  }
}
