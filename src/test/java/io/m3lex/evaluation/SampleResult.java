package io.m3lex.evaluation;

import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.evaluation.ExplainedHit.Contribution;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.store.ByteBuffersDirectory;

/** A real evaluation: the default model and BM25 on a collection, with the extreme queries. */
final class SampleResult {

  private static final int DEPTH = 100;
  private static final int EXAMPLES = 4;

  private SampleResult() {}

  static CollectionResult of(BeirCollection collection) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    try (CorpusReader documents = collection.documents()) {
      while (documents.hasNext()) {
        if (documents.next() instanceof CorpusEntry.Document document) {
          texts.put(document.id(), (document.title() + ". " + document.text()).strip());
        }
      }
    }
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        CorpusReader documents = collection.documents();
        CorpusReader again = collection.documents();
        Ranker bm25 = new Bm25Ranker(again, new EnglishAnalyzer());
        SparseIndexWriter writer =
            SparseIndexWriter.open(new ByteBuffersDirectory(), "memory", encoder, 0)) {
      IndexRanker.index(documents, encoder, writer, 2, done -> {});
      try (SparseIndex index = writer.openIndex();
          Ranker m3lex = new IndexRanker(index)) {
        List<SystemResult> systems =
            List.of(
                system(bm25, collection, Map.of("k1", "0.9", "b", "0.4")),
                system(m3lex, collection, Map.of("fingerprint", encoder.fingerprint().toString())));
        List<String> queries = List.copyOf(collection.qrels().queries());
        List<Double> baseline = systems.get(0).values().get(Measure.NDCG_10);
        List<Double> own = systems.get(1).values().get(Measure.NDCG_10);
        List<Integer> order =
            Stream.iterate(0, i -> i + 1)
                .limit(queries.size())
                .sorted(Comparator.comparing(i -> own.get(i) - baseline.get(i)))
                .toList();
        List<ExampleQuery> examples = new ArrayList<>();
        for (int i : order) {
          int place = order.indexOf(i);
          if (place < EXAMPLES || place >= order.size() - EXAMPLES) {
            examples.add(example(queries.get(i), collection, systems, index, encoder, texts));
          }
        }
        return new CollectionResult(
            collection.name(),
            "en",
            texts.size(),
            queries,
            collection.judgedQueries(),
            collection.qrels(),
            MadeUpResults.MEASURES,
            systems,
            examples,
            Map.of("depth", "100", "machine", System.getProperty("os.arch")));
      }
    }
  }

  private static SystemResult system(
      Ranker ranker, BeirCollection collection, Map<String, String> settings) throws IOException {
    Map<String, List<ScoredDocument>> rankings = new LinkedHashMap<>();
    List<Double> milliseconds = new ArrayList<>();
    Map<String, String> texts = collection.judgedQueries();
    for (String query : collection.qrels().queries()) {
      long start = System.nanoTime();
      rankings.put(query, ranker.rank(texts.get(query), DEPTH));
      milliseconds.add((System.nanoTime() - start) / 1e6);
    }
    Run run = new Run(ranker.name(), rankings);
    Map<Measure, List<Double>> values = new LinkedHashMap<>();
    for (Measure measure : MadeUpResults.MEASURES) {
      values.put(
          measure, List.copyOf(Evaluation.perQuery(run, collection.qrels(), measure).values()));
    }
    return new SystemResult(run, values, milliseconds, settings);
  }

  private static ExampleQuery example(
      String query,
      BeirCollection collection,
      List<SystemResult> systems,
      SparseIndex index,
      LexicalEncoder encoder,
      Map<String, String> texts)
      throws IOException {
    String text = collection.judgedQueries().get(query);
    SparseVector vector = encoder.encode(List.of(text), TextRole.QUERY).getFirst().vector();
    Map<String, Integer> grades = collection.qrels().grades(query);
    Map<String, List<ExplainedHit>> hits = new LinkedHashMap<>();
    Map<String, List<ExplainedHit>> missed = new LinkedHashMap<>();
    for (SystemResult system : systems) {
      List<ExplainedHit> best = new ArrayList<>();
      List<ExplainedHit> others = new ArrayList<>();
      List<ScoredDocument> ranking = system.run().ranking(query);
      for (int i = 0; i < ranking.size(); i++) {
        ScoredDocument document = ranking.get(i);
        if (i < 5 || grades.getOrDefault(document.id(), 0) > 0) {
          List<Contribution> contributions = new ArrayList<>();
          if (system.run().name().equals("m3lex")) {
            index
                .explain(vector, document.id())
                .forEach(
                    part ->
                        contributions.add(
                            new Contribution(encoder.describe(part.feature()), part.score())));
          }
          Integer grade = grades.get(document.id());
          (i < 5 ? best : others)
              .add(
                  new ExplainedHit(
                      i + 1,
                      document.id(),
                      document.score(),
                      grade == null ? OptionalInt.empty() : OptionalInt.of(grade),
                      texts.get(document.id()),
                      contributions));
        }
      }
      hits.put(system.run().name(), best);
      missed.put(system.run().name(), others.stream().limit(3).toList());
    }
    return new ExampleQuery(query, text, hits, missed);
  }
}
