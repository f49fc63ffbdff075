/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.index.Hit;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.index.StoredDocuments;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.lucene.document.StoredField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Indexes in a cluster of three nodes are what the same documents are in a folder. */
@Timeout(300)
class ClusterIndexIT {

  private static final ModelFingerprint MODEL = ModelFingerprint.declared("random");
  private static final ClusterSettings SETTINGS =
      new ClusterSettings(3, 1, true, Duration.ofSeconds(30));

  @TempDir private static Path nodes;
  private static TestCluster cluster;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start(nodes, 3, "512m");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static ClusterAddress address(String index) {
    return ClusterAddress.parse(cluster.addresses().getFirst() + "/" + index);
  }

  private static void push(Path from, String index) throws IOException {
    try (StoredDocuments source = StoredDocuments.open(from);
        ClusterIndexWriter writer =
            ClusterIndexWriter.open(address(index), ClusterCredentials.NONE, SETTINGS, source)) {
      source.visit(
          0,
          document -> {
            writer.put(document);
            writer.mark(Map::of);
            return true;
          });
      writer.finish(Map.of());
      assertEquals(source.count(), writer.documents());
    }
  }

  private static ClusterIndex open(String index) throws IOException {
    return ClusterIndex.openForVectors(address(index), ClusterCredentials.NONE, MODEL);
  }

