/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.corpus.LineReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Measures how well a ranker, or a run of one, answers the judged queries of a collection. */
public final class Evaluation {

  private Evaluation() {}

  /** Asks a ranker all judged queries of a collection, in the order of the queries. */
  public static Run run(Ranker ranker, TestCollection collection, int depth) throws IOException {
    Map<String, List<ScoredDocument>> rankings = new LinkedHashMap<>();
    for (Map.Entry<String, String> query : collection.judgedQueries().entrySet()) {
      rankings.put(query.getKey(), ranker.rank(query.getValue(), depth));
    }
    return new Run(ranker.name(), rankings);
  }

  /**
   * The measure of every judged query, in the order of the judgments; a query that finds nothing
   * has 0, and queries of the run without judgments do not count.
   */
  public static Map<String, Double> perQuery(Run run, Qrels qrels, Measure measure) {
    return perQuery(run, qrels, List.of(measure), Queries.JUDGED).get(measure);
  }

  /**
   * Several measures at once, which takes little more time than one.
   *
   * @param queries which queries get a value
   * @return by measure, in the order of the list, the value of each query in the order of the
   *     judgments
   */
  public static Map<Measure, Map<String, Double>> perQuery(
      Run run, Qrels qrels, List<Measure> measures, Queries queries) {
    MeasuredQueries measured = new MeasuredQueries(qrels, measures);
    run.queries().forEach(query -> measured.add(query, run.ranking(query)));
    return measured.values(queries);
  }

  /**
   * Measures the run in a file, read as {@link Run#read(Path)} reads it, without keeping it: memory
   * is needed for the judgments and for one ranking. Only where the lines of a query do not stand
   * together the run is read a second time, and kept.
   *
   * @param queries which queries get a value
   * @param inCollection whether a document's id is one of the collection's, for the findings;
   *     {@code id -> true} if that is not known
   * @throws IOException if the file is no run, as {@link Run#read(Path)} says
   */
  public static MeasuredRun measure(
      Path runFile,
      Qrels qrels,
      List<Measure> measures,
      Queries queries,
      Predicate<String> inCollection)
      throws IOException {
    try (LineReader lines = LineReader.open(runFile)) {
      RunBlocks blocks = new RunBlocks(lines);
      MeasuredQueries measured = new MeasuredQueries(qrels, measures);
      RunCheck check = new RunCheck(lines.source(), qrels, inCollection);
      Set<String> seen = new HashSet<>();
      boolean together = true;
      while (together && blocks.next()) {
        together = seen.add(blocks.query());
        if (together) {
          Ranking ranking = blocks.ranking();
          measured.add(blocks.query(), ranking);
          check.add(blocks.query(), ranking);
        }
      }
      if (together) {
        return new MeasuredRun(blocks.system(), measured.values(queries), check.findings());
      }
      if (LineReader.isReadOnce(runFile)) {
        throw lines.error(
            "this is a pipe, and the lines of query %s do not stand together, for which it would be read again. Write it to a file first."
                .formatted(blocks.query()));
      }
    }
    Run run = Run.read(runFile);
    return new MeasuredRun(
        run.name(), perQuery(run, qrels, measures, queries), RunCheck.of(run, qrels, inCollection));
  }

  /** The mean over all judged queries, also over those that the run does not answer. */
  public static double mean(Run run, Qrels qrels, Measure measure) {
    return mean(perQuery(run, qrels, measure));
  }

  /** The mean of values by query; 0 if there is none. */
  public static double mean(Map<String, Double> perQuery) {
    return perQuery.values().stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /** The mean over all judged queries of a collection. */
  public static double mean(Ranker ranker, TestCollection collection, Measure measure)
      throws IOException {
    return mean(run(ranker, collection, measure.depth()), collection.qrels(), measure);
  }
}
