/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.m3lex.Checkout;
import io.m3lex.SparseVector;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.model.GoldenText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SampleCollectionTest {

  private static final Path FROZEN =
      Path.of("src", "test", "resources", "io", "m3lex", "evaluation", "sample-figures.tsv");

  private static final List<Measure> FROZEN_MEASURES =
      Stream.of("nDCG@10", "RR", "AP", "R@100", "P@5", "Judged@10").map(Measure::parse).toList();

  @Test
  void everyRecordIsADocumentAndEveryJudgmentNamesOne() throws IOException {
    TestCollection sample = TestCollection.sample();
    Set<String> ids = new HashSet<>();
    try (CorpusReader documents = sample.documents()) {
      while (documents.hasNext()) {
        CorpusEntry entry = documents.next();
        assertTrue(
            entry instanceof CorpusEntry.Document document && ids.add(document.id()),
            entry.toString());
      }
    }
    assertTrue(ids.size() >= 150);
    assertTrue(sample.judgedQueries().size() >= 25);
    for (String query : sample.qrels().queries()) {
      assertTrue(ids.containsAll(sample.qrels().grades(query).keySet()), query);
    }
  }

  /**
   * A change of tokenizer, head, rounding, scorer, analyzer or measure shows here at once, as a
   * figure. If it is meant, {@code mvn test -Dtest=SampleCollectionTest -Dm3lex.freeze=true} writes
   * the new figures, and the commit says why they changed.
   */
  @Test
  void figuresAreThoseThatWereFrozen(@TempDir Path scratch) throws IOException {
    Map<String, Double> figures = new TreeMap<>();
    boolean sameArithmetic;
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      EvaluationSettings settings =
          new EvaluationSettings(
              FROZEN_MEASURES,
              1_000,
              true,
              List.of(),
              List.of(),
              List.of(),
              List.of(),
              IdenticalIds.AUTO,
              null,
              0,
              2,
              Map.of());
      CollectionResult result =
          new CollectionEvaluation(settings, new EvaluationListener() {})
              .evaluate(TestCollection.sample(), encoder, scratch);
      for (SystemResult system : result.systems()) {
        for (Measure measure : FROZEN_MEASURES) {
          figures.put(
              system.run().name() + "\t" + measure,
              system.values().get(measure).stream()
                  .mapToDouble(Double::doubleValue)
                  .average()
                  .orElseThrow());
        }
      }
      sameArithmetic = givesGoldenWeightsExactly(encoder);
    }
    if (Boolean.getBoolean("m3lex.freeze")) {
      Files.write(FROZEN, figures.entrySet().stream().map(SampleCollectionTest::line).toList());
    }
    Map<String, Double> frozen = new TreeMap<>();
    for (String line : Files.readAllLines(FROZEN)) {
      int value = line.lastIndexOf('\t');
      frozen.put(line.substring(0, value), Double.valueOf(line.substring(value + 1)));
    }
    assertEquals(frozen.keySet(), figures.keySet());
    List<String> changed = new ArrayList<>();
    figures.forEach(
        (what, figure) -> {
          // Other processors round the default model's weights otherwise, which may swap ranks.
          double tolerance = sameArithmetic || what.startsWith("BM25") ? 1e-6 : 0.01;
          if (Math.abs(figure - frozen.get(what)) > tolerance) {
            changed.add(
                "%s: %.6f instead of %.6f"
                    .formatted(what.replace('\t', ' '), figure, frozen.get(what)));
          }
        });
    assertTrue(
        changed.isEmpty(),
        """
        The sample collection is ranked otherwise than when its figures were frozen: %s.
        If only m3lex changed, it is the model, the tokenizer, the rounding of weights or the scorer; \
        if BM25 changed, the analyzer, Lucene or the reading of the collection; \
        if all changed in one measure, that measure. If it is meant, run \
        mvn test -Dtest=SampleCollectionTest -Dm3lex.freeze=true and commit %s with the reason.\
        """
            .formatted(String.join(", ", changed), FROZEN));
  }

  private static String line(Map.Entry<String, Double> figure) {
    return String.format(Locale.ROOT, "%s\t%.9f", figure.getKey(), figure.getValue());
  }

  private static boolean givesGoldenWeightsExactly(LexicalEncoder encoder) {
    for (GoldenText golden : encoder.model().manifest().golden().texts()) {
      SparseVector here = encoder.encode(golden.text(), golden.role()).vector();
      if (!here.toMap().equals(golden.weights())) {
        return false;
      }
    }
    return true;
  }

  /** The figures of the README's table for BM25. */
  @ParameterizedTest
  @CsvSource({"cranfield,0.342", "xquad-en,0.965"})
  void bm25IsTheBaselineThatTheFiguresAreComparedWith(String name, double expected)
      throws IOException {
    Path folder = Checkout.shared("data").resolve(name);
    assumeTrue(Files.isDirectory(folder), "the collection " + folder + " is not here");
    TestCollection collection = TestCollection.open(folder);
    try (CorpusReader documents = collection.documents();
        Ranker bm25 = new Bm25Ranker(documents, new EnglishAnalyzer())) {
      assertEquals(expected, Evaluation.mean(bm25, collection, Measure.NDCG_10), 0.0005);
    }
  }
}
