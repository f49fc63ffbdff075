/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.langchain4j;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.ContentMetadata;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.rag.query.Query;
import io.m3lex.index.Hit;
import io.m3lex.index.HitRetriever;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * An index of m3lex as LangChain4j's source of content. A content is a document's text, or a
 * passage's, in the order of the hits. Its segment depends on the document alone, not on the query,
 * so that LangChain4j recognises it in the results of several queries and fuses them: it has the
 * metadata {@value #ID} and {@value #TITLE}, a passage {@value #START} and {@value #END} as well.
 * The score is the content's {@link ContentMetadata#SCORE} (of sparse search a dot product, which
 * has no upper limit), {@link Hit#key()} its {@link ContentMetadata#EMBEDDING_ID}.
 *
 * <p>Needs {@code dev.langchain4j:langchain4j-core}, which the application brings. Safe for use by
 * several threads if the retriever is, as that of an index is.
 */
public final class SparseContentRetriever implements ContentRetriever {

  /** The document's id. */
  public static final String ID = "id";

  /** The document's title; missing if it has none. */
  public static final String TITLE = "title";

  /** Where a passage begins in the document's text, in UTF-16 units from 0. */
  public static final String START = "start";

  /** Where a passage ends, exclusive. */
  public static final String END = "end";

  private final HitRetriever retriever;

  /** Takes what finds the hits, for instance {@code HitRetriever.of(index, 10, 0)}. */
  public SparseContentRetriever(HitRetriever retriever) {
    this.retriever = retriever;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the index cannot be read
   */
  @Override
  public List<Content> retrieve(Query query) {
    try {
      return retriever.retrieve(query.text()).stream()
          // LangChain4j has no content without text.
          .filter(hit -> !hit.text().isBlank())
          .map(SparseContentRetriever::content)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("The index could not be searched: " + e.getMessage(), e);
    }
  }

  private static Content content(Hit hit) {
    Metadata metadata = new Metadata().put(ID, hit.id());
    if (!hit.title().isEmpty()) {
      metadata.put(TITLE, hit.title());
    }
    if (hit.passage() != null) {
      metadata.put(START, hit.passage().start()).put(END, hit.passage().end());
    }
    return Content.from(
        TextSegment.from(hit.text(), metadata),
        Map.of(
            ContentMetadata.SCORE, (double) hit.score(), ContentMetadata.EMBEDDING_ID, hit.key()));
  }
}
