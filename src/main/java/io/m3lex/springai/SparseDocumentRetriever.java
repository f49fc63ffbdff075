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
 * the id, text and score of the hit and the metadata {@value #TITLE} and {@value #RANK}. The score
 * of sparse search is a dot product, which has no upper limit.
 *
 * <p>Needs {@code org.springframework.ai:spring-ai-rag}, which the application brings. Safe for use
 * by several threads if the retriever is, as that of an index is.
 */
public final class SparseDocumentRetriever implements DocumentRetriever {

  /** The document's title; missing if it has none. */
  public static final String TITLE = "title";

  /** The hit's rank, from 1. */
  public static final String RANK = "rank";

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
            .id(hit.id())
            .text(hit.text())
            .score((double) hit.score())
            .metadata(RANK, hit.rank());
    return (hit.title().isEmpty() ? document : document.metadata(TITLE, hit.title())).build();
  }
}
