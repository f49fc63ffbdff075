package io.m3lex.evaluation;

import io.m3lex.EncodedText;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.OrderedPipeline;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;

/** Exact search in an index of m3lex. */
public final class IndexRanker implements Ranker {

  private final SparseIndex index;

  /**
   * Ranks the documents of an index.
   *
   * @param index opened with its encoder; closed with the ranker
   */
  public IndexRanker(SparseIndex index) {
    this.index = index;
  }

  /**
   * Encodes the documents of a collection and puts them into an index, in their order.
   *
   * @param documents faults are passed over
   * @param encoder the one that the writer was opened with
   * @param threads number of threads that encode
   * @param progress told the number of records that are done
   */
  public static void index(
      Iterator<CorpusEntry> documents,
      SparseEncoder encoder,
      SparseIndexWriter writer,
      int threads,
      LongConsumer progress)
      throws IOException {
    long[] done = {0};
    OrderedPipeline.runInBatches(
        documents,
        entry -> entry instanceof CorpusEntry.Document document ? document.text().length() : 0,
        entries -> encode(entries, encoder),
        encoded -> {
          if (encoded.document != null) {
            writer.put(encoded.document, encoded.vector, encoder.fingerprint());
          }
          progress.accept(++done[0]);
        },
        threads,
        () -> false);
  }

  private static List<Encoded> encode(List<CorpusEntry> entries, SparseEncoder encoder) {
    List<SparseDocument> documents = new ArrayList<>();
    for (CorpusEntry entry : entries) {
      documents.add(
          entry instanceof CorpusEntry.Document document
              ? SparseDocument.of(document.id(), document.title(), document.text())
              : null);
    }
    List<String> texts =
        documents.stream().filter(Objects::nonNull).map(SparseDocument::encodedText).toList();
    Iterator<EncodedText> encoded = encoder.encode(texts, TextRole.DOCUMENT).iterator();
    return documents.stream()
        .map(document -> new Encoded(document, document == null ? null : encoded.next().vector()))
        .toList();
  }

  /** A document with its vector; both null for a fault. */
  private record Encoded(SparseDocument document, SparseVector vector) {}

  @Override
  public String name() {
    return "m3lex";
  }

  @Override
  public List<ScoredDocument> rank(String query, int k) throws IOException {
    return index.search(query, k).stream()
        .map(hit -> new ScoredDocument(hit.id(), hit.score()))
        .toList();
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
