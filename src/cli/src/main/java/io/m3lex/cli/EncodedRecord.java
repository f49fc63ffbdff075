/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.EncodedText;
import io.m3lex.HybridText;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.index.IndexContents;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import java.util.ArrayList;
import java.util.List;

/**
 * What became of a record of an input.
 *
 * @param entry the record, a fault if it cannot be a document of an index
 * @param document null for a fault
 * @param passages one for each passage, one alone if the document is encoded as a whole; empty for
 *     a fault
 */
record EncodedRecord(CorpusEntry entry, SparseDocument document, List<HybridText> passages) {

  /**
   * Encodes neighbouring records together.
   *
   * @param contents which vectors are wanted
   * @param splitter null to encode them as wholes
   */
  static List<EncodedRecord> encode(
      List<CorpusEntry> entries,
      SparseEncoder encoder,
      TextRole role,
      IndexContents contents,
      PassageSplitter splitter) {
    List<EncodedRecord> checked = entries.stream().map(EncodedRecord::check).toList();
    List<List<String>> texts =
        checked.stream().map(record -> record.encodedTexts(splitter)).toList();
    List<HybridText> vectors =
        contents.encode(texts.stream().flatMap(List::stream).toList(), encoder, role);
    List<EncodedRecord> encoded = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < checked.size(); i++) {
      EncodedRecord record = checked.get(i);
      int end = next + texts.get(i).size();
      encoded.add(new EncodedRecord(record.entry, record.document, vectors.subList(next, end)));
      next = end;
    }
    return encoded;
  }

  private List<String> encodedTexts(PassageSplitter splitter) {
    if (document == null) {
      return List.of();
    }
    return splitter == null ? List.of(document.encodedText()) : splitter.encodedTexts(document);
  }

  /**
   * What became of the whole text: its passages' tokens together, and the vector of the first that
   * has features.
   */
  EncodedText encoded() {
    if (passages.size() == 1) {
      return passages.getFirst().encoded();
    }
    return new EncodedText(
        passages.stream()
            .map(text -> text.encoded().vector())
            .filter(vector -> !vector.isEmpty())
            .findFirst()
            .orElse(SparseVector.EMPTY),
        passages.stream().mapToInt(text -> text.encoded().tokens()).sum(),
        passages.stream().mapToInt(text -> text.encoded().windows()).max().orElse(0),
        passages.stream().mapToInt(text -> text.encoded().droppedTokens()).sum());
  }

  private static EncodedRecord check(CorpusEntry entry) {
    if (entry instanceof CorpusEntry.Document source) {
      try {
        return new EncodedRecord(
            entry, SparseDocument.of(source.id(), source.title(), source.text()), List.of());
      } catch (IllegalArgumentException e) {
        CorpusEntry fault = new CorpusEntry.Fault(source.source(), source.line(), e.getMessage());
        return new EncodedRecord(fault, null, List.of());
      }
    }
    return new EncodedRecord(entry, null, List.of());
  }

  /** The number of characters that encoding a record takes. */
  static int characters(CorpusEntry entry) {
    return entry instanceof CorpusEntry.Document document
        ? document.title().length() + document.text().length()
        : 0;
  }
}
