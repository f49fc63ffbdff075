/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.examples;

import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.HitRetriever;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.langchain4j.SparseContentRetriever;
import java.io.IOException;
import java.nio.file.Path;

/** An index of m3lex as a source of content in LangChain4j. */
public final class LangChain4jExample {

  private LangChain4jExample() {}

  /** Takes an empty folder for the index. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
        writer.put(SparseDocument.of("kettle", "Limescale in a kettle dissolves in citric acid."));
        writer.put(SparseDocument.of("pump", "The pump does not drain: clean its filter."));
        writer.commit();
      }
      try (SparseIndex index = SparseIndex.open(folder, encoder)) {
        ContentRetriever retriever = new SparseContentRetriever(HitRetriever.of(index, 3, 1));
        for (Content content : retriever.retrieve(Query.from("my kettle is full of scale"))) {
          System.out.println(content.textSegment().text());
        }
      }
    }
  }
}
