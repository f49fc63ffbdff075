/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.corpus.CorpusReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunTest {

  @Test
  void ranksByScoreThenByFallingIdAndNotByTheRankColumn() throws IOException {
    Run run =
        read(
            """
            q1 Q0 d9 1 0.5 bm25
            q1 Q0 d10 2 0.5 bm25
            q2\tQ0\td1\t1\t-3e2\tbm25
            q1 Q0 d1 3 2 bm25
            """);
    assertEquals("bm25", run.name());
    assertEquals(List.of("d1", "d9", "d10"), ids(run, "q1"));
    assertEquals(-300, run.ranking("q2").getFirst().score());
    assertEquals(List.of(), run.ranking("q3"));
  }

  @Test
  void scoresThatAreOneFloatAreATieAndIdsAreComparedAsBytes() throws IOException {
    assertEquals(List.of("b", "a"), ids(read("q Q0 a 1 1.00000000001 x\nq Q0 b 2 1 x\n"), "q"));
    // U+FF5E has greater chars, U+1F600 greater UTF-8 bytes.
    assertEquals(
        List.of("\uD83D\uDE00", "\uFF5E"),
        ids(read("q Q0 \uFF5E 1 1 x\nq Q0 \uD83D\uDE00 2 1 x\n"), "q"));
  }

  @ParameterizedTest
  @CsvSource({
    "q1 Q0 d2 2 0.4,5 columns",
    "q1 Q0 d2 2 0.4 my run,7 columns",
    "q1 Q0 d2 2 high bm25,the score is no finite number: high",
    "q1 Q0 d2 2 NaN bm25,the score is no finite number: NaN",
    "q1 Q0 d2 2 -Infinity bm25,the score is no finite number: -Infinity",
    "q1 Q0 d2 2 1e999 bm25,the score is no finite number: 1e999",
    "q1 Q0 d2 2 1f bm25,the score is no finite number: 1f",
    "q1 Q0 d2 2 1.2.3 bm25,the score is no finite number: 1.2.3",
    "q1 Q0 d2 first 0.4 bm25,the rank is no whole number: first",
    "q1 Q0 d2 0.4 2 bm25,the rank is no whole number: 0.4",
    "q1 Q0 d2 - 2 bm25,the rank is no whole number: -",
    "q1 Q0 d1 2 0.4 bm25,document d1 is twice in the ranking of query q1"
  })
  void badLinesAreNamed(String line, String reason) {
    IOException e =
        assertThrows(IOException.class, () -> read("q1 Q0 d1 1 0.5 bm25\n" + line + "\n"));
    assertTrue(e.getMessage().startsWith("test:2: "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  /** Against sorting by an own comparator, wherever the lines of a query stand. */
  @Test
  void ranksAreRightWhereverTheLinesOfAQueryStand() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      Map<String, List<ScoredDocument>> expected = new LinkedHashMap<>();
      List<String> lines = new ArrayList<>();
      for (int q = 0; q < 5; q++) {
        List<ScoredDocument> documents = new ArrayList<>();
        for (int d = random.nextInt(80); d >= 0; d--) {
          double score = random.nextInt(3) == 0 ? random.nextInt(5) - 2 : random.nextGaussian();
          documents.add(new ScoredDocument("d" + d, score));
          lines.add("q%d Q0 d%d 1 %s x".formatted(q, d, score));
        }
        documents.sort(
            Comparator.comparing((ScoredDocument document) -> (float) document.score())
                .thenComparing(ScoredDocument::id)
                .reversed());
        expected.put("q" + q, documents);
      }
      if (round % 2 == 1) {
        Collections.shuffle(lines, random);
      }
      Run run = read(String.join("\n", lines));
      assertEquals(expected.keySet(), Set.copyOf(run.queries()), "seed " + seed);
      for (String query : expected.keySet()) {
        assertEquals(expected.get(query), run.ranking(query), query + ", seed " + seed);
      }
      Map<String, List<ScoredDocument>> shuffled = new LinkedHashMap<>();
      expected.forEach(
          (query, documents) -> {
            List<ScoredDocument> copy = new ArrayList<>(documents);
            Collections.shuffle(copy, random);
            shuffled.put(query, copy);
          });
      Run made = new Run("x", shuffled);
      expected.keySet().forEach(q -> assertEquals(run.ranking(q), made.ranking(q)));
    }
  }

  @Test
  void aDocumentThatIsTwiceIsNamedByItsLineAlsoWhereTheQueryCameBack() {
    String run = "q1 Q0 d1 1 3 x\nq1 Q0 d2 2 2 x\nq2 Q0 d1 1 1 x\nq1 Q0 d3 3 1 x\n";
    IOException e = assertThrows(IOException.class, () -> read(run + "q1 Q0 d1 4 9 x\n"));
    assertEquals("test:5: document d1 is twice in the ranking of query q1", e.getMessage());
  }

  @Test
  void gzipIsUnpackedAndAFileWithoutARankingIsRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("q Q0 d 1 1 x\n".getBytes(StandardCharsets.UTF_8));
    }
    Run run = Run.read(new ByteArrayInputStream(bytes.toByteArray()), "test");
    assertEquals(List.of("d"), ids(run, "q"));
    for (String text : List.of("", "\n\n \t\n")) {
      IOException e = assertThrows(IOException.class, () -> read(text));
      assertTrue(e.getMessage().startsWith("test holds no ranking"), e.getMessage());
    }
  }

  @Test
  void idsMayHoldAnySpaceThatIsNoneInC() throws IOException {
    assertEquals(List.of("a\u00A0b\u3000c"), ids(read("q Q0 a\u00A0b\u3000c 1 1 x\n"), "q"));
  }

  @Test
  void rankingsThatAreNoneAreRefused() {
    for (double score : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      List<ScoredDocument> ranking = List.of(new ScoredDocument("d", score));
      assertThrows(IllegalArgumentException.class, () -> new Run("x", Map.of("q", ranking)));
    }
    ScoredDocument document = new ScoredDocument("d", 1);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Run("x", Map.of("q", List.of(document, document))));
    assertEquals("document d is twice in the ranking of query q", e.getMessage());
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    List<ScoredDocument> ranking =
        List.of(new ScoredDocument("d2", 1 / 3.0), new ScoredDocument("d1", 0.1f));
    StringWriter out = new StringWriter();
    new Run("m3lex", Map.of("q", ranking)).write(out);
    assertTrue(out.toString().startsWith("q Q0 d2 1 0.3333333333333333 m3lex\n"), out.toString());
    Run read = read(out.toString());
    assertEquals(ranking, read.ranking("q"));
    assertEquals("m3lex", read.name());
  }

  @Test
  void refusesToWriteWhatTheFormatCannotHold() {
    Run run = new Run("m3lex", Map.of("q", List.of(new ScoredDocument("my file.txt", 1))));
    IOException e = assertThrows(IOException.class, () -> run.write(new StringWriter()));
    assertTrue(e.getMessage().contains("\"my file.txt\""), e.getMessage());
  }

  @Test
  void queriesWithoutAnAnswerCountAndQueriesWithoutJudgmentsDoNot() throws IOException {
    Qrels qrels = qrels("q1 0 d1 1\nq2 0 d1 1\n");
    Run run = read("q1 Q0 d1 1 1 x\nq9 Q0 d1 1 1 x\n");
    assertEquals(0.5, Evaluation.mean(run, qrels, Measure.NDCG_10));
    assertEquals(
        Map.of("q1", 1.0, "q2", 0.0), Evaluation.perQuery(run, qrels, Measure.parse("R@5")));
    List<Measure> measures = List.of(Measure.NDCG_10, Measure.parse("P@2"));
    assertEquals(
        Map.of(measures.getFirst(), Map.of("q1", 1.0), measures.getLast(), Map.of("q1", 0.5)),
        Evaluation.perQuery(run, qrels, measures, Queries.ANSWERED));
  }

  @Test
  void bm25KeepsTheLaterOfTwoDocumentsOfOneId() throws IOException {
    String tsv = "1\tpump\n2\tpump pump\n1\tkettle\n";
    try (CorpusReader documents =
            CorpusReader.open(
                new ByteArrayInputStream(tsv.getBytes(StandardCharsets.UTF_8)), "test");
        Ranker bm25 = new Bm25Ranker(documents, new EnglishAnalyzer())) {
      assertEquals(List.of("2"), bm25.rank("pumps", 5).stream().map(ScoredDocument::id).toList());
      assertEquals(List.of("1"), bm25.rank("kettle", 5).stream().map(ScoredDocument::id).toList());
      assertEquals(List.of(), bm25.rank("the", 5));
    }
  }

  private static List<String> ids(Run run, String query) {
    return run.ranking(query).stream().map(ScoredDocument::id).toList();
  }

  private static Run read(String text) throws IOException {
    return Run.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "test");
  }

  private static Qrels qrels(String text) throws IOException {
    return Qrels.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "test");
  }
}
