/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.HybridText;
import io.m3lex.HybridWordEncoder;
import io.m3lex.ModelFingerprint;
import io.m3lex.PairScores;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.WordEncoder;
import io.m3lex.index.HybridSearch.Fusion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.TermQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every fused ranking is held against one that is computed from the texts alone. */
class HybridSearchTest {

  private static final IndexContents ALL = new IndexContents(true, true, "en");
  private static final String[] WORDS =
      "pump valve engine room lease rent tenant clause kettle scale acid filter drain water tax"
          .split(" ");

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @TempDir private Path folder;

  @Test
  void rankingsEqualThoseComputedFromTheTexts() throws IOException {
    HybridWordEncoder encoder = new HybridWordEncoder(true);
    for (int round = 0; round < 6; round++) {
      Path place = folder.resolve("idx" + round);
      Map<String, String> texts = new LinkedHashMap<>();
      try (SparseIndexWriter writer = SparseIndexWriter.open(place, encoder, 0, ALL)) {
        for (int i = 0; i < 150; i++) {
          String id = "d" + random.nextInt(120);
          // Its id in each, so that no two are alike but for the order of their words.
          String text = i == 7 ? "" : text(1 + random.nextInt(12)) + " " + id;
          // A later one replaces an earlier, and comes last.
          texts.remove(id);
          texts.put(id, text);
          writer.put(SparseDocument.of(id, text).with(new StringField("even", even(id), Store.NO)));
          if (random.nextInt(60) == 0) {
            writer.commit();
          }
        }
        writer.commit();
      }
      try (SparseIndex index = SparseIndex.open(place, encoder)) {
        assertEquals(ALL, index.contents());
        for (int i = 0; i < 60; i++) {
          HybridSearch search = search(texts.size());
          String query = text(1 + random.nextInt(4));
          int k = 1 + random.nextInt(20);
          boolean filtered = random.nextBoolean();
          assertRanking(index, encoder, texts, search, query, k, filtered);
        }
      }
    }
  }

  private HybridSearch search(int candidates) {
    Map<Signal, Double> weights = new EnumMap<>(Signal.class);
    while (weights.keySet().stream().allMatch(signal -> signal == Signal.TOKENS)) {
      for (Signal signal : Signal.values()) {
        if (random.nextBoolean()) {
          weights.put(signal, 0.1 + random.nextInt(20) / 10.0);
        }
      }
    }
    return new HybridSearch(
        weights, Fusion.values()[random.nextInt(Fusion.values().length)], candidates);
  }

  private void assertRanking(
      SparseIndex index,
      HybridWordEncoder encoder,
      Map<String, String> texts,
      HybridSearch search,
      String query,
      int k,
      boolean filtered)
      throws IOException {
    String which = search + ", query " + query + ", seed " + seed;
    List<HybridHit> hits =
        index.search(query, search, k, filtered ? new TermQuery(new Term("even", "true")) : null);
    Map<String, Double> bm25 = new HashMap<>();
    HybridSearch words =
        new HybridSearch(Map.of(Signal.BM25, 1.0), Fusion.WEIGHTED_SUM, texts.size());
    index
        .search(query, words, texts.size(), null)
        .forEach(hit -> bm25.put(hit.hit().id(), (double) hit.scores().get(Signal.BM25)));

    HybridText asked = encoder.encodeHybrid(List.of(query), TextRole.QUERY, true).getFirst();
    Map<String, Map<Signal, Double>> all = new LinkedHashMap<>();
    texts.forEach(
        (id, text) -> {
          if (filtered && !even(id).equals("true")) {
            return;
          }
          HybridText document =
              encoder.encodeHybrid(List.of(text), TextRole.DOCUMENT, true).getFirst();
          PairScores scores = PairScores.of(asked, document);
          Map<Signal, Double> own = new EnumMap<>(Signal.class);
          if (scores.sparse() > 0) {
            own.put(Signal.SPARSE, scores.sparse());
          }
          if (bm25.containsKey(id)) {
            own.put(Signal.BM25, bm25.get(id));
          }
          if (document.dense().length > 0) {
            own.put(Signal.DENSE, scores.dense());
            own.put(Signal.TOKENS, scores.tokens());
          }
          own.keySet().retainAll(search.weights().keySet());
          if (!own.keySet().equals(Set.of(Signal.TOKENS)) && !own.isEmpty()) {
            all.put(id, own);
          }
        });
    Map<String, Range> expected = new OracleFusion(search).fuse(all);
    assertEquals(Math.min(k, expected.size()), hits.size(), which);
    Map<String, Range> left = new HashMap<>(expected);
    for (int i = 0; i < hits.size(); i++) {
      HybridHit hit = hits.get(i);
      assertEquals(i + 1, hit.hit().rank());
      assertTrue(i == 0 || hits.get(i - 1).hit().score() >= hit.hit().score(), which);
      assertEquals(texts.get(hit.hit().id()), hit.hit().text());
      Range range = left.remove(hit.hit().id());
      assertTrue(
          range.low <= hit.hit().score() && hit.hit().score() <= range.high,
          hit + " " + range + " " + which);
      all.get(hit.hit().id())
          .forEach(
              (signal, score) ->
                  assertEquals(
                      score,
                      hit.scores().getOrDefault(signal, Float.NaN),
                      tolerance(signal, score),
                      signal + " " + which));
    }
    for (Range range : left.values()) {
      assertTrue(range.low <= hits.getLast().hit().score(), which);
    }
  }

