/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.index.IndexContents;
import io.m3lex.index.PassageSplitter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The records of an input, each with the hash of the input up to it. */
final class HashedRecords implements Iterator<HashedRecords.Read> {

  private final CorpusReader reader;
  private long left;

  /** All records that are still to come. */
  HashedRecords(CorpusReader reader) {
    this(reader, Long.MAX_VALUE);
  }

  /** At most so many of the records that are still to come. */
  HashedRecords(CorpusReader reader, long most) {
    this.reader = reader;
    left = most;
  }

  /** A record, and the hash of the input up to it. */
  record Read(CorpusEntry entry, String sha256) {}

  /** What became of a record, and the hash of the input up to it. */
  record Item(EncodedRecord record, String sha256) {}

  @Override
  public boolean hasNext() {
    return left > 0 && reader.hasNext();
  }

  @Override
  public Read next() {
    left--;
    CorpusEntry entry = reader.next();
    return new Read(entry, reader.sha256());
  }

  /**
   * Encodes neighbouring records together.
   *
   * @param contents which vectors are wanted
   * @param splitter null to encode them as wholes
   */
  static List<Item> encode(
      List<Read> reads,
      SparseEncoder encoder,
      TextRole role,
      IndexContents contents,
      PassageSplitter splitter) {
    List<EncodedRecord> records =
        EncodedRecord.encode(
            reads.stream().map(Read::entry).toList(), encoder, role, contents, splitter);
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < reads.size(); i++) {
      items.add(new Item(records.get(i), reads.get(i).sha256()));
    }
    return items;
  }
}
