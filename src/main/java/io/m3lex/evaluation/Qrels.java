package io.m3lex.evaluation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
   * query iteration document grade}.
   *
   * @throws IOException if the file cannot be read or a line is none of these; the message names it
   */
  public static Qrels read(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return read(stream, file.toString());
    }
  }

  /**
   * Like {@link #read(Path)}, from a stream.
   *
   * @param source its name in messages
   */
  public static Qrels read(InputStream stream, String source) throws IOException {
    Map<String, Map<String, Integer>> grades = new LinkedHashMap<>();
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    int number = 0;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      number++;
      String[] columns = line.strip().split("\\s+");
      if (line.isBlank() || number == 1 && columns[0].equals("query-id")) {
        continue;
      }
      String place = source + ":" + number + ": ";
      if (columns.length != 3 && columns.length != 4) {
        throw new IOException(place + columns.length + " columns instead of 3 (BEIR) or 4 (TREC)");
      }
      int grade;
      try {
        grade = Integer.parseInt(columns[columns.length - 1]);
      } catch (NumberFormatException e) {
        throw new IOException(
            place + "the grade is no whole number: " + columns[columns.length - 1], e);
      }
      Integer before =
          grades
              .computeIfAbsent(columns[0], query -> new LinkedHashMap<>())
              .putIfAbsent(columns[columns.length - 2], grade);
      if (before != null) {
        throw new IOException(
            place
                + "document %s was judged for query %s before"
                    .formatted(columns[columns.length - 2], columns[0]));
      }
    }
    return new Qrels(grades);
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
