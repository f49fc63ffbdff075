/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.evaluation.ExplainedHit.Contribution;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Results of evaluations that never took place, for tests of reports. */
final class MadeUpResults {

  static final List<Measure> MEASURES =
      List.of("nDCG@10", "RR@10", "AP", "R@100", "P@10", "Success@1").stream()
          .map(Measure::parse)
          .toList();

  /** What must come out as text wherever it stands. */
  static final List<String> HOSTILE =
      List.of(
          "<img src=x onerror=\"window.hacked=1\">",
          "\"><script>window.hacked=2</script>",
          "</script><script>window.hacked=3</script>",
          "<!--<script>window.hacked=4",
          "' onmouseover='window.hacked=5",
          "</details></main></style><style>body{display:none}",
          "javascript:window.hacked=6",
          "https://example.org/picture.png",
          "\u202Eright to left\u202C",
          "nul \0, bell \u0007, half a pair \uD83D and \u2028",
          "&lt;b&gt; &amp; ${7*7} {{7*7}}",
          "a".repeat(400));

  private static final int DOCUMENTS = 150;

  private MadeUpResults() {}

  /**
   * Results on a collection with a text for each query.
   *
   * @param systems the first is the weakest
   * @param queryIds by number
   * @param texts of queries and documents, by number
   */
  static CollectionResult collection(
      String name,
      String language,
      int queries,
      List<String> systems,
      IntFunction<String> queryIds,
      IntFunction<String> texts,
      Random random)
      throws IOException {
    List<String> ids = IntStream.range(0, queries).mapToObj(queryIds).toList();
    Map<String, String> queryTexts = new LinkedHashMap<>();
    StringBuilder qrels = new StringBuilder("query-id\tcorpus-id\tscore\n");
    for (int q = 0; q < queries; q++) {
      queryTexts.put(ids.get(q), texts.apply(q));
      for (int d : sample(random, 1 + random.nextInt(5))) {
        qrels.append("q%d\td%d\t%d%n".formatted(q, d, random.nextInt(3)));
      }
      qrels.append("q%d\td%d\t1%n".formatted(q, DOCUMENTS + 1));
    }
    // Ids that the format cannot hold are put in afterwards.
    Qrels judged = renamed(qrels.toString(), ids);
    List<SystemResult> results = new ArrayList<>();
    for (int s = 0; s < systems.size(); s++) {
      results.add(system(systems.get(s), s, ids, judged, random));
    }
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("command", "m3lex eval data/" + name + " --report report.html");
    settings.put("m3lex", "0.1.0-SNAPSHOT");
    settings.put("Lucene", "10.5.1");
    settings.put("machine", "Linux amd64, 2 processors, JDK 21");
    settings.put("depth", "100");
    return new CollectionResult(
        name,
        language,
        DOCUMENTS,
        ids,
        queryTexts,
        judged,
        MEASURES,
        results,
        examples(ids, queryTexts, judged, results, texts),
        settings);
  }

