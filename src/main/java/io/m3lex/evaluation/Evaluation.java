package io.m3lex.evaluation;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures how well a ranker answers the judged queries of a collection. */
public final class Evaluation {

  private Evaluation() {}

  /**
   * The measure of every judged query, in the order of the queries; a query that finds nothing has
   * 0.
   */
  public static Map<String, Double> perQuery(
      Ranker ranker, BeirCollection collection, Measure measure) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    for (Map.Entry<String, String> query : collection.judgedQueries().entrySet()) {
      values.put(
          query.getKey(),
          measure.of(
              ranker.rank(query.getValue(), measure.depth()),
              collection.qrels().grades(query.getKey())));
    }
    return values;
  }

  /** The mean over all judged queries. */
  public static double mean(Ranker ranker, BeirCollection collection, Measure measure)
      throws IOException {
    return perQuery(ranker, collection, measure).values().stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(0);
  }
}
