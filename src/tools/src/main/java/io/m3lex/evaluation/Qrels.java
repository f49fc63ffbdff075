/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.corpus.LineReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Relevance judgments: which document answers which query, and how well. A document is relevant if
 * its grade is at least 1; the others, negative grades included, were judged and are not.
 * Immutable.
 */
public final class Qrels {

  private final String source;
  private final Map<String, Judgments> judgments;

  private Qrels(String source, Map<String, Judgments> judgments) {
    this.source = source;
    this.judgments = judgments;
  }

  /**
   * Reads BEIR's {@code query-id<TAB>corpus-id<TAB>score} with its header line, or TREC's {@code
   * query iteration document grade}; the file may be packed by gzip. BEIR's ids may hold spaces.
   *
   * @throws IOException if the file cannot be read, holds no judgment, a line is none of these, or
   *     a document was judged for the same query before; the message names file and line
   */
  public static Qrels read(Path file) throws IOException {
    try (LineReader lines = LineReader.open(file)) {
      return read(lines);
    }
  }

  /**
   * Like {@link #read(Path)}, from a stream.
   *
   * @param source its name in messages
   */
  public static Qrels read(InputStream stream, String source) throws IOException {
    try (LineReader lines = LineReader.open(stream, source)) {
      return read(lines);
    }
  }

  private static Qrels read(LineReader lines) throws IOException {
    Map<String, Judgments> judgments = new LinkedHashMap<>();
    boolean beir = false;
    Columns columns = new Columns(lines);
    while (columns.next()) {
      if (lines.line() == 1 && columns.line().startsWith("query-id\t")) {
        beir = true;
      } else if (beir) {
        String[] parts = columns.line().split("\t", -1);
        requireColumns(parts.length, lines);
        add(
            judgments,
            parts[0].strip(),
            parts[parts.length - 2].strip(),
            parts[parts.length - 1].strip(),
            lines);
      } else {
        int count = columns.count();
        requireColumns(count, lines);
        add(judgments, columns.get(0), columns.get(count - 2), columns.get(count - 1), lines);
      }
    }
    if (judgments.isEmpty()) {
      throw new IOException(
          "%s holds no judgment: give BEIR's query-id, corpus-id, score or TREC's query, iteration, document, grade."
              .formatted(lines.source()));
    }
    return new Qrels(lines.source(), judgments);
  }

  private static void requireColumns(int count, LineReader lines) throws IOException {
    if (count != 3 && count != 4) {
      throw lines.error(count + " columns instead of 3 (BEIR) or 4 (TREC)");
    }
  }

  private static void add(
      Map<String, Judgments> judgments,
      String query,
      String document,
      String grade,
      LineReader lines)
      throws IOException {
    if (query.isEmpty() || document.isEmpty()) {
      throw lines.error(
          "the id of the %s is empty".formatted(query.isEmpty() ? "query" : "document"));
    }
    Judgments ofQuery = judgments.computeIfAbsent(query, id -> new Judgments());
    try {
      if (ofQuery.grades.putIfAbsent(document, Integer.valueOf(grade)) != null) {
        throw lines.error("document %s was judged for query %s before".formatted(document, query));
      }
    } catch (NumberFormatException e) {
      throw lines.error("the grade is no whole number: " + grade);
    }
    ofQuery.lines.add(lines.line());
  }

  /** The queries that have a judgment, in the order of the file. */
  public Set<String> queries() {
    return Collections.unmodifiableSet(judgments.keySet());
  }

  /** The judged documents of a query with their grades, in the order of the file; may be empty. */
  public Map<String, Integer> grades(String query) {
    Judgments ofQuery = judgments.get(query);
    return ofQuery == null ? Map.of() : Collections.unmodifiableMap(ofQuery.grades);
  }

  /** The lines of a query's judgments, in the order of {@link #grades}. */
  List<Long> lines(String query) {
    return judgments.get(query).lines;
  }

  /** The file that they were read from, for messages. */
  String source() {
    return source;
  }

  private static final class Judgments {
    private final Map<String, Integer> grades = new LinkedHashMap<>();
    private final List<Long> lines = new ArrayList<>();
  }
}
