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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.TermQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
          String text = i == 7 ? "" : text(1 + random.nextInt(12));
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
    Map<String, Double> expected = new OracleFusion(search).fuse(all);
    assertEquals(Math.min(k, expected.size()), hits.size(), which);
    List<Double> best =
        expected.values().stream().sorted(Comparator.reverseOrder()).limit(k).toList();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < hits.size(); i++) {
      HybridHit hit = hits.get(i);
      assertEquals(i + 1, hit.hit().rank());
      assertTrue(seen.add(hit.hit().id()), which);
      assertEquals(texts.get(hit.hit().id()), hit.hit().text());
      double tolerance =
          search.fusion() == Fusion.RECIPROCAL_RANK ? 2e-3 : 2e-3 * Math.abs(best.get(i)) + 2e-3;
      assertEquals(best.get(i), hit.hit().score(), tolerance, which);
      assertEquals(expected.get(hit.hit().id()), hit.hit().score(), tolerance, which);
      all.get(hit.hit().id())
          .forEach(
              (signal, score) ->
                  assertEquals(
                      score,
                      hit.scores().getOrDefault(signal, Float.NaN),
                      2e-3 * Math.abs(score) + 1e-5,
                      signal + " " + which));
    }
  }

  /** Fusion written down once more, over all documents. */
  private record OracleFusion(HybridSearch search) {

    Map<String, Double> fuse(Map<String, Map<Signal, Double>> all) {
      Map<String, Double> fused = new LinkedHashMap<>();
      all.keySet().forEach(id -> fused.put(id, 0.0));
      search.weights().forEach((signal, weight) -> add(signal, weight, all, fused));
      return fused;
    }

    private void add(
        Signal signal,
        double weight,
        Map<String, Map<Signal, Double>> all,
        Map<String, Double> fused) {
      List<String> ids =
          new ArrayList<>(
              all.keySet().stream().filter(id -> all.get(id).containsKey(signal)).toList());
      ids.sort(Comparator.comparingDouble(id -> -all.get(id).get(signal)));
      double total = search.weights().values().stream().mapToDouble(w -> w).sum();
      for (int i = 0; i < ids.size(); i++) {
        double score = all.get(ids.get(i)).get(signal);
        double greatest = all.get(ids.getFirst()).get(signal);
        double least = all.get(ids.getLast()).get(signal);
        double added =
            switch (search.fusion()) {
              case RECIPROCAL_RANK -> weight / (60 + i + 1);
              case WEIGHTED_SUM -> weight * score;
              case NORMALIZED_SUM ->
                  weight / total * (greatest > least ? (score - least) / (greatest - least) : 1);
            };
        fused.merge(ids.get(i), added, Double::sum);
      }
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
                      SparseVector.of(Map.of("x", 1f)),
                      encoder.fingerprint()));
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
