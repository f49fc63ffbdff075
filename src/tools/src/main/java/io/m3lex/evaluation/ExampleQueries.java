/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.SparseVector;
import io.m3lex.evaluation.ExplainedHit.Contribution;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Chooses the queries in which a system is worst and best, compared with another, and tells why:
 * what each found, and which tokens made it match.
 */
final class ExampleQueries {

  private static final int SHOWN_HITS = 5;
  private static final int SHOWN_RELEVANT = 3;

  private final TestCollection collection;
  private final SystemResult baseline;
  private final SystemResult system;

  /**
   * Compares two systems.
   *
   * @param system the same as the baseline if there is no other; then values are compared, not
   *     differences
   */
  ExampleQueries(TestCollection collection, SystemResult baseline, SystemResult system) {
    this.collection = collection;
    this.baseline = baseline;
    this.system = system;
  }

  /** The examples, the worst first. */
  List<ExampleQuery> of(
      EvaluationSettings settings,
      Bm25Ranker bm25,
      IndexRanker ranker,
      Map<String, SparseVector> vectors)
      throws IOException {
    Map<String, String> texts = collection.judgedQueries();
    List<ExampleQuery> examples = new ArrayList<>();
    for (String id : chosen(settings)) {
      Map<String, List<ExplainedHit>> hits = new LinkedHashMap<>();
      Map<String, List<ExplainedHit>> relevant = new LinkedHashMap<>();
      if (bm25 != null) {
        Explanations<String> told =
            new Explanations<>(bm25, ranker, texts.get(id), baseline.run().ranking(id), id);
        hits.put(baseline.run().name(), told.hits());
        relevant.put(baseline.run().name(), told.relevant());
      }
      Explanations<SparseVector> told =
          new Explanations<>(ranker, ranker, vectors.get(id), system.run().ranking(id), id);
      hits.put(system.run().name(), told.hits());
      relevant.put(system.run().name(), told.relevant());
      examples.add(new ExampleQuery(id, texts.get(id), hits, relevant));
    }
    return examples;
  }

  private Set<String> chosen(EvaluationSettings settings) {
    Measure measure = settings.measures().getFirst();
    List<String> ids = List.copyOf(collection.qrels().queries());
    List<Double> values = system.values().get(measure);
    List<Double> others = baseline.values().get(measure);
    Set<String> askable = collection.judgedQueries().keySet();
    List<Integer> rising =
        IntStream.range(0, ids.size())
            .filter(i -> askable.contains(ids.get(i)))
            .boxed()
            .sorted(
                Comparator.comparingDouble(
                    i -> system == baseline ? values.get(i) : values.get(i) - others.get(i)))
            .toList();
    Set<String> chosen = new LinkedHashSet<>();
    int each = Math.min(settings.examples(), rising.size());
    rising.subList(0, each).forEach(i -> chosen.add(ids.get(i)));
    rising.subList(rising.size() - each, rising.size()).forEach(i -> chosen.add(ids.get(i)));
    return chosen;
  }

  /** What one system found for one query. */
  private final class Explanations<Q> {
    private final LuceneRanker<Q> ranker;
    private final IndexRanker texts;
    private final Q query;
    private final List<ScoredDocument> ranking;
    private final Map<String, Integer> grades;

    Explanations(
        LuceneRanker<Q> ranker,
        IndexRanker texts,
        Q query,
        List<ScoredDocument> ranking,
        String id) {
      this.ranker = ranker;
      this.texts = texts;
      this.query = query;
      this.ranking = ranking;
      grades = collection.qrels().grades(id);
    }

    List<ExplainedHit> hits() throws IOException {
      List<ExplainedHit> hits = new ArrayList<>();
      for (int i = 0; i < Math.min(SHOWN_HITS, ranking.size()); i++) {
        hits.add(hit(ranking.get(i).id(), i + 1));
      }
      return hits;
    }

    /** The best judged of the relevant documents that are not among the hits. */
    List<ExplainedHit> relevant() throws IOException {
      List<String> best =
          grades.entrySet().stream()
              .filter(grade -> grade.getValue() > 0)
              .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
              .map(Map.Entry::getKey)
              .toList();
      List<ExplainedHit> relevant = new ArrayList<>();
      for (String document : best) {
        int rank = rank(document);
        if ((rank == 0 || rank > SHOWN_HITS)
            && relevant.size() < SHOWN_RELEVANT
            && texts.contains(document)) {
          relevant.add(hit(document, rank));
        }
      }
      return relevant;
    }

    private int rank(String document) {
      for (int i = 0; i < ranking.size(); i++) {
        if (ranking.get(i).id().equals(document)) {
          return i + 1;
        }
      }
      return 0;
    }

    private ExplainedHit hit(String document, int rank) throws IOException {
      List<Contribution> contributions = ranker.contributions(query, document);
      Integer grade = grades.get(document);
      return new ExplainedHit(
          rank,
          document,
          rank > 0
              ? ranking.get(rank - 1).score()
              : contributions.stream().mapToDouble(Contribution::score).sum(),
          grade == null ? OptionalInt.empty() : OptionalInt.of(grade),
          texts.text(document),
          contributions);
    }
  }
}
