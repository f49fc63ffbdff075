/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds the measures against trec_eval itself, on random runs with everything odd in them. */
class TrecEvalTest {

  /** Half of the last digit that trec_eval prints, and a little for sums in another order. */
  private static final double PRINTED = 0.5e-4 + 1e-9;

  private static final List<String> ODD_IDS =
      List.of("é", "字典", "\uD83D\uDE00", "\uFF5E", "a\u00A0b", "'", "\"x\"", "0", "-1", "d\u3000d");

  private static final List<String> SCORES =
      List.of("1", "1.00000000001", "0.5", "0.50", "5e-1", "-2", "-0", "0", "+3.25", "1e-20", "17");

  @TempDir private Path folder;

  private TrecEval trecEval;

  @BeforeEach
  void unpack() throws IOException {
    Optional<TrecEval> unpacked = TrecEval.unpack(folder);
    assumeTrue(unpacked.isPresent(), "there is no trec_eval for this platform");
    trecEval = unpacked.orElseThrow();
  }

  @Test
  void allMeasuresAreThoseOfTrecEvalToFourDecimals() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 25; round++) {
      Path qrelsFile = folder.resolve("qrels" + round);
      Path runFile = folder.resolve("run" + round);
      write(random, qrelsFile, runFile);
      int k = 1 + random.nextInt(30);
      Map<Measure, String> names = new LinkedHashMap<>();
      names.put(Measure.parse("nDCG@" + k), "ndcg_cut_" + k);
      names.put(Measure.parse("nDCG"), "ndcg");
      names.put(Measure.parse("RR"), "recip_rank");
      names.put(Measure.parse("AP"), "map");
      names.put(Measure.parse("AP@" + k), "map_cut_" + k);
      names.put(Measure.parse("R@" + k), "recall_" + k);
      names.put(Measure.parse("P@" + k), "P_" + k);
      names.put(Measure.parse("Success@" + k), "success_" + k);
      List<String> options = new ArrayList<>(List.of("-q"));
      for (String name : names.values()) {
        options.add("-m");
        options.add(name.replace("_" + k, "." + k));
      }
      String where = "round " + round + ", k " + k + ", seed " + seed;
      compare(qrelsFile, runFile, names, options, where);
      // trec_eval has no RR@k, but can look at the first k documents only.
      compare(
          qrelsFile,
          runFile,
          Map.of(Measure.parse("RR@" + k), "recip_rank"),
          List.of("-q", "-M", "" + k, "-m", "recip_rank"),
          where);
      compareCurves(qrelsFile, runFile, where);
    }
  }

  /** Read whole and in one go, over all judged queries and over those that are answered. */
  private void compare(
      Path qrelsFile, Path runFile, Map<Measure, String> names, List<String> options, String where)
      throws Exception {
    Qrels qrels = Qrels.read(qrelsFile);
    Run run = Run.read(runFile);
    List<Measure> measures = List.copyOf(names.keySet());
    for (Queries queries : Queries.values()) {
      List<String> all = new ArrayList<>(options);
      if (queries == Queries.JUDGED) {
        all.add("-c");
      }
      Map<String, Map<String, Double>> expected =
          trecEval.values(qrelsFile, runFile, all.toArray(String[]::new));
      Map<Measure, Map<String, Double>> actual = Evaluation.perQuery(run, qrels, measures, queries);
      assertEquals(
          actual,
          Evaluation.measure(runFile, qrels, measures, queries, id -> true).values(),
          where);
      for (Measure measure : measures) {
        String what = measure + ", " + queries + ", " + where;
        Map<String, Double> values = actual.get(measure);
        Map<String, Double> printed = expected.get(names.get(measure));
        double mean = printed.remove(TrecEval.MEAN);
        assertEquals(Queries.ANSWERED.of(run, qrels).size(), printed.size(), what);
        for (Map.Entry<String, Double> query : values.entrySet()) {
          assertEquals(
              printed.getOrDefault(query.getKey(), 0.0),
              query.getValue(),
              PRINTED,
              query.getKey() + ", " + what);
        }
        assertEquals(mean, Evaluation.mean(values), PRINTED, "mean, " + what);
      }
    }
  }

  private void compareCurves(Path qrelsFile, Path runFile, String where) throws Exception {
    Qrels qrels = Qrels.read(qrelsFile);
    Run run = Run.read(runFile);
    Map<String, Map<String, Double>> all =
        trecEval.values(qrelsFile, runFile, "-c", "-q", "-m", "iprec_at_recall");
    Map<String, Map<String, Double>> answered =
        trecEval.values(qrelsFile, runFile, "-m", "iprec_at_recall");
    List<Double> meanOfAll = InterpolatedPrecision.mean(run, qrels, Queries.JUDGED);
    List<Double> meanOfAnswered = InterpolatedPrecision.mean(run, qrels, Queries.ANSWERED);
    for (int point = 0; point < InterpolatedPrecision.POINTS; point++) {
      String name = "iprec_at_recall_%d.%d0".formatted(point / 10, point % 10);
      Map<String, Double> expected = all.get(name);
      assertEquals(expected.remove(TrecEval.MEAN), meanOfAll.get(point), PRINTED, where);
      assertEquals(
          answered.get(name).get(TrecEval.MEAN), meanOfAnswered.get(point), PRINTED, where);
      for (Map.Entry<String, Double> query : expected.entrySet()) {
        List<Double> curve =
            InterpolatedPrecision.of(run.ranking(query.getKey()), qrels.grades(query.getKey()));
        assertEquals(query.getValue(), curve.get(point), PRINTED, query.getKey() + ", " + where);
      }
    }
  }

  /** A run of few scores and its judgments; each may lack queries that the other has. */
  private static void write(Random random, Path qrelsFile, Path runFile) throws IOException {
    List<String> ids = new ArrayList<>(ODD_IDS);
    for (int d = 0; d < 50; d++) {
      ids.add("d" + d);
    }
    List<String> qrels = new ArrayList<>();
    List<String> run = new ArrayList<>();
    for (int q = 0; q < 12; q++) {
      String query = (q % 3 == 0 ? "问" : "q") + q;
      Collections.shuffle(ids, random);
      int judged = q == 0 || random.nextInt(6) > 0 ? 1 + random.nextInt(40) : 0;
      boolean noneIsRelevant = random.nextInt(8) == 0;
      // trec_eval gives up on grades below -1, and where a query has no other than -1.
      int leastGrade = 0;
      for (String document : ids.subList(0, judged)) {
        int grade = noneIsRelevant ? -random.nextInt(2) : random.nextInt(6) - 1;
        qrels.add("%s 0 %s\t%d".formatted(query, document, Math.max(leastGrade, grade)));
        leastGrade = -1;
      }
      Collections.shuffle(ids, random);
      int found = q == 0 || random.nextInt(6) > 0 ? 1 + random.nextInt(ids.size()) : 0;
      int different = 1 + random.nextInt(SCORES.size());
      int rank = 0;
      for (String document : ids.subList(0, found)) {
        String score = SCORES.get(random.nextInt(different));
        run.add("%s Q0 %s %d %s test".formatted(query, document, ++rank, score));
      }
    }
    if (random.nextBoolean()) {
      Collections.shuffle(run, random);
      Collections.shuffle(qrels, random);
    }
    Files.write(qrelsFile, qrels);
    Files.write(runFile, run);
  }
}
