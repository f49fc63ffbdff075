package io.m3lex.evaluation;

import io.m3lex.corpus.LineReader;
import io.m3lex.corpus.LineReader.Line;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a system answered to some queries: a ranking for each. In files as TREC has it, {@code query
 * Q0 document rank score system}. Immutable.
 */
public final class Run {

  private static final int COLUMNS = 6;

  /**
   * trec_eval's order: by falling score, compared as float; documents of equal score by falling id,
   * compared byte by byte. The rank in the file does not count.
   */
  private static final Comparator<ScoredDocument> TREC_ORDER =
      Comparator.comparingDouble((ScoredDocument document) -> (float) document.score())
          .thenComparing(ScoredDocument::id, Run::compareCodePoints)
          .reversed();

  private final String name;
  private final Map<String, List<ScoredDocument>> rankings;

  /**
   * Makes a run of rankings, which are kept in their order.
   *
   * @param name what the system is called
   * @param rankings by query, the best document first
   * @throws IllegalArgumentException if a ranking holds a document twice
   */
  public Run(String name, Map<String, List<ScoredDocument>> rankings) {
    this.name = name;
    Map<String, List<ScoredDocument>> copy = new LinkedHashMap<>();
    rankings.forEach(
        (query, ranking) -> {
          Set<String> ids = new HashSet<>();
          for (ScoredDocument document : ranking) {
            if (!ids.add(document.id())) {
              throw new IllegalArgumentException(
                  "document %s is twice in the ranking of query %s"
                      .formatted(document.id(), query));
            }
          }
          copy.put(query, List.copyOf(ranking));
        });
    this.rankings = Collections.unmodifiableMap(copy);
  }

  /**
   * Reads a TREC run file and ranks as trec_eval does: by falling score, compared as float, and
   * among equal scores by falling document id; the ranks in the file do not count.
   *
   * @throws IOException if the file cannot be read or a line is none of a run; the message names it
   */
  public static Run read(Path file) throws IOException {
    try (LineReader lines = LineReader.open(file)) {
      return read(lines);
    }
  }

  /**
   * Like {@link #read(Path)}, from a stream.
   *
   * @param source its name in messages
   */
  public static Run read(InputStream stream, String source) throws IOException {
    try (LineReader lines = LineReader.open(stream, source)) {
      return read(lines);
    }
  }

  private static Run read(LineReader lines) throws IOException {
    String name = "";
    Map<String, Map<String, ScoredDocument>> found = new LinkedHashMap<>();
    for (Line line = lines.next(); line != Line.END; line = lines.next()) {
      if (line.fault() != null) {
        throw lines.error(line.fault());
      }
      if (line.text().isBlank()) {
        continue;
      }
      String[] columns = line.text().strip().split("\\s+");
      if (columns.length != COLUMNS) {
        throw lines.error(
            columns.length + " columns instead of 6: query Q0 document rank score system");
      }
      ScoredDocument document = new ScoredDocument(columns[2], score(columns[4], lines));
      if (found
              .computeIfAbsent(columns[0], query -> new LinkedHashMap<>())
              .putIfAbsent(document.id(), document)
          != null) {
        throw lines.error(
            "document %s is twice in the ranking of query %s".formatted(columns[2], columns[0]));
      }
      name = columns[5];
    }
    Map<String, List<ScoredDocument>> rankings = new LinkedHashMap<>();
    found.forEach(
        (query, documents) -> {
          List<ScoredDocument> ranking = new ArrayList<>(documents.values());
          ranking.sort(TREC_ORDER);
          rankings.put(query, ranking);
        });
    return new Run(name, rankings);
  }

  private static double score(String column, LineReader lines) throws IOException {
    try {
      double score = Double.parseDouble(column);
      if (Double.isFinite(score)) {
        return score;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same message.
    }
    throw lines.error("the score is no finite number: " + column);
  }

  /** The order of the strings' UTF-8 bytes, which {@link String#compareTo} is not. */
  private static int compareCodePoints(String a, String b) {
    int i = 0;
    while (i < a.length() && i < b.length()) {
      int pointA = a.codePointAt(i);
      int pointB = b.codePointAt(i);
      if (pointA != pointB) {
        return Integer.compare(pointA, pointB);
      }
      i += Character.charCount(pointA);
    }
    return Integer.compare(a.length(), b.length());
  }

  /**
   * Writes a TREC run file. Scores are written so that they read back the same.
   *
   * @param out not closed
   * @throws IOException if it cannot be written, or if the name or an id is empty or holds white
   *     space, which the format cannot hold
   */
  public void write(Writer out) throws IOException {
    String system = requireColumn("system name", name);
    for (Map.Entry<String, List<ScoredDocument>> entry : rankings.entrySet()) {
      String query = requireColumn("query id", entry.getKey());
      int rank = 0;
      for (ScoredDocument document : entry.getValue()) {
        rank++;
        out.write(
            String.join(
                " ",
                query,
                "Q0",
                requireColumn("document id", document.id()),
                Integer.toString(rank),
                Double.toString(document.score()),
                system));
        out.write('\n');
      }
    }
    out.flush();
  }

  private static String requireColumn(String what, String value) throws IOException {
    if (value.isEmpty() || value.chars().anyMatch(Character::isWhitespace)) {
      throw new IOException(
          "A TREC run file cannot hold the %s \"%s\": it is empty or has white space."
              .formatted(what, value));
    }
    return value;
  }

  /** What the system is called; empty if the file held no line. */
  public String name() {
    return name;
  }

  /** The queries that have a ranking, in the order of the file. */
  public Set<String> queries() {
    return rankings.keySet();
  }

  /** The ranking of a query, the best document first; empty if there is none. */
  public List<ScoredDocument> ranking(String query) {
    return rankings.getOrDefault(query, List.of());
  }
}