  @Test
  void randomVectorsAreFoundAsInTheFolder() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    System.out.println("m3lex.seed=" + seed);
    Random random = new Random(seed);
    int documents = 3_000;
    // Names that a field or a URL could stumble over, beside plain ones.
    List<String> names =
        new ArrayList<>(
            List.of(
                ".",
                "..",
                "a.b",
                ".a",
                "a.",
                "%",
                "%2E",
                "%25.",
                "*",
                "a*",
                " ",
                "_id",
                "\"",
                "\\",
                "/",
                "é",
                "東京",
                "😀",
                "\u0000",
                "\n",
                "sparse",
                "sparse.x",
                "x".repeat(500)));
    while (names.size() < 300) {
      names.add(Integer.toString(names.size()));
    }
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, MODEL)) {
      for (int i = 0; i < documents; i++) {
        writer.put(
            SparseDocument.of("d" + i, i % 3 == 0 ? "title " + i : "", "text of " + i),
            vector(random, names, random.nextInt(60)).from(MODEL));
        if (i % 700 == 0) {
          writer.commit();
        }
      }
      for (int i = 0; i < 100; i++) {
        writer.delete("d" + random.nextInt(documents));
      }
      writer.commit();
    }
    push(folder, "random");
    try (SparseIndex one = SparseIndex.openForVectors(folder, MODEL);
        ClusterIndex other = open("random")) {
      assertEquals(MODEL, other.fingerprint());
      for (int i = 0; i < 100; i++) {
        SparseVector query = vector(random, names, 1 + random.nextInt(100));
        int k = 1 + random.nextInt(50);
        List<Hit> all = one.search(query, documents);
        List<ClusterHit> found = other.search(query, k);
        requireEqual(all, found, k);
        for (ClusterHit hit : found) {
          assertEquals(one.explain(query, hit.hit().id()), hit.contributions(query));
        }
      }
      for (SparseVector foreign :
          List.of(
              SparseVector.of(Map.of("x", 1f)),
              SparseVector.of(Map.of("x", 1f)).from(ModelFingerprint.declared("another")),
              SparseVector.EMPTY)) {
        assertThrows(ModelMismatchException.class, () -> other.search(foreign, 10));
      }
      assertEquals(List.of(), other.search(SparseVector.EMPTY.from(MODEL), 10));
      assertEquals(List.of(), other.search(SparseVector.of(Map.of("nobody", 1f)).from(MODEL), 10));
      assertThrows(
          IllegalArgumentException.class, () -> other.search(SparseVector.EMPTY.from(MODEL), 0));
    }
  }

  /** Scores bit for bit; documents of equal score in any order. */
  private static void requireEqual(List<Hit> all, List<ClusterHit> found, int k) {
    assertEquals(Math.min(k, all.size()), found.size());
    Map<String, Hit> byId = new HashMap<>();
    all.forEach(hit -> byId.put(hit.id(), hit));
    for (int i = 0; i < found.size(); i++) {
      Hit same = byId.remove(found.get(i).hit().id());
      assertEquals(i + 1, found.get(i).hit().rank());
      assertEquals(all.get(i).score(), found.get(i).hit().score(), "score at rank " + (i + 1));
      assertEquals(same.score(), found.get(i).hit().score());
      assertEquals(same.title(), found.get(i).hit().title());
      assertEquals(same.text(), found.get(i).hit().passage().text());
      assertTrue(found.get(i).hit().whole());
    }
  }

  private static SparseVector vector(Random random, List<String> names, int size) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < size; i++) {
      // Few different weights, so that there are ties, or any of the whole range.
      float weight =
          random.nextBoolean()
              ? (1 + random.nextInt(8)) / 8f
              : (float) Math.pow(10, random.nextInt(8) - 4) * random.nextFloat();
      weights.put(names.get(random.nextInt(names.size())), weight);
    }
    return SparseVector.of(weights).from(MODEL);
  }

  @Test
  void passagesAreFoundAsDocuments() throws IOException {
    WordEncoder encoder = new WordEncoder();
    PassageSplitter splitter = PassageSplitter.of(80);
    Random random = new Random(7);
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (int i = 0; i < 100; i++) {
        StringBuilder text = new StringBuilder();
        for (int sentence = 0; sentence < 1 + i % 9; sentence++) {
          text.append("The pump number %d stands in room %d. ".formatted(i, random.nextInt(20)));
        }
        writer.putPassages(SparseDocument.of("d#" + i, "t" + i, text.toString()), splitter);
      }
      writer.commit();
    }
    push(folder, "passages");
    try (SparseIndex one = SparseIndex.open(folder, encoder);
        ClusterIndex other =
            ClusterIndex.open(address("passages"), ClusterCredentials.NONE, encoder)) {
      for (String query : List.of("pump number 3", "room 7", "the pump in room 12")) {
        var expected = one.searchDocuments(query, 100);
        List<ClusterHit> found = other.search(query, 100);
        assertEquals(
            expected.stream().map(hit -> hit.id() + hit.score()).sorted().toList(),
            found.stream().map(hit -> hit.hit().id() + hit.hit().score()).sorted().toList());
        ClusterHit first = found.getFirst();
        assertFalse(first.hit().whole());
        String text = one.document(first.hit().id()).orElseThrow().text();
        assertEquals(
            text.substring(first.hit().passage().start(), first.hit().passage().end()),
            first.hit().passage().text());
        assertEquals(3, other.search(query, 3).size());
      }
    }
    ClusterException refused =
        assertThrows(
            ClusterException.class,
            () ->
                ClusterIndexWriter.open(
                    address("passages"), ClusterCredentials.NONE, SETTINGS, encoder, 0));
    assertTrue(refused.getMessage().contains("holds passages, not whole documents"));
  }

  @Test
  void anotherModelOrDriftedWeightsAreRefused() throws IOException {
    WordEncoder encoder = new WordEncoder();
    ClusterAddress address = address("guarded");
    try (ClusterIndexWriter writer =
        ClusterIndexWriter.open(address, ClusterCredentials.NONE, SETTINGS, encoder, 0.01f)) {
      assertTrue(writer.created());
      assertFalse(writer.usesPlugin());
      SparseDocument document = SparseDocument.of("pump", "a pump");
      writer.put(document, encoder.encodeDocument("a pump"));
      assertThrows(
          ModelMismatchException.class, () -> writer.put(document, SparseVector.EMPTY.from(MODEL)));
      writer.finish(Map.of("how far", "all"));
    }
    try (ClusterIndexWriter writer =
        ClusterIndexWriter.open(address, ClusterCredentials.NONE, SETTINGS, encoder, 0.01f)) {
      assertFalse(writer.created());
      assertEquals(Map.of("how far", "all"), writer.progress());
    }
    for (WordEncoder other : List.of(new WordEncoder("other", 0), new WordEncoder("words", 0.1f))) {
      assertThrows(
          ModelMismatchException.class,
          () -> ClusterIndex.open(address, ClusterCredentials.NONE, other));
      assertThrows(
          ModelMismatchException.class,
          () -> ClusterIndexWriter.open(address, ClusterCredentials.NONE, SETTINGS, other, 0));
    }
    assertThrows(
        ModelMismatchException.class,
        () -> ClusterIndex.openForVectors(address, ClusterCredentials.NONE, MODEL));
    try (ClusterIndex index =
        ClusterIndex.open(address, ClusterCredentials.NONE, new WordEncoder("words", 0.005f))) {
      assertEquals("pump", index.search("pump", 1).getFirst().hit().id());
    }
  }

  @Test
  void storedFieldsOfTheCallersOwnComeAlong() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, MODEL)) {
      writer.put(
          SparseDocument.of("a", "text")
              .with(new StoredField("year", 2026))
              .with(new StoredField("tag", "one"))
              .with(new StoredField("tag", "two"))
              .with(new StoredField("bytes", new byte[] {1, 2})),
          SparseVector.of(Map.of("x", 1f)).from(MODEL));
      writer.commit();
    }
    push(folder, "fields");
    JsonNode source = cluster.request("GET", "/fields/_doc/a", null).path("_source");
    assertEquals(
        "{\"year\":2026,\"tag\":[\"one\",\"two\"],\"bytes\":\"AQI=\"}",
        source.path("fields").toString());
    for (String term : List.of("year=2026", "tag=one", "tag=two", "bytes=AQI=")) {
      JsonNode found =
          cluster.request(
              "POST", "/fields/_search", "{\"query\": {\"term\": {\"terms\": \"" + term + "\"}}}");
      assertEquals(1, found.at("/hits/total/value").asInt(), term);
    }
  }

  /** A mapping would guess a type by the first value, or find a name in another. */
  @Test
  void fieldsOfTheCallersOwnMayHaveAnyNamesAndValues() throws IOException {
    List<Object> values =
        List.of("2024-01-31", "unknown", "1", 2, 3.5, "x".repeat(40_000), "", "true", 1L << 60);
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, MODEL)) {
      for (int i = 0; i < values.size(); i++) {
        SparseDocument document = SparseDocument.of("d" + i, "text");
        for (String name :
            List.of("when", "file", "file.type", ".", "..", "a..b", "_x", "source", " ", "a b*?")) {
          document = document.with(field(name, values.get(i)));
        }
        writer.put(document, SparseVector.of(Map.of("x", 1f + i)).from(MODEL));
      }
      SparseDocument many = SparseDocument.of("many", "text");
      for (int i = 0; i < 2_000; i++) {
        many = many.with(new StoredField("name " + i, "value"));
      }
      writer.put(many, SparseVector.of(Map.of("x", 1f)).from(MODEL));
      writer.commit();
    }
    push(folder, "any-fields");
    for (int i = 0; i < values.size(); i++) {
      JsonNode fields =
          cluster.request("GET", "/any-fields/_doc/d" + i, null).at("/_source/fields");
      assertEquals(10, fields.size());
      for (JsonNode value : fields) {
        assertEquals(values.get(i).toString(), value.asText());
      }
    }
  }

  private static StoredField field(String name, Object value) {
    return switch (value) {
      case Integer number -> new StoredField(name, number);
      case Long number -> new StoredField(name, number);
      case Double number -> new StoredField(name, number);
      default -> new StoredField(name, value.toString());
    };
  }

  /** Deleted and made anew, or an alias that moves: neither side of it goes on. */
  @Test
  void anIndexThatTookThePlaceOfAnotherIsNeitherSearchedNorWritten() throws IOException {
    WordEncoder one = new WordEncoder("one", 0);
    WordEncoder two = new WordEncoder("two", 0);
    ClusterAddress address = address("place");
    pushText("place", one);
    try (ClusterIndex open = ClusterIndex.open(address, ClusterCredentials.NONE, one);
        ClusterIndexWriter writer =
            ClusterIndexWriter.open(address, ClusterCredentials.NONE, SETTINGS, one, 0.01f)) {
      assertEquals(1, open.search("kettle", 3).size());
      cluster.request("DELETE", "/place", null);
      pushText("place", two);
      ModelMismatchException search =
          assertThrows(ModelMismatchException.class, () -> open.search("kettle", 3));
      assertTrue(search.getMessage().contains("file:head"), search.getMessage());
      ClusterException late =
          assertThrows(
              ClusterException.class,
              () -> {
                writer.put(SparseDocument.of("late", "kettle"), one.encodeDocument("kettle"));
                writer.finish(Map.of());
              });
      assertTrue(late.getMessage().contains("was replaced while it was written"));
      cluster.request("POST", "/place/_refresh", null);
      JsonNode all = cluster.request("GET", "/place/_count", null);
      assertEquals(1, all.get("count").asInt(), "nothing of the first model got in");
    }
    // The same model, but nobody has compared the witnesses of the new one.
    pushText("place-of-drift", one);
    ClusterAddress drift = address("place-of-drift");
    try (ClusterIndex open = ClusterIndex.open(drift, ClusterCredentials.NONE, one)) {
      cluster.request("DELETE", "/place-of-drift", null);
      pushText("place-of-drift", new WordEncoder("one", 0.5f));
      assertMessage("Open it again", () -> open.search("kettle", 3));
    }
    // An alias that stands for a second index as well.
    pushText("behind-1", one);
    pushText("behind-2", two);
    alias("behind-1");
    try (ClusterIndex open = ClusterIndex.open(address("before"), ClusterCredentials.NONE, one)) {
      assertEquals(1, open.search("kettle", 3).size());
      alias("behind-2");
      assertMessage("stands for 2 indexes", () -> open.search("kettle", 3));
    }
  }

  private static void alias(String index) throws IOException {
    cluster.request(
        "POST",
        "/_aliases",
        "{\"actions\": [{\"add\": {\"index\": \"%s\", \"alias\": \"before\"}}]}".formatted(index));
  }

  private static void pushText(String index, WordEncoder encoder) throws IOException {
    try (ClusterIndexWriter writer =
        ClusterIndexWriter.open(
            address(index), ClusterCredentials.NONE, SETTINGS, encoder, 0.01f)) {
      writer.put(SparseDocument.of("kettle", "kettle"), encoder.encodeDocument("kettle"));
      writer.finish(Map.of());
    }
  }

  @Test
  void ofDocumentsOfOneIdTheLastStays() throws IOException {
    ClusterAddress address = address("repeated");
    try (ClusterIndexWriter writer =
        ClusterIndexWriter.openForVectors(address, ClusterCredentials.NONE, SETTINGS, MODEL)) {
      for (int i = 0; i < 50; i++) {
        writer.put(
            SparseDocument.of("same", "number " + i),
            SparseVector.of(Map.of("x", 1f + i)).from(MODEL));
        for (int j = 0; j < 20; j++) {
          writer.put(
              SparseDocument.of("other" + j, "number " + i),
              SparseVector.of(Map.of("y", 1f + i)).from(MODEL));
        }
        writer.mark(Map::of);
      }
      writer.finish(Map.of());
    }
    try (ClusterIndex index = open("repeated")) {
      assertEquals(
          "number 49",
          index
              .search(SparseVector.of(Map.of("x", 1f)).from(MODEL), 10)
              .getFirst()
              .hit()
              .passage()
              .text());
      assertEquals(20, index.search(SparseVector.of(Map.of("y", 1f)).from(MODEL), 100).size());
    }
  }

  @Test
  void whatIsWrongWithAnIndexIsSaid() throws IOException {
    assertMessage("There is no index", () -> open("missing"));
    cluster.request("PUT", "/foreign", "{}");
    assertMessage("not one of m3lex", () -> open("foreign"));
    assertMessage("not one of m3lex", () -> writer("foreign"));
    assertMessage("cannot create index Upper", () -> writer("Upper"));

    writer("readonly").close();
    cluster.request(
        "PUT", "/readonly/_settings", "{\"index.blocks.read_only_allow_delete\": true}");
    assertMessage(
        "read-only",
        () -> {
          try (ClusterIndexWriter writer = writer("readonly")) {
            writer.put(SparseDocument.of("a", ""), SparseVector.of(Map.of("x", 1f)).from(MODEL));
            writer.finish(Map.of());
          }
        });

    cluster.request(
        "PUT",
        "/newer",
        "{\"mappings\": {\"_meta\": {\"m3lex\": {\"layout\": \"3\", \"identity\": {}}}}}");
    assertMessage("has layout \"3\"", () -> open("newer"));

    try (ClusterIndexWriter writer = writer("gone")) {
      writer.put(SparseDocument.of("a", ""), SparseVector.of(Map.of("x", 1f)).from(MODEL));
      cluster.request("DELETE", "/gone", null);
      assertMessage("not one of m3lex", () -> writer.finish(Map.of()));
    }
  }

  @Test
  void whatAClusterCannotHoldIsNamed() throws IOException {
    try (ClusterIndexWriter writer = writer("limits")) {
      IllegalArgumentException id =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  writer.put(
                      SparseDocument.of("i".repeat(513), ""),
                      SparseVector.of(Map.of("x", 1f)).from(MODEL)));
      assertTrue(id.getMessage().contains("513 bytes"), id.getMessage());
      IllegalArgumentException feature =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  writer.put(
                      SparseDocument.of("a", ""),
                      SparseVector.of(Map.of(".".repeat(20_000), 1f)).from(MODEL)));
      assertTrue(feature.getMessage().contains("60000 bytes"), feature.getMessage());
      writer.put(
          SparseDocument.of("extremes", ""),
          SparseVector.of(
                  Map.of(
                      "least",
                      Float.MIN_VALUE,
                      "small",
                      Float.MIN_NORMAL,
                      "great",
                      Float.MAX_VALUE,
                      "f".repeat(32_700),
                      1f))
              .from(MODEL));
      writer.finish(Map.of());
    }
    try (ClusterIndex index = open("limits")) {
      ClusterHit hit =
          index.search(SparseVector.of(Map.of("great", 0.5f)).from(MODEL), 1).getFirst();
      assertEquals(3, hit.weights().size());
      Map<String, Float> many = new HashMap<>();
      for (int i = 0; i < 1_024; i++) {
        many.put("great" + i, 1f);
      }
      assertEquals(List.of(), index.search(SparseVector.of(many).from(MODEL), 1));
      many.put("great", 0.5f);
      assertMessage(
          "The query has 1,025 features", () -> index.search(SparseVector.of(many).from(MODEL), 1));
      assertMessage(
          "gives no 10,001 hits",
          () -> index.search(SparseVector.of(Map.of("great", 0.5f)).from(MODEL), 10_001));
    }
  }

  private static ClusterIndexWriter writer(String index) throws IOException {
    return ClusterIndexWriter.openForVectors(
        address(index), ClusterCredentials.NONE, SETTINGS, MODEL);
  }

  private static void assertMessage(
      String part, org.junit.jupiter.api.function.Executable executable) {
    IOException refused = assertThrows(IOException.class, executable);
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
  }

  @Test
  void allWeightsOfPostingsSurviveJson() {
    for (int frequency = 1 << 8; frequency < 0x7F80 << 1; frequency++) {
      float weight = io.m3lex.codec.PostingWeight.ofFrequency(frequency);
      assertEquals(weight, (float) Double.parseDouble(Float.toString(weight)));
    }
  }
}