  /**
   * How much a score can differ: sparse weights are rounded in the index, all others are floats.
   */
  private static double tolerance(Signal signal, double score) {
    return (signal == Signal.SPARSE ? 2e-3 : 1e-5) * Math.abs(score) + 1e-5;
  }

  /** Between which numbers a fused score is, because of the tolerance of the scores. */
  private record Range(double low, double high) {
    Range plus(double lowest, double highest) {
      return new Range(low + lowest, high + highest);
    }
  }

  /** Fusion written down once more, over all documents. */
  private record OracleFusion(HybridSearch search) {

    Map<String, Range> fuse(Map<String, Map<Signal, Double>> all) {
      Map<String, Range> fused = new LinkedHashMap<>();
      all.keySet().forEach(id -> fused.put(id, new Range(-1e-6, 1e-6)));
      search
          .weights()
          .forEach(
              (signal, weight) -> {
                Map<String, Double> own = new LinkedHashMap<>();
                all.forEach(
                    (id, scores) -> {
                      if (scores.containsKey(signal)) {
                        own.put(id, scores.get(signal));
                      }
                    });
                own.forEach(
                    (id, score) -> {
                      Range range = part(signal, weight, score, own.values());
                      fused.computeIfPresent(
                          id, (same, sum) -> sum.plus(range.low(), range.high()));
                    });
              });
      return fused;
    }

    private Range part(Signal signal, double weight, double score, Collection<Double> scores) {
      double off = tolerance(signal, score);
      if (search.fusion() == Fusion.RECIPROCAL_RANK) {
        long better = scores.stream().filter(other -> other > score + 2 * off).count();
        long asGood = scores.stream().filter(other -> other >= score - 2 * off).count();
        return new Range(weight / (60 + asGood), weight / (60 + better + 1));
      }
      if (search.fusion() == Fusion.WEIGHTED_SUM) {
        return new Range(weight * (score - off), weight * (score + off));
      }
      double greatest = Collections.max(scores);
      double least = Collections.min(scores);
      double total = search.weights().values().stream().mapToDouble(each -> each).sum();
      double extent = greatest - least;
      if (extent < 10 * tolerance(signal, greatest)) {
        // All but the same: what is made of the rest is rounding.
        return new Range(0, weight / total);
      }
      double slack = 4 * tolerance(signal, greatest) / extent;
      double share = (score - least) / extent;
      return new Range(weight / total * (share - slack), weight / total * (share + slack));
    }
  }

