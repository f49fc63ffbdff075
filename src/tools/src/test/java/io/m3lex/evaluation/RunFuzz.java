/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Fuzzes {@link Run} and {@link Qrels}: an input is a file, which each of them reads. */
public final class RunFuzz {

  private static final String SOURCE = "x";

  private RunFuzz() {}

  /** Whether an input is one of both; fails if it is neither read whole nor refused. */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    boolean run = readRun(input);
    return readQrels(input) || run;
  }

  private static boolean readRun(byte[] input) throws IOException {
    Run run;
    try {
      run = Run.read(new ByteArrayInputStream(input), SOURCE);
    } catch (IOException e) {
      requireMessage(e);
      return false;
    }
    StringWriter written = new StringWriter();
    try {
      run.write(written);
    } catch (IOException e) {
      // Names may hold what is white space to Java alone.
      return true;
    }
    Run again = read(written.toString());
    require(again.queries().equals(run.queries()), run.queries());
    for (String query : run.queries()) {
      List<ScoredDocument> ranking = run.ranking(query);
      require(!ranking.isEmpty() && again.ranking(query).equals(ranking), ranking);
      for (int i = 0; i < ranking.size(); i++) {
        require(Double.isFinite(ranking.get(i).score()), ranking);
        require(
            i == 0 || (float) ranking.get(i).score() <= (float) ranking.get(i - 1).score(),
            ranking);
      }
    }
    return true;
  }

  private static Run read(String content) throws IOException {
    return Run.read(new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)), SOURCE);
  }

  private static boolean readQrels(byte[] input) {
    try {
      Qrels qrels = Qrels.read(new ByteArrayInputStream(input), SOURCE);
      for (String query : qrels.queries()) {
        require(!query.isEmpty() && !qrels.grades(query).isEmpty(), query);
        require(qrels.lines(query).size() == qrels.grades(query).size(), query);
      }
      return true;
    } catch (IOException e) {
      requireMessage(e);
      return false;
    }
  }

  private static void requireMessage(IOException e) {
    require(e.getMessage() != null && e.getMessage().startsWith(SOURCE), e);
  }

  private static void require(boolean condition, Object what) {
    if (!condition) {
      throw new AssertionError("wrong: " + what);
    }
  }
}
