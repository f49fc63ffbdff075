package io.m3lex.cli;

import io.m3lex.EncodedText;
import io.m3lex.HybridText;
import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.index.IndexContents;
import io.m3lex.index.SparseDocument;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What became of a record of an input.
 *
 * @param entry the record, a fault if it cannot be a document of an index
 * @param document null for a fault
 * @param vectors null for a fault
 */
record EncodedRecord(CorpusEntry entry, SparseDocument document, HybridText vectors) {

  /**
   * Encodes neighbouring records together.
   *
   * @param contents which vectors are wanted
   */
  static List<EncodedRecord> encode(
      List<CorpusEntry> entries, SparseEncoder encoder, TextRole role, IndexContents contents) {
    List<EncodedRecord> checked = entries.stream().map(EncodedRecord::check).toList();
    List<String> texts =
        checked.stream()
            .filter(record -> record.document != null)
            .map(record -> record.document.encodedText())
            .toList();
    Iterator<HybridText> vectors = contents.encode(texts, encoder, role).iterator();
    List<EncodedRecord> encoded = new ArrayList<>();
    for (EncodedRecord record : checked) {
      encoded.add(
          record.document == null
              ? record
              : new EncodedRecord(record.entry, record.document, vectors.next()));
    }
    return encoded;
  }

  /** The sparse vector and what became of the text; null for a fault. */
  EncodedText encoded() {
    return vectors == null ? null : vectors.encoded();
  }

  private static EncodedRecord check(CorpusEntry entry) {
    if (entry instanceof CorpusEntry.Document source) {
      try {
        return new EncodedRecord(
            entry, SparseDocument.of(source.id(), source.title(), source.text()), null);
      } catch (IllegalArgumentException e) {
        CorpusEntry fault = new CorpusEntry.Fault(source.source(), source.line(), e.getMessage());
        return new EncodedRecord(fault, null, null);
      }
    }
    return new EncodedRecord(entry, null, null);
  }

  /** The number of characters that encoding a record takes. */
  static int characters(CorpusEntry entry) {
    return entry instanceof CorpusEntry.Document document
        ? document.title().length() + document.text().length()
        : 0;
  }
}
