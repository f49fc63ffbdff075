package io.m3lex.evaluation;

import io.m3lex.corpus.LineReader;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Relevance judgments: which document answers which query, and how well. Immutable. */
public final class Qrels {

  private final Map<String, Map<String, Integer>> grades;

  private Qrels(Map<String, Map<String, Integer>> grades) {
    this.grades = grades;
  }

  /**
   * Reads BEIR's {@code query-id<TAB>corpus-id<TAB>score} with its header line, or TREC's {@code
   * query iteration document grade}. BEIR's ids may hold spaces.
   *
   * @throws IOException if the file cannot be read or a line is none of these; the message names it
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
    Map<String, Map<String, Integer>> grades = new LinkedHashMap<>();
    boolean beir = false;
    for (Line line = lines.next(); line != Line.END; line = lines.next()) {
      if (line.fault() != null) {
        throw lines.error(line.fault());
      }
      if (lines.line() == 1 && line.text().startsWith("query-id\t")) {
        beir = true;
      } else if (!line.text().isBlank()) {
        add(grades, beir ? line.text().split("\t", -1) : line.text().strip().split("\\s+"), lines);
      }
    }
    return new Qrels(grades);
  }

  private static void add(
      Map<String, Map<String, Integer>> grades, String[] columns, LineReader lines)
      throws IOException {
    if (columns.length != 3 && columns.length != 4) {
      throw lines.error(columns.length + " columns instead of 3 (BEIR) or 4 (TREC)");
    }
    String query = columns[0].strip();
    String document = columns[columns.length - 2].strip();
    String grade = columns[columns.length - 1].strip();
    try {
      Integer before =
          grades
              .computeIfAbsent(query, id -> new LinkedHashMap<>())
              .putIfAbsent(document, Integer.valueOf(grade));
      if (before != null) {
        throw lines.error("document %s was judged for query %s before".formatted(document, query));
      }
    } catch (NumberFormatException e) {
      throw lines.error("the grade is no whole number: " + grade);
    }
  }

  /** The queries that have a judgment, in the order of the file. */
  public Set<String> queries() {
    return Collections.unmodifiableSet(grades.keySet());
  }

  /** The judged documents of a query with their grades; empty if there are none. */
  public Map<String, Integer> grades(String query) {
    return Collections.unmodifiableMap(grades.getOrDefault(query, Map.of()));
  }
}