  private static List<Integer> sample(Random random, int count) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, DOCUMENTS).boxed().toList());
    Collections.shuffle(all, random);
    return all.subList(0, count);
  }

  private static Qrels renamed(String qrels, List<String> ids) throws IOException {
    Qrels read =
        Qrels.read(new ByteArrayInputStream(qrels.getBytes(StandardCharsets.UTF_8)), "made up");
    if (IntStream.range(0, ids.size()).allMatch(q -> ids.get(q).equals("q" + q))) {
      return read;
    }
    StringBuilder renamed = new StringBuilder("query-id\tcorpus-id\tscore\n");
    for (int q = 0; q < ids.size(); q++) {
      String id = ids.get(q);
      read.grades("q" + q)
          .forEach(
              (document, grade) ->
                  renamed
                      .append(id)
                      .append('\t')
                      .append(document)
                      .append('\t')
                      .append(grade)
                      .append('\n'));
    }
    return Qrels.read(
        new ByteArrayInputStream(renamed.toString().getBytes(StandardCharsets.UTF_8)), "made up");
  }

  private static SystemResult system(
      String name, int skill, List<String> queries, Qrels qrels, Random random) {
    Map<String, List<ScoredDocument>> rankings = new LinkedHashMap<>();
    List<Double> milliseconds = new ArrayList<>();
    for (String query : queries) {
      Map<String, Integer> grades = qrels.grades(query);
      List<ScoredDocument> ranking = new ArrayList<>();
      for (int d = 0; d < DOCUMENTS; d++) {
        double score =
            random.nextGaussian() + grades.getOrDefault("d" + d, 0) * (1.2 + 0.1 * skill);
        ranking.add(new ScoredDocument("d" + d, score));
      }
      ranking.sort((a, b) -> Double.compare(b.score(), a.score()));
      rankings.put(query, ranking.subList(0, 100));
      milliseconds.add(Math.exp(random.nextGaussian() * 0.4 + skill * 0.7));
    }
    Run run = new Run(name, rankings);
    Map<Measure, List<Double>> values = new LinkedHashMap<>();
    for (Measure measure : MEASURES) {
      values.put(measure, List.copyOf(Evaluation.perQuery(run, qrels, measure).values()));
    }
    return new SystemResult(
        run, values, milliseconds, Map.of("kind", "made up", "fingerprint", "0123456789ab"));
  }

  private static List<ExampleQuery> examples(
      List<String> ids,
      Map<String, String> texts,
      Qrels qrels,
      List<SystemResult> systems,
      IntFunction<String> documents) {
    List<ExampleQuery> examples = new ArrayList<>();
    for (int q = 0; q < Math.min(6, ids.size()); q++) {
      String query = ids.get(q);
      Map<String, List<ExplainedHit>> hits = new LinkedHashMap<>();
      Map<String, List<ExplainedHit>> missed = new LinkedHashMap<>();
      for (SystemResult system : systems) {
        List<ExplainedHit> best = new ArrayList<>();
        for (ScoredDocument document : system.run().ranking(query).subList(0, 4)) {
          best.add(
              hit(best.size() + 1, document, qrels.grades(query), texts.get(query), documents));
        }
        hits.put(system.run().name(), best);
        missed.put(
            system.run().name(),
            List.of(
                hit(
                    0,
                    new ScoredDocument("d" + (DOCUMENTS + 1), 0),
                    qrels.grades(query),
                    texts.get(query),
                    documents)));
      }
      examples.add(new ExampleQuery(query, texts.get(query), hits, missed));
    }
    return examples;
  }

  private static ExplainedHit hit(
      int rank,
      ScoredDocument document,
      Map<String, Integer> grades,
      String query,
      IntFunction<String> documents) {
    List<Contribution> contributions = new ArrayList<>();
    double rest = document.score();
    for (String token : query.split("(?<=\\P{IsAlphabetic})|(?<=\\p{IsHan})")) {
      if (rest > 0.01) {
        contributions.add(new Contribution(token.strip(), rest * 0.6));
        rest *= 0.4;
      }
    }
    Integer grade = grades.get(document.id());
    int number = Integer.parseInt(document.id().substring(1));
    return new ExplainedHit(
        rank,
        document.id(),
        document.score(),
        grade == null ? OptionalInt.empty() : OptionalInt.of(grade),
        (documents.apply(number) + " ").repeat(1 + number % 12).strip(),
        contributions);
  }

  /** Runs that were read from files: no documents, no texts, no times, no examples. */
  static CollectionResult runsOnly(CollectionResult result) {
    return new CollectionResult(
        result.collection(),
        "und",
        0,
        result.queries(),
        Map.of(),
        result.qrels(),
        result.measures(),
        result.systems().stream()
            .map(system -> new SystemResult(system.run(), system.values(), List.of(), Map.of()))
            .toList(),
        List.of(),
        result.settings());
  }

  /** A sentence of words that read like some. */
  static String english(int number) {
    List<String> words =
        List.of(
            "boundary layer",
            "a slender body",
            "heat transfer",
            "at hypersonic speed",
            "pressure",
            "of the wing",
            "in a shock tube",
            "how does",
            "flutter",
            "between plates",
            "the index",
            "measured",
            "with small",
            "amplitude",
            "from the nozzle",
            "what are");
    Random random = new Random(number);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 5 + number % 4; i++) {
      text.append(i == 0 ? "" : " ").append(words.get(random.nextInt(words.size())));
    }
    return text.toString();
  }
}
