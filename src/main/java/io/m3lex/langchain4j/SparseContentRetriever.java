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
 * An index of m3lex as LangChain4j's source of content. A content is a document's text with the
 * metadata {@value #ID}, {@value #TITLE} and {@value #RANK}, and its score as {@link
 * ContentMetadata#SCORE}: of sparse search a dot product, which has no upper limit.
 *
 * <p>Needs {@code dev.langchain4j:langchain4j-core}, which the application brings. Safe for use by
 * several threads if the retriever is, as that of an index is.
 */
public final class SparseContentRetriever implements ContentRetriever {

  /** The document's id. */
  public static final String ID = "id";

  /** The document's title; missing if it has none. */
  public static final String TITLE = "title";

  /** The hit's rank, from 1. */
  public static final String RANK = "rank";

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
    Metadata metadata = new Metadata().put(ID, hit.id()).put(RANK, hit.rank());
    if (!hit.title().isEmpty()) {
      metadata.put(TITLE, hit.title());
    }
    return Content.from(
        TextSegment.from(hit.text(), metadata),
        Map.of(
            ContentMetadata.SCORE, (double) hit.score(), ContentMetadata.EMBEDDING_ID, hit.id()));
  }
}
