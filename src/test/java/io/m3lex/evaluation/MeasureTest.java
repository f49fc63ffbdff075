package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
  }

  @Test
  void ndcgIsOneForTheBestOrderAndNoOtherIsBetter() {
    long seed = System.nanoTime();
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
