/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.corpus.LineReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What a system answered to some queries: a ranking for each. In files as TREC has it, {@code query
 * Q0 document rank score system}. Immutable.
 */
public final class Run {

  private final String name;
  private final String source;
  private final Map<String, Ranking> rankings;

  /**
   * Makes a run of rankings. It ranks as {@link #read(Path)} does, so that the same figures come
   * out as from its file: the order that the lists have decides nothing.
   *
   * @param name what the system is called
   * @param rankings by query
   * @throws IllegalArgumentException if a ranking holds a document twice, or a score that is not
   *     finite
   */
  public Run(String name, Map<String, List<ScoredDocument>> rankings) {
    this(name, "", ranked(rankings));
  }

  private Run(String name, String source, Map<String, Ranking> rankings) {
    this.name = name;
    this.source = source;
    this.rankings = Collections.unmodifiableMap(rankings);
  }

  private static Map<String, Ranking> ranked(Map<String, List<ScoredDocument>> rankings) {
    Map<String, Ranking> ranked = new LinkedHashMap<>();
    RankingBuilder builder = new RankingBuilder();
    rankings.forEach(
        (query, ranking) -> {
          builder.clear();
          for (ScoredDocument document : ranking) {
            if (!Double.isFinite(document.score())) {
              throw new IllegalArgumentException(
                  "document %s has the score %s for query %s, which is not finite"
                      .formatted(document.id(), document.score(), query));
            }
            builder.add(document.id(), document.score(), 0, 0);
          }
          OptionalInt repeated = builder.firstRepeated();
          if (repeated.isPresent()) {
            throw new IllegalArgumentException(
                "document %s is twice in the ranking of query %s"
                    .formatted(builder.id(repeated.getAsInt()), query));
          }
          ranked.put(query, builder.build());
        });
    return ranked;
  }

  /**
   * Reads a TREC run file, which may be packed by gzip, and ranks as trec_eval does: by falling
   * score, compared as float, and among equal scores by falling document id, compared byte by byte;
   * the ranks in the file do not count, {@link RunCheck} tells where they contradict the scores.
   * The lines of a query need not stand together. A document takes about 24 bytes of memory and its
   * id.
   *
   * @throws IOException if the file cannot be read, holds no ranking, a line is none of a run, or a
   *     document is twice in the ranking of a query; the message names file and line
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
    RunBlocks blocks = new RunBlocks(lines);
    Map<String, Ranking> rankings = new LinkedHashMap<>();
    Map<String, RankingBuilder> apart = new HashMap<>(); // queries that came back
    while (blocks.next()) {
      String query = blocks.query();
      if (!rankings.containsKey(query)) {
        rankings.put(query, blocks.ranking());
      } else {
        Ranking before = rankings.replace(query, null);
        RankingBuilder builder = apart.computeIfAbsent(query, id -> new RankingBuilder());
        if (before != null) {
          before.addTo(builder);
        }
        builder.addAll(blocks.documents());
      }
    }
    for (Map.Entry<String, RankingBuilder> query : apart.entrySet()) {
      rankings.put(query.getKey(), blocks.ranking(query.getKey(), query.getValue()));
      query.setValue(null);
    }
    return new Run(blocks.system(), lines.source(), rankings);
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
    for (Map.Entry<String, Ranking> entry : rankings.entrySet()) {
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
    if (value.isEmpty() || value.chars().anyMatch(Run::endsColumn)) {
      throw new IOException(
          "A TREC run file cannot hold the %s \"%s\": it is empty, or has white space or a control character."
              .formatted(what, value));
    }
    return value;
  }

  /**
   * This run by another name, without the documents that have the id of their query.
   *
   * @param queries whose rankings lose such a document
   */
  Run with(String otherName, Set<String> queries) {
    if (otherName.equals(name) && queries.isEmpty()) {
      return this;
    }
    Map<String, Ranking> others = new LinkedHashMap<>(rankings);
    for (String query : queries) {
      others.computeIfPresent(query, (id, ranking) -> ranking.without(id));
    }
    return new Run(otherName, source, others);
  }

  /** Whether some reader of such files would take a character for the end of a column. */
  private static boolean endsColumn(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c);
  }

  /** What the system is called. */
  public String name() {
    return name;
  }

  /** The file that the run was read from, for messages; empty if it was not. */
  String source() {
    return source;
  }

  /** The queries that have a ranking, in the order of the file. */
  public Set<String> queries() {
    return rankings.keySet();
  }

  /** The ranking of a query, the best document first; empty if there is none. */
  public List<ScoredDocument> ranking(String query) {
    Ranking ranking = rankings.get(query);
    return ranking == null ? List.of() : ranking;
  }

  /** Like {@link #ranking}; null if there is none. */
  Ranking rankingOrNull(String query) {
    return rankings.get(query);
  }
}
