/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** By hand; {@link TrecEvalTest} holds it against trec_eval. */
class InterpolatedPrecisionTest {

  @Test
  void isTheGreatestPrecisionFromARecallOn() {
    Map<String, Integer> grades = Map.of("a", 2, "b", 1, "c", 1, "d", 1, "e", 0);
    List<ScoredDocument> ranking =
        List.of(
            new ScoredDocument("x", 5),
            new ScoredDocument("a", 4),
            new ScoredDocument("b", 3),
            new ScoredDocument("e", 2),
            new ScoredDocument("c", 1));
    // Precisions at the relevant ones: 1/2, 2/3, 3/5; the fourth is not found.
    double second = 2.0 / 3;
    double third = 3.0 / 5;
    assertEquals(
        List.of(second, second, second, second, second, second, third, third, 0.0, 0.0, 0.0),
        InterpolatedPrecision.of(ranking, grades));
    assertEquals(
        Collections.nCopies(11, 0.0), InterpolatedPrecision.of(ranking, Map.of("a", 0, "x", -1)));
    assertEquals(Collections.nCopies(11, 0.0), InterpolatedPrecision.of(List.of(), grades));
  }

  @Test
  void meanIsOverAllJudgedQueriesOrThoseThatAreAnswered() throws IOException {
    Qrels qrels = Qrels.read(stream("q1 0 d1 1\nq2 0 d1 1\n"), "qrels");
    Run run = Run.read(stream("q1 Q0 d1 1 1 x\nq9 Q0 d1 1 1 x\n"), "run");
    assertEquals(
        Collections.nCopies(11, 0.5), InterpolatedPrecision.mean(run, qrels, Queries.JUDGED));
    assertEquals(
        Collections.nCopies(11, 1.0), InterpolatedPrecision.mean(run, qrels, Queries.ANSWERED));
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
