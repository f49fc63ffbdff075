package io.m3lex.evaluation;

import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.OrderedPipeline;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/** Exact search by the weights of an encoder, in an index in memory. */
public final class SparseRanker implements Ranker {

  private final SparseIndexWriter writer;
  private final SparseIndex index;

  /**
   * Encodes and indexes documents.
   *
   * @param documents of a collection; faults are passed over
   * @param encoder stays open when the ranker is closed
   * @param threads number of threads that encode
   * @param progress told the number of documents that are done
   */
  public SparseRanker(
      Iterator<CorpusEntry> documents, SparseEncoder encoder, int threads, LongConsumer progress)
      throws IOException {
    Directory directory = new ByteBuffersDirectory();
    writer =
        SparseIndexWriter.open(
            directory, "in memory", encoder, SparseIndexWriter.WITNESS_TOLERANCE);
    try {
      long[] done = {0};
      OrderedPipeline.run(
          documents,
          entry -> encode(entry, encoder),
          encoded -> {
            if (encoded != null) {
              writer.put(encoded.document, encoded.vector, encoder.fingerprint());
            }
            progress.accept(++done[0]);
          },
          threads,
          () -> false);
      index = writer.openIndex();
    } catch (IOException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  private static Encoded encode(CorpusEntry entry, SparseEncoder encoder) {
    if (entry instanceof CorpusEntry.Document document) {
      SparseDocument indexed = SparseDocument.of(document.id(), document.title(), document.text());
      return new Encoded(
          indexed, encoder.encode(indexed.encodedText(), TextRole.DOCUMENT).vector());
    }
    return null;
  }

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
    try (writer) {
      index.close();
    }
  }
}
