/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.springai;

import io.m3lex.index.Hit;
import io.m3lex.index.HitRetriever;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.retrieval.search.DocumentRetriever;

/**
 * An index of m3lex as the retrieval of Spring AI's retrieval-augmented generation. A document has
 * the text and score of the hit, {@link Hit#key()} as its id, and the metadata {@value #TITLE} and
 * {@value #RANK}. Passages of one m3lex document are documents of their own for Spring AI, which
 * keeps one document of each id when it joins results; they also have the metadata {@value
 * #DOCUMENT_ID}, {@value #START} and {@value #END}. The score of sparse search is a dot product,
 * which has no upper limit.
 *
 * <p>Needs {@code org.springframework.ai:spring-ai-rag}, which the application brings. Safe for use
 * by several threads if the retriever is, as that of an index is.
 */
public final class SparseDocumentRetriever implements DocumentRetriever {

  /** The document's title; missing if it has none. */
  public static final String TITLE = "title";

  /** The hit's rank, from 1. */
  public static final String RANK = "rank";

  /** The id of the document that a passage is part of. */
  public static final String DOCUMENT_ID = "document_id";

  /** Where a passage begins in the document's text, in UTF-16 units from 0. */
  public static final String START = "start";

  /** Where a passage ends, exclusive. */
  public static final String END = "end";

  private final HitRetriever retriever;

  /** Takes what finds the hits, for instance {@code HitRetriever.of(index, 10, 0)}. */
  public SparseDocumentRetriever(HitRetriever retriever) {
    this.retriever = retriever;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the index cannot be read
   */
  @Override
  public List<Document> retrieve(Query query) {
    try {
      return retriever.retrieve(query.text()).stream()
          .map(SparseDocumentRetriever::document)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("The index could not be searched: " + e.getMessage(), e);
    }
  }

  private static Document document(Hit hit) {
    Document.Builder document =
        Document.builder()
            .id(hit.key())
            .text(hit.text())
            .score((double) hit.score())
            .metadata(RANK, hit.rank());
    if (!hit.title().isEmpty()) {
      document.metadata(TITLE, hit.title());
    }
    if (hit.passage() != null) {
      document
          .metadata(DOCUMENT_ID, hit.id())
          .metadata(START, hit.passage().start())
          .metadata(END, hit.passage().end());
    }
    return document.build();
  }
}
