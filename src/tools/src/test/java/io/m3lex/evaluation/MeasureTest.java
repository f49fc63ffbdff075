/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MeasureTest {

  @Test
  void byHand() {
    Map<String, Integer> grades = Map.of("a", 3, "b", 1, "c", 0, "d", 2);
    List<ScoredDocument> ranking = ranking("x", "b", "c", "a");
    double gain = 1 / log2(3) + 3 / log2(5);
    double best = 3 / log2(2) + 2 / log2(3) + 1 / log2(4);
    assertEquals(gain / best, Measure.NDCG_10.of(ranking, grades), 1e-12);
    assertEquals(0.5, new Measure(Measure.Kind.RECIPROCAL_RANK, 10).of(ranking, grades));
    assertEquals(0, new Measure(Measure.Kind.RECIPROCAL_RANK, 1).of(ranking, grades));
    assertEquals(2.0 / 3, new Measure(Measure.Kind.RECALL, 10).of(ranking, grades));
    assertEquals(1.0 / 3, new Measure(Measure.Kind.RECALL, 2).of(ranking, grades));
    assertEquals(0, Measure.NDCG_10.of(List.of(), grades));
    assertEquals(0, Measure.NDCG_10.of(ranking, Map.of("c", 0)));
    assertEquals("nDCG@10", Measure.NDCG_10.toString());
    assertThrows(IllegalArgumentException.class, () -> new Measure(Measure.Kind.RECALL, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new Measure(Measure.Kind.PRECISION, Measure.WHOLE));
  }

  @Test
  void ndcgIsOneForTheBestOrderAndNoOtherIsBetter() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Map<String, Integer> grades = new HashMap<>();
      for (int d = 0; d < 5; d++) {
        grades.put("" + d, random.nextInt(4));
      }
      grades.put("relevant", 1);
      List<String> ids = new ArrayList<>(grades.keySet());
      Measure measure = new Measure(Measure.Kind.NDCG, 1 + random.nextInt(6));
      double best = 0;
      for (List<String> order : permutations(ids)) {
        double value = measure.of(ranking(order.toArray(String[]::new)), grades);
        best = Math.max(best, value);
      }
      assertEquals(1, best, 1e-12, "seed " + seed);
    }
  }

  @Test
  void theOthersByHand() {
    Map<String, Integer> grades = Map.of("a", 3, "b", 1, "c", 0, "d", 2, "e", -1);
    List<ScoredDocument> ranking = ranking("x", "b", "c", "a", "e");
    assertEquals((1.0 / 2 + 2.0 / 4) / 3, Measure.parse("AP").of(ranking, grades), 1e-12);
    assertEquals(1.0 / 2 / 3, Measure.parse("AP@3").of(ranking, grades), 1e-12);
    assertEquals(2.0 / 5, Measure.parse("P@5").of(ranking, grades));
    assertEquals(2.0 / 10, Measure.parse("P@10").of(ranking, grades));
    assertEquals(0, Measure.parse("Success@1").of(ranking, grades));
    assertEquals(1, Measure.parse("Success@4").of(ranking, grades));
    assertEquals(0.5, Measure.parse("RR").of(ranking, grades));
    assertEquals(4.0 / 5, Measure.parse("Judged@10").of(ranking, grades));
    assertEquals(1.0 / 2, Measure.parse("Judged@2").of(ranking, grades));
    assertEquals(1, Measure.parse("Judged@2").of(ranking("c", "c2"), Map.of("c", 0, "c2", -1)));
    assertEquals(0, Measure.parse("Judged@2").of(List.of(), grades));
    double gain = 1 / log2(3) + 3 / log2(5);
    double best = 3 + 2 / log2(3) + 1 / log2(4);
    assertEquals(gain / best, Measure.parse("nDCG").of(ranking, grades), 1e-12);
  }

  /** The oracle goes from the definitions, document by document, with its own sorting. */
  @Test
  void equalsASlowOracleOnRandomRankings() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      int documents = 1 + random.nextInt(30);
      Map<String, Integer> grades = new HashMap<>();
      for (int d = 0; d < documents; d++) {
        if (random.nextInt(3) == 0) {
          grades.put("" + d, random.nextInt(5) - 1);
        }
      }
      List<String> ids = new ArrayList<>();
      for (int d = 0; d < documents; d++) {
        ids.add("" + d);
      }
      Collections.shuffle(ids, random);
      ids = ids.subList(0, random.nextInt(documents + 1));
      int k = 1 + random.nextInt(35);
      for (String label : List.of("nDCG", "RR", "R", "P", "Success", "AP", "Judged")) {
        assertEquals(
            oracle(label, k, ids, grades),
            Measure.parse(label + "@" + k).of(ranking(ids.toArray(String[]::new)), grades),
            1e-12,
            label + "@" + k + ", seed " + seed);
      }
    }
  }

  private static double oracle(String label, int k, List<String> ids, Map<String, Integer> grades) {
    if (label.equals("Judged")) {
      List<String> top = ids.subList(0, Math.min(k, ids.size()));
      List<String> judged = new ArrayList<>(top);
      judged.retainAll(grades.keySet());
      return top.isEmpty() ? 0 : 1.0 * judged.size() / top.size();
    }
    int[] ideal = grades.values().stream().mapToInt(g -> g).filter(g -> g > 0).sorted().toArray();
    if (ideal.length == 0) {
      return 0;
    }
    double dcg = 0;
    double idealDcg = 0;
    double precisions = 0;
    int hits = 0;
    int firstHit = 0;
    for (int rank = 1; rank <= k; rank++) {
      if (rank <= ideal.length) {
        idealDcg += ideal[ideal.length - rank] / log2(1 + rank);
      }
      Integer grade = rank <= ids.size() ? grades.get(ids.get(rank - 1)) : null;
      if (grade != null && grade > 0) {
        hits++;
        dcg += grade / log2(1 + rank);
        precisions += 1.0 * hits / rank;
        firstHit = firstHit == 0 ? rank : firstHit;
      }
    }
    return switch (label) {
      case "nDCG" -> dcg / idealDcg;
      case "RR" -> firstHit == 0 ? 0 : 1.0 / firstHit;
      case "R" -> 1.0 * hits / ideal.length;
      case "P" -> 1.0 * hits / k;
      case "Success" -> hits > 0 ? 1 : 0;
      case "AP" -> precisions / ideal.length;
      default -> throw new AssertionError(label);
    };
  }

  @Test
  void namesAreReadBackAndWrongOnesRefused() {
    for (String name :
        List.of(
            "nDCG@10",
            "nDCG",
            "RR@10",
            "RR",
            "R@100",
            "P@5",
            "Success@1",
            "AP",
            "AP@1000",
            "Judged@10")) {
      assertEquals(name, Measure.parse(name).toString());
    }
    for (String name :
        List.of("R", "Judged", "ndcg@10", "R@", "R@0", "R@-1", "P@1x", "R@9999999999", "")) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Measure.parse(name), name);
      assertTrue(e.getMessage().contains("\"" + name + "\""), e.getMessage());
    }
  }

  private static List<List<String>> permutations(List<String> ids) {
    if (ids.isEmpty()) {
      return List.of(List.of());
    }
    List<List<String>> all = new ArrayList<>();
    for (String first : ids) {
      List<String> rest = new ArrayList<>(ids);
      rest.remove(first);
      for (List<String> tail : permutations(rest)) {
        List<String> order = new ArrayList<>(Collections.singleton(first));
        order.addAll(tail);
        all.add(order);
      }
    }
    return all;
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  private static List<ScoredDocument> ranking(String... ids) {
    List<ScoredDocument> ranking = new ArrayList<>();
    for (String id : ids) {
      ranking.add(new ScoredDocument(id, 100 - ranking.size()));
    }
    return ranking;
  }
}
