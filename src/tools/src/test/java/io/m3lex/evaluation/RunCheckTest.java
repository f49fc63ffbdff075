/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCheckTest {

  private static final String QRELS = "q1 0 d1 1\nq1 0 gone 1\nq2 0 d1 1\nq3 0 d2 0\n";

  private static final String RUN =
      """
      q1 Q0 d2 2 3.5 x
      q1 Q0 d1 1 2.5 x
      q9 Q0 d2 1 1.5 x
      q8 Q0 d7 1 1.5 x
      q8 Q0 d8 2 1.5 x
      """;

  @Test
  void everythingDoubtfulIsCountedWithItsFirstPlace(@TempDir Path folder) throws IOException {
    List<RunCheck.Finding> expected =
        List.of(
            new RunCheck.Finding(
                RunCheck.Kind.RANK_CONTRADICTS_SCORE,
                1,
                "run:2: 1 ranks contradict the scores, first that of document d1; the scores decide, as with trec_eval"),
            new RunCheck.Finding(
                RunCheck.Kind.QUERY_WITHOUT_JUDGMENT,
                2,
                "run:3: 2 queries of the run have no judgment and do not count, first q9"),
            new RunCheck.Finding(
                RunCheck.Kind.QUERY_WITHOUT_RANKING,
                2,
                "qrels:3: 2 judged queries have no ranking in run, first q2"),
            new RunCheck.Finding(
                RunCheck.Kind.UNKNOWN_DOCUMENT_IN_RUN,
                2,
                "run:4: 2 documents of the run are not in the collection, first d7"),
            new RunCheck.Finding(
                RunCheck.Kind.UNKNOWN_DOCUMENT_IN_QRELS,
                1,
                "qrels:2: 1 judged documents are not in the collection, first gone"));
    Qrels qrels = qrels(QRELS);
    Set<String> known = Set.of("d1", "d2");
    assertEquals(expected, RunCheck.of(run(RUN), qrels, known::contains));
    assertEquals(expected.subList(0, 3), RunCheck.of(run(RUN), qrels));

    List<Measure> measures = List.of(Measure.NDCG_10, Measure.parse("R@10"));
    for (String text : List.of(RUN, RUN + "q1 Q0 d5 3 1 x\n")) {
      Path file = Files.writeString(folder.resolve("a.run"), text);
      MeasuredRun measured =
          Evaluation.measure(file, qrels, measures, Queries.JUDGED, known::contains);
      Run run = Run.read(file);
      assertEquals("x", measured.name());
      assertEquals(RunCheck.of(run, qrels, known::contains), measured.findings());
      assertEquals(Evaluation.perQuery(run, qrels, measures, Queries.JUDGED), measured.values());
      assertEquals(
          Map.of("q1", 0.5, "q2", 0.0, "q3", 0.0), measured.values().get(measures.getLast()));
    }
  }

  /** Ranks of the documents a, b, c …, which have falling scores, and the first doubtful line. */
  @ParameterizedTest
  @CsvSource({
    "1 2 3 4,0,0",
    "0 1 2 3,0,0",
    "1 1 1 1,0,0",
    "4 3 2 1,3,2",
    "1 3 2 4,1,3",
    "2 1 3 4,1,2",
    "9 1 2 10,2,2",
    "-1 0 2 1,1,4",
  })
  void ranksThatContradictScores(String ranks, int count, int line) throws IOException {
    String[] rank = ranks.split(" ");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rank.length; i++) {
      text.append("q1 Q0 %s %s %d x\n".formatted((char) ('a' + i), rank[i], 10 - i));
    }
    List<RunCheck.Finding> findings = RunCheck.of(run(text.toString()), qrels("q1 0 a 1\n"));
    if (count == 0) {
      assertEquals(List.of(), findings);
    } else {
      assertEquals(
          new RunCheck.Finding(
              RunCheck.Kind.RANK_CONTRADICTS_SCORE,
              count,
              "run:%d: %d ranks contradict the scores, first that of document %s; the scores decide, as with trec_eval"
                  .formatted(line, count, (char) ('a' + line - 1))),
          findings.getFirst());
    }
  }

  @Test
  void ranksAmongEqualScoresAreNoContradiction() throws IOException {
    Run run = run("q1 Q0 a 1 2 x\nq1 Q0 b 2 2 x\nq1 Q0 c 3 2.00000000001 x\nq1 Q0 d 4 1 x\n");
    assertEquals(List.of(), RunCheck.of(run, qrels("q1 0 a 1\n")));
  }

  @Test
  void aRunThatWasMadeHasNothingToContradict() throws IOException {
    Run run =
        new Run(
            "m3lex", Map.of("q1", List.of(new ScoredDocument("a", 1), new ScoredDocument("b", 2))));
    assertEquals(List.of(), RunCheck.of(run, qrels("q1 0 a 1\n")));
    assertEquals(
        "m3lex: 1 documents of the run are not in the collection, first b",
        RunCheck.of(run, qrels("q1 0 a 1\n"), "a"::equals).getFirst().message());
  }

  private static Run run(String text) throws IOException {
    return Run.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "run");
  }

  private static Qrels qrels(String text) throws IOException {
    return Qrels.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "qrels");
  }
}
