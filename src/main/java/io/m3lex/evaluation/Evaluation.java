package io.m3lex.evaluation;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    Map<String, Double> values = new LinkedHashMap<>();
    for (String query : qrels.queries()) {
      values.put(query, measure.of(run.ranking(query), qrels.grades(query)));
    }
    return values;
  }

  /** The mean over all judged queries, also over those that the run does not answer. */
  public static double mean(Run run, Qrels qrels, Measure measure) {
    return perQuery(run, qrels, measure).values().stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(0);
  }

  /** The mean over all judged queries of a collection. */
  public static double mean(Ranker ranker, TestCollection collection, Measure measure)
      throws IOException {
    return mean(run(ranker, collection, measure.depth()), collection.qrels(), measure);
  }
}
