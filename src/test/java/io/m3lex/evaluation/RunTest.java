package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.corpus.CorpusReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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
    "q1 Q0 d2 2 high bm25,no finite number: high",
    "q1 Q0 d2 2 NaN bm25,no finite number: NaN",
    "q1 Q0 d1 2 0.4 bm25,document d1 is twice in the ranking of query q1"
  })
  void badLinesAreNamed(String line, String reason) {
    IOException e =
        assertThrows(IOException.class, () -> read("q1 Q0 d1 1 0.5 bm25\n" + line + "\n"));
    assertTrue(e.getMessage().startsWith("test:2: "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
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
