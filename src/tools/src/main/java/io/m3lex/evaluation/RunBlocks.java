/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.corpus.LineReader;
import java.io.IOException;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * A TREC run file, block by block: the lines of one query that stand together. Mostly they are all
 * of the query's, but a query may come back.
 */
final class RunBlocks {

  private static final int COLUMNS = 6;

  private final LineReader lines;
  private final Columns columns;
  private final RankingBuilder documents = new RankingBuilder();
  private String query = "";
  private String system = "";
  private boolean lineIsRead; // the one after the block

  RunBlocks(LineReader lines) {
    this.lines = lines;
    columns = new Columns(lines);
  }

  /**
   * Reads the next block.
   *
   * @return false if there is none
   * @throws IOException if a line is none of a run, or there was no block at all
   */
  boolean next() throws IOException {
    documents.clear();
    if (!lineIsRead && !columns.next()) {
      if (query.isEmpty()) {
        throw new IOException(
            "%s holds no ranking: a run has lines such as \"query Q0 document 1 12.5 system\"."
                .formatted(lines.source()));
      }
      return false;
    }
    requireColumns();
    query = columns.get(0);
    do {
      add();
      lineIsRead = columns.next();
      if (lineIsRead) {
        requireColumns();
      }
    } while (lineIsRead && columns.holds(0, query));
    return true;
  }

  private void requireColumns() throws IOException {
    if (columns.count() != COLUMNS) {
      throw lines.error(
          columns.count() + " columns instead of 6: query Q0 document rank score system");
    }
  }

  private void add() throws IOException {
    long rank = columns.wholeNumber(3, "rank");
    documents.add(
        columns.get(2),
        columns.number(4, "score"),
        Math.clamp(rank, Integer.MIN_VALUE, Integer.MAX_VALUE),
        Math.clamp(lines.line(), 0, Integer.MAX_VALUE));
    if (!columns.holds(5, system)) {
      system = columns.get(5);
    }
  }

  /** The query of the block. */
  String query() {
    return query;
  }

  /** What the system is called in the line that was read last. */
  String system() {
    return system;
  }

  /** The documents of the block; those of the next come into the same object. */
  RankingBuilder documents() {
    return documents;
  }

  /**
   * The ranking of the block.
   *
   * @throws IOException if a document is twice in it
   */
  Ranking ranking() throws IOException {
    return ranking(query, documents);
  }

  /** Like {@link #ranking()}, of documents that were collected from several blocks. */
  Ranking ranking(String query, RankingBuilder documents) throws IOException {
    OptionalInt repeated = documents.firstRepeated();
    if (repeated.isPresent()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s:%d: document %s is twice in the ranking of query %s",
              lines.source(),
              documents.line(repeated.getAsInt()),
              documents.id(repeated.getAsInt()),
              query));
    }
    return documents.build();
  }
}