  @Test
  void anIndexKeepsWhatItHoldsAndTakesNothingElse() throws IOException {
    HybridWordEncoder encoder = new HybridWordEncoder(true);
    IndexContents dense = new IndexContents(true, false, "");
    Path place = folder.resolve("idx");
    try (SparseIndexWriter writer = SparseIndexWriter.open(place, encoder, 0, dense)) {
      writer.put(SparseDocument.of("a", "pump"));
      writer.commit();
    }
    // Opened as it is, it goes on as it was begun.
    try (SparseIndexWriter writer = SparseIndexWriter.open(place, encoder)) {
      assertEquals(dense, writer.contents());
      writer.put(SparseDocument.of("b", "pump room"));
      IllegalArgumentException lacking =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  writer.put(
                      SparseDocument.of("c", "x"),
                      SparseVector.of(Map.of("x", 1f)).from(encoder.fingerprint())));
      assertTrue(
          lacking.getMessage().contains("\"c\": the index holds dense"), lacking::getMessage);
      writer.commit();
    }
    IndexFormatException other =
        assertThrows(
            IndexFormatException.class, () -> SparseIndexWriter.open(place, encoder, 0, ALL));
    assertTrue(other.getMessage().contains("sparse vectors with dense, not"), other::getMessage);
    assertThrows(
        IllegalArgumentException.class, () -> SparseIndexWriter.open(place, new WordEncoder()));
    try (SparseIndex index = SparseIndex.open(place, encoder)) {
      assertEquals(List.of(Signal.SPARSE, Signal.DENSE), index.contents().signals());
      HybridSearch search = HybridSearch.of(Fusion.RECIPROCAL_RANK, index.contents().signals());
      assertEquals(2, index.search("pump", search, 10, null).size());
      IllegalArgumentException missing =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  index.search(
                      "pump",
                      HybridSearch.of(Fusion.RECIPROCAL_RANK, List.of(Signal.BM25)),
                      10,
                      null));
      assertTrue(missing.getMessage().contains("BM25"), missing::getMessage);
      assertThrows(IllegalArgumentException.class, () -> index.search("pump", search, 101, null));
      assertTrue(index.search("", search, 10, null).isEmpty());
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> SparseIndexWriter.open(folder.resolve("new"), new HybridWordEncoder(false), 0, ALL));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void anIndexThatWasReplacedByOneOfOtherContentsIsNotMovedOnTo(int segments) throws IOException {
    HybridWordEncoder encoder = new HybridWordEncoder(true);
    Path place = folder.resolve("idx");
    try (SparseIndexWriter writer =
        SparseIndexWriter.open(place, encoder, 0, new IndexContents(true, false, ""))) {
      writer.put(SparseDocument.of("a", "pump"));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(place, encoder)) {
      try (Stream<Path> files = Files.list(place)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      try (SparseIndexWriter writer = SparseIndexWriter.open(place, encoder, 0, ALL)) {
        writer.put(SparseDocument.of("b", "pump"));
        writer.put(SparseDocument.of("c", "pump"));
        // The same name of a segment, or another.
        for (int i = 0; i < segments; i++) {
          writer.commit();
          writer.put(SparseDocument.of("d" + i, "pump"));
        }
        writer.mergeToOneSegment();
        writer.commit();
      }
      IndexFormatException refused = assertThrows(IndexFormatException.class, index::refresh);
      assertTrue(refused.getMessage().contains("was replaced"), refused::getMessage);
      assertEquals("a", index.search("pump", 1).getFirst().id());
    }
  }

  @Test
  void searchesThatFindNothingAreRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> HybridSearch.of(Fusion.WEIGHTED_SUM, List.of(Signal.TOKENS)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new HybridSearch(Map.of(Signal.DENSE, 0.0), Fusion.WEIGHTED_SUM, 10));
    assertThrows(
        IllegalArgumentException.class,
        () -> new HybridSearch(Map.of(Signal.DENSE, 1.0), Fusion.WEIGHTED_SUM, 0));
  }

  @Test
  void vectorsMadeElsewhereAreSearchedWithVectors() throws IOException {
    Path place = folder.resolve("idx");
    ModelFingerprint declared = ModelFingerprint.declared("elsewhere");
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(place, declared)) {
      assertFalse(writer.contents().needsHybridEncoder());
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.openForVectors(place, declared)) {
      HybridSearch search = HybridSearch.of(Fusion.RECIPROCAL_RANK, List.of(Signal.SPARSE));
      assertThrows(IllegalStateException.class, () -> index.search("pump", search, 10, null));
    }
  }

  private static String even(String id) {
    return Boolean.toString(Integer.parseInt(id.substring(1)) % 2 == 0);
  }

  private String text(int words) {
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < words; i++) {
      chosen.add(WORDS[random.nextInt(WORDS.length)]);
    }
    return String.join(" ", chosen);
  }
}
