/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static io.m3lex.opensearch.plugin.SparseCalls.FINGERPRINT;
import static io.m3lex.opensearch.plugin.SparseCalls.query;
import static io.m3lex.opensearch.plugin.SparseCalls.vector;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import io.m3lex.index.Hit;
import io.m3lex.index.ModelIdentity;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.index.StoredDocuments;
import io.m3lex.opensearch.ClusterAddress;
import io.m3lex.opensearch.ClusterCredentials;
import io.m3lex.opensearch.ClusterHit;
import io.m3lex.opensearch.ClusterIndex;
import io.m3lex.opensearch.ClusterIndexWriter;
import io.m3lex.opensearch.ClusterSettings;
import io.m3lex.opensearch.TestCluster;
import io.m3lex.util.Sha256;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.lucene.codecs.perfield.PerFieldPostingsFormat;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plugin as it is installed, on three nodes. */
class SparsePluginIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder;
  private static TestCluster cluster;
  private static SparseCalls calls;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final String said = "-Dm3lex.seed=" + seed;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start(folder, 3, "512m", TestCluster.plugin());
    calls = new SparseCalls(cluster);
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private Map<Integer, SparseVector> documents(int count) {
    Map<Integer, SparseVector> documents = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      documents.put(i, vector(random, 1 + random.nextInt(40), 300));
    }
    return documents;
  }

  /** The same documents in an index in a folder. */
  private Path embedded(String name, Map<Integer, SparseVector> documents) throws IOException {
    Path index = folder.resolve(name + "-" + seed);
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(index, FINGERPRINT)) {
      for (Map.Entry<Integer, SparseVector> document : documents.entrySet()) {
        writer.put(
            SparseDocument.of(document.getKey().toString(), "text"),
            document.getValue().from(FINGERPRINT));
      }
      writer.commit();
    }
    return index;
  }

  @Test
  void findsWhatBruteForceAndTheEmbeddedIndexFind() throws IOException {
    calls.create("equal", 3, 1);
    Map<Integer, SparseVector> documents = documents(3_000);
    calls.write("equal", documents);
    calls.refresh("equal");
    Map<Integer, SparseVector> again = documents(600);
    calls.write("equal", again);
    documents.putAll(again);
    for (int i = 0; i < 200; i++) {
      int id = random.nextInt(3_000);
      if (documents.remove(id) != null) {
        cluster.request("DELETE", "/equal/_doc/" + id, null);
      }
    }
    calls.refresh("equal");
    Path embedded = embedded("embedded", documents);
    try (SparseIndex index = SparseIndex.openForVectors(embedded, FINGERPRINT)) {
      for (int i = 0; i < 60; i++) {
        SparseVector vector = vector(random, 1 + random.nextInt(12), 320);
        int size = 1 + random.nextInt(50);
        ObjectNode query = query(vector);
        if (i % 2 == 0) {
          ((ObjectNode) query.get("sparse")).put("k", size);
        }
        JsonNode answer = calls.search("equal", query, size);
        SparseCalls.assertHits(answer, documents, vector, size, said);
        List<Hit> hits = index.search(vector, size);
        assertEquals(hits.size(), answer.at("/hits/hits").size(), said);
        for (int rank = 0; rank < hits.size(); rank++) {
          assertEquals(
              hits.get(rank).score(),
              answer.at("/hits/hits/" + rank + "/_score").floatValue(),
              said);
        }
      }
    }
  }

  @Test
  void filtersBoostsAndOtherClausesKeepScores() throws IOException {
    calls.create("combined", 2, 0);
    Map<Integer, SparseVector> documents = documents(1_000);
    calls.write("combined", documents);
    calls.refresh("combined");
    for (int i = 0; i < 30; i++) {
      SparseVector vector = vector(random, 1 + random.nextInt(10), 300);
      int residue = random.nextInt(10);
      Map<Integer, SparseVector> filtered = new HashMap<>(documents);
      filtered.keySet().removeIf(id -> id % 10 != residue);
      JsonNode filter = JSON.readTree("{\"term\": {\"residue\": %d}}".formatted(residue));

      ObjectNode inside = query(vector);
      ((ObjectNode) inside.get("sparse")).put("k", 20).set("filter", filter);
      SparseCalls.assertHits(calls.search("combined", inside, 20), filtered, vector, 20, said);

      ObjectNode bool = JSON.createObjectNode();
      ObjectNode clauses = bool.putObject("bool");
      clauses.set("must", query(vector));
      clauses.set("filter", filter);
      SparseCalls.assertHits(calls.search("combined", bool, 20), filtered, vector, 20, said);

      for (String k : new String[] {"{}", "{\"k\": 10}"}) {
        ObjectNode boosted = query(vector);
        ((ObjectNode) boosted.get("sparse")).put("boost", 2).setAll((ObjectNode) JSON.readTree(k));
        JsonNode answer = calls.search("combined", boosted, 10);
        JsonNode plain = calls.search("combined", query(vector), 10);
        for (int rank = 0; rank < plain.at("/hits/hits").size(); rank++) {
          String score = "/hits/hits/" + rank + "/_score";
          assertEquals(2 * plain.at(score).floatValue(), answer.at(score).floatValue(), said);
        }
      }
    }
    JsonNode exists =
        calls.search("combined", JSON.readTree("{\"exists\": {\"field\": \"sparse\"}}"), 0);
    assertEquals(1_000, exists.at("/hits/total/value").asInt());
  }

  @Test
  void explanationsAreTheScores() throws IOException {
    calls.create("explained", 1, 0);
    Map<Integer, SparseVector> documents = documents(200);
    calls.write("explained", documents);
    calls.refresh("explained");
    SparseVector vector = vector(random, 6, 100);
    for (int k : new int[] {0, 5}) {
      ObjectNode query = query(vector);
      if (k > 0) {
        ((ObjectNode) query.get("sparse")).put("k", k);
      }
      JsonNode answer =
          cluster.request(
              "POST",
              "/explained/_search",
              SparseCalls.body(query, 5).put("explain", true).toString());
      for (JsonNode hit : answer.at("/hits/hits")) {
        assertEquals(
            hit.get("_score").floatValue(), hit.at("/_explanation/value").floatValue(), said);
      }
    }
  }

  @Test
  void segmentsAreInTheFormatWithBounds() throws IOException {
    calls.create("format", 1, 0);
    calls.write("format", documents(500));
    cluster.request("POST", "/format/_flush?force=true", null);
    String uuid =
        cluster
            .request("GET", "/format/_settings", null)
            .at("/format/settings/index/uuid")
            .asText();
    int segments = 0;
    try (Stream<Path> found =
        Files.find(folder, 8, (path, attributes) -> path.endsWith(uuid + "/0/index"))) {
      for (Path index : found.toList()) {
        try (Directory directory = FSDirectory.open(index);
            DirectoryReader reader = DirectoryReader.open(directory)) {
          for (LeafReaderContext leaf : reader.leaves()) {
            FieldInfo info = leaf.reader().getFieldInfos().fieldInfo("sparse");
            assertEquals(
                "M3lexBlockMax",
                info.getAttribute(PerFieldPostingsFormat.PER_FIELD_FORMAT_KEY).substring(0, 13));
            segments++;
          }
        }
      }
    }
    assertTrue(segments > 0);
  }

  @Test
  void weightsOfAnotherModelAreRefused() throws IOException {
    calls.create("guarded", 1, 0);
    String other = ModelFingerprint.declared("another").sha256();
    refused("PUT", "/guarded/_doc/1", "{\"sparse\": [{\"weights\": {\"a\": 1}}]}", "is absent");
    refused(
        "PUT",
        "/guarded/_doc/1",
        "{\"sparse\": [{\"model\": \"%s\", \"weights\": {\"a\": 1}}]}".formatted(other),
        "[model] of the document is");
    refused(
        "POST",
        "/guarded/_search",
        "{\"query\": {\"sparse\": {\"field\": \"sparse\", \"weights\": {\"a\": 1}}}}",
        "is absent");
    refused(
        "POST",
        "/guarded/_search",
        "{\"query\": {\"sparse\": {\"field\": \"sparse\", \"model\": \"%s\", \"weights\": {\"a\": 1}}}}"
            .formatted(other),
        "[model] of the query is");
    refused(
        "PUT",
        "/guarded/_mapping",
        "{\"properties\": {\"sparse\": {\"type\": \"m3lex_sparse\", \"identity\": \"another\"}}}",
        "Cannot update parameter [identity]");
    assertEquals(
        0,
        calls
            .search("guarded", JSON.readTree("{\"match_all\": {}}"), 0)
            .at("/hits/total/value")
            .asInt());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1, 2]                                             | takes a list with one object",
        "{\"model\": \"MODEL\", \"weights\": {\"a\": 1}}     | because a partial update merges"
            + " objects",
        "[{\"a\": 1}]                                       | takes a list with one object",
        "[{\"model\": \"MODEL\"}]                           | takes a list with one object",
        "[{\"model\": \"MODEL\", \"weights\": {\"a\": 1}}, {}] | takes a list with one object",
        "[{\"model\": \"MODEL\", \"weights\": {\"a\": -1}}] | must be from 0 to",
        "[{\"model\": \"MODEL\", \"weights\": {\"a\": \"x\"}}] | must be a number",
        "[{\"model\": \"MODEL\", \"weights\": {\"a\": 1, \"a\": 2}}] | a",
        "[{\"model\": \"MODEL\", \"weights\": {\"\": 1}}]   | must have a name",
        "[{\"model\": \"MODEL\", \"weights\": {\"a\": 1e39}}] | must be from 0 to",
      })
  void malformedWeightsAreRefused(String field, String message) throws IOException {
    if (cluster.ask("HEAD", "/malformed", null).statusCode() == 404) {
      calls.create("malformed", 1, 0);
    }
    refused(
        "PUT",
        "/malformed/_doc/1",
        "{\"sparse\": " + field.replace("MODEL", FINGERPRINT.sha256()) + "}",
        message);
  }

  private static String value(String weights) {
    return "[{\"model\": \"%s\", \"weights\": %s}]".formatted(FINGERPRINT.sha256(), weights);
  }

  private static List<String> ids(String index, String query) throws IOException {
    JsonNode answer = calls.search(index, JSON.readTree(query), 100);
    return answer.at("/hits/hits").findValuesAsText("_id").stream().sorted().toList();
  }

  private static List<String> found(String index, String feature) throws IOException {
    return ids(index, query(SparseVector.of(Map.of(feature, 1f))).toString());
  }

  private static void written(String method, String path, String body) throws IOException {
    HttpResponse<String> answer = cluster.ask(method, path, body);
    assertEquals(2, answer.statusCode() / 100, answer.body());
    assertFalse(answer.body().contains("\"error\""), answer.body());
  }

  @Test
  void partialUpdatesReplaceWeightsOrAreRefused() throws IOException {
    calls.create("updated", 1, 0);
    String document = "/updated/_doc/1?refresh=true";
    String update = "/updated/_update/1?refresh=true";
    written("PUT", document, "{\"tag\": 1, \"sparse\": %s}".formatted(value("{\"lease\": 1.5}")));
    written("POST", update, "{\"doc\": {\"sparse\": %s}}".formatted(value("{\"kettle\": 3}")));
    assertEquals(List.of(), found("updated", "lease"));
    assertEquals(List.of("1"), found("updated", "kettle"));
    refused(
        "POST",
        update,
        "{\"doc\": {\"sparse\": {\"weights\": {\"rent\": 1}}}}",
        "a partial update merges objects");
    refused("POST", update, "{\"doc\": {\"sparse\": [{\"weights\": {\"rent\": 1}}]}}", "is absent");
    refused("POST", update, "{\"doc\": {\"sparse.weights\": {\"rent\": 1}}}", "sparse");
    // What leaves the field alone goes on working.
    written("POST", update, "{\"doc\": {\"tag\": 2}}");
    written("POST", update, "{\"doc\": {\"tag\": 3}, \"doc_as_upsert\": true}");
    written(
        "POST",
        "/updated/_bulk?refresh=true",
        "{\"update\": {\"_id\": \"1\"}}\n{\"doc\": {\"tag\": 4}}\n");
    assertEquals(List.of("1"), found("updated", "kettle"));
    assertEquals(List.of(), found("updated", "rent"));
    assertEquals(List.of("1"), ids("updated", "{\"term\": {\"tag\": 4}}"));
    written("POST", update, "{\"doc\": {\"sparse\": null}}");
    assertEquals(List.of(), found("updated", "kettle"));
  }

  @Test
  void aTextIsNotChangedWithoutItsWeights() throws IOException {
    calls.create("texts", 1, 0);
    String update = "/texts/_update/1?refresh=true";
    String value =
        "[{\"model\": \"%s\", \"weights\": {\"lease\": 1}, \"texts\": {\"text\": \"%s\"}}]"
            .formatted(FINGERPRINT.sha256(), Sha256.of("a lease"));
    refused(
        "PUT",
        "/texts/_doc/1",
        "{\"text\": \"rent\", \"sparse\": %s}".formatted(value),
        "has the weights of another text");
    written("PUT", "/texts/_doc/1", "{\"text\": \"a lease\", \"sparse\": %s}".formatted(value));
    refused("POST", update, "{\"doc\": {\"text\": \"rent\"}}", "has the weights of another text");
    HttpResponse<String> bulk =
        cluster.ask(
            "POST",
            "/texts/_bulk",
            "{\"update\": {\"_id\": \"1\"}}\n{\"doc\": {\"text\": \"rent\"}}\n");
    assertTrue(bulk.body().contains("has the weights of another text"), bulk.body());
    written("POST", update, "{\"doc\": {\"other\": \"rent\"}}");
    written(
        "POST",
        update,
        "{\"doc\": {\"text\": \"rent\", \"sparse\": %s}}".formatted(value("{\"rent\": 1}")));
    assertEquals(List.of("1"), found("texts", "rent"));
    assertEquals(List.of(), found("texts", "lease"));
  }

  /** Conditions on whatever level, put together in whatever way, against brute force. */
  @Test
  void filtersOfNestedDocumentsAreOnAnyLevel() throws IOException {
    written(
        "PUT",
        "/nested",
        """
        {"settings": {"number_of_shards": 2, "number_of_replicas": 0}, "mappings": {"properties": {
          "tag": {"type": "keyword"},
          "parts": {"type": "nested", "properties": {
            "kind": {"type": "keyword"},
            "notes": {"type": "nested", "properties": {
              "page": {"type": "keyword"},
              "sparse": {"type": "m3lex_sparse", "identity": "%s"}}}}}}}}\
        """
            .formatted(SparseCalls.MODEL_NAME));
    record Note(String id, float weight, boolean tag, boolean kind, boolean page) {}
    List<Note> notes = new ArrayList<>();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      ObjectNode document = JSON.createObjectNode();
      boolean tag = random.nextInt(3) > 0;
      document.put("tag", "" + tag);
      ArrayNode parts = document.putArray("parts");
      for (int p = random.nextInt(4); p > 0; p--) {
        boolean kind = random.nextInt(3) > 0;
        ArrayNode own = parts.addObject().put("kind", "" + kind).putArray("notes");
        for (int n = random.nextInt(4); n > 0; n--) {
          Note note =
              new Note("" + i, (1 + random.nextInt(64)) / 64f, tag, kind, random.nextInt(3) > 0);
          notes.add(note);
          own.addObject()
              .put("page", "" + note.page())
              .putArray("sparse")
              .add(SparseCalls.weights(SparseVector.of(Map.of("x", note.weight()))));
        }
      }
      lines.append("{\"index\": {\"_id\": \"" + i + "\"}}\n").append(document).append('\n');
    }
    written("POST", "/nested/_bulk?refresh=true", lines.toString());
    String tag = "{\"term\": {\"tag\": \"true\"}}";
    String kind = "{\"term\": {\"parts.kind\": \"true\"}}";
    String page = "{\"term\": {\"parts.notes.page\": \"true\"}}";
    Map<String, Predicate<Note>> filters = new LinkedHashMap<>();
    filters.put(tag, Note::tag);
    filters.put(kind, Note::kind);
    filters.put(page, Note::page);
    filters.put("{\"match_all\": {}}", note -> true);
    filters.put("{\"term\": {\"tag\": \"nothing\"}}", note -> false);
    filters.put(
        "{\"bool\": {\"must\": [%s, %s], \"filter\": %s}}".formatted(tag, kind, page),
        note -> note.tag() && note.kind() && note.page());
    filters.put(
        "{\"bool\": {\"should\": [%s, %s], \"must_not\": %s}}".formatted(tag, page, kind),
        note -> (note.tag() || note.page()) && !note.kind());
    filters.put("{\"bool\": {\"must_not\": [%s]}}".formatted(tag), note -> !note.tag());
    filters.put(
        "{\"constant_score\": {\"filter\": {\"bool\": {\"filter\": [%s, {\"bool\": {\"must_not\": %s}}]}}}}"
            .formatted(tag, page),
        note -> note.tag() && !note.page());
    filters.put(
        "{\"nested\": {\"path\": \"parts\", \"query\": %s}}".formatted(kind),
        note -> notes.stream().anyMatch(other -> other.id().equals(note.id()) && other.kind()));
    for (Map.Entry<String, Predicate<Note>> filter : filters.entrySet()) {
      ObjectNode sparse =
          SparseCalls.weights(SparseVector.of(Map.of("x", 1f)))
              .put("field", "parts.notes.sparse")
              .put("k", 10_000);
      sparse.set("filter", JSON.readTree(filter.getKey()));
      ObjectNode query = JSON.createObjectNode();
      query
          .putObject("nested")
          .put("path", "parts.notes")
          .put("score_mode", "max")
          .putObject("query")
          .set("sparse", sparse);
      Map<String, Float> expected = new TreeMap<>();
      notes.stream()
          .filter(filter.getValue())
          .forEach(note -> expected.merge(note.id(), note.weight(), Math::max));
      Map<String, Float> hits = new TreeMap<>();
      calls
          .search("nested", query, 1_000)
          .at("/hits/hits")
          .forEach(hit -> hits.put(hit.get("_id").asText(), hit.get("_score").floatValue()));
      if (filter.getKey().startsWith("{\"nested")) {
        // A document without notes in a part of that kind has the part itself.
        assertTrue(hits.entrySet().containsAll(expected.entrySet()), said);
      } else {
        assertEquals(expected, hits, said + " " + filter.getKey());
      }
    }
  }

  @Test
  void anAliasOfAFieldIsHeldToItsModel() throws IOException {
    calls.create("aliased", 1, 0);
    calls.write("aliased", Map.of(1, SparseVector.of(Map.of("x", 1f))));
    calls.refresh("aliased");
    written(
        "PUT",
        "/aliased/_mapping",
        "{\"properties\": {\"other\": {\"type\": \"alias\", \"path\": \"sparse\"}}}");
    ObjectNode query = query(SparseVector.of(Map.of("x", 1f)));
    ObjectNode sparse = (ObjectNode) query.get("sparse");
    sparse.put("field", "other");
    assertEquals(List.of("1"), ids("aliased", query.toString()));
    sparse.put("identity", ModelIdentity.declared(FINGERPRINT).sha256());
    assertEquals(List.of("1"), ids("aliased", query.toString()));
    sparse.put("identity", "another");
    refused(
        "POST",
        "/aliased/_search",
        SparseCalls.body(query, 1).toString(),
        "has another identity than the query asks for");
    sparse.remove("identity");
    sparse.put("model", "another");
    refused(
        "POST",
        "/aliased/_search",
        SparseCalls.body(query, 1).toString(),
        "[model] of the query is");
  }

  @Test
  void malformedQueriesAndMappingsAreRefused() throws IOException {
    calls.create("asked", 1, 0);
    String start = "{\"query\": {\"sparse\": {\"field\": \"sparse\"";
    refused("POST", "/asked/_search", start + "}}}", "Required one of fields");
    refused("POST", "/asked/_search", start + ", \"text\": \"a\"}}}", "has no encoder");
    refused(
        "POST",
        "/asked/_search",
        start + ", \"weights\": {\"a\": 1}, \"k\": 0}}}",
        "must be at least 1");
    refused(
        "POST",
        "/asked/_search",
        start + ", \"weights\": {\"a\": 1}, \"filter\": {\"match_all\": {}}}}}",
        "[filter] goes with [k]");
    refused(
        "POST",
        "/asked/_search",
        "{\"query\": {\"sparse\": {\"field\": \"nowhere\", \"weights\": {\"a\": 1}}}}",
        "no field [nowhere]");
    refused(
        "POST",
        "/asked/_search",
        start
            + ", \"model\": \"%s\", \"weights\": {\"a\": 1}, \"alpha\": 2}}}"
                .formatted(FINGERPRINT.sha256()),
        "alpha must be");
    refused(
        "POST",
        "/asked/_search",
        "{\"query\": {\"term\": {\"sparse\": 1}}}",
        "is searched by the query [sparse]");
    HttpResponse<String> answer =
        cluster.ask(
            "PUT",
            "/unidentified",
            "{\"mappings\": {\"properties\": {\"sparse\": {\"type\": \"m3lex_sparse\"}}}}");
    assertEquals(400, answer.statusCode());
    assertTrue(answer.body().contains("needs [identity]"), answer.body());
    answer = calls.create("damaged", 1, 0, "{\"m3lex.format\": \"99\"}");
    assertEquals(400, answer.statusCode());
    assertTrue(answer.body().contains("has format 99"), answer.body());
    SparseVector empty = SparseVector.EMPTY;
    assertEquals(0, calls.search("asked", query(empty), 10).at("/hits/hits").size());
  }

  @Test
  void aSnapshotKeepsTheModel() throws IOException {
    calls.create("kept", 3, 1);
    Map<Integer, SparseVector> documents = documents(500);
    calls.write("kept", documents);
    calls.refresh("kept");
    cluster.request(
        "PUT",
        "/_snapshot/repository",
        "{\"type\": \"fs\", \"settings\": {\"location\": \"snapshots-of-test\"}}");
    cluster.request(
        "PUT", "/_snapshot/repository/one?wait_for_completion=true", "{\"indices\": \"kept\"}");
    String before = cluster.request("GET", "/kept/_mapping", null).at("/kept").toString();
    cluster.request("DELETE", "/kept", null);
    cluster.request("POST", "/_snapshot/repository/one/_restore?wait_for_completion=true", "{}");
    assertEquals(before, cluster.request("GET", "/kept/_mapping", null).at("/kept").toString());
    SparseVector vector = vector(random, 8, 300);
    SparseCalls.assertHits(calls.search("kept", query(vector), 20), documents, vector, 20, said);
    refused(
        "PUT",
        "/kept/_doc/1",
        "{\"sparse\": [{\"model\": \"0000\", \"weights\": {\"a\": 1}}]}",
        "[model] of the document is");
  }

  @Test
  void whatIsPushedUsesThePluginAndIsFoundAsInTheFolder() throws IOException {
    Map<Integer, SparseVector> documents = documents(1_000);
    Path embedded = embedded("pushed", documents);
    ClusterAddress address = ClusterAddress.parse(cluster.addresses().getFirst() + "/pushed");
    ClusterSettings settings = new ClusterSettings(3, 1, false, Duration.ofSeconds(30));
    try (StoredDocuments source = StoredDocuments.open(embedded);
        ClusterIndexWriter writer =
            ClusterIndexWriter.open(address, ClusterCredentials.NONE, settings, source)) {
      assertTrue(writer.usesPlugin());
      source.visit(
          0,
          document -> {
            writer.put(document);
            writer.mark(Map::of);
            return true;
          });
      writer.finish(Map.of());
    }
    try (SparseIndex index = SparseIndex.openForVectors(embedded, FINGERPRINT);
        ClusterIndex pushed =
            ClusterIndex.openForVectors(address, ClusterCredentials.NONE, FINGERPRINT)) {
      for (int i = 0; i < 20; i++) {
        SparseVector vector = vector(random, 1 + random.nextInt(12), 320);
        List<Float> expected = index.search(vector, 20).stream().map(Hit::score).toList();
        List<ClusterHit> hits = pushed.search(vector, 20);
        assertEquals(expected, hits.stream().map(hit -> hit.hit().score()).toList(), said);
        for (ClusterHit hit : hits) {
          assertEquals(documents.get(Integer.parseInt(hit.hit().id())), hit.weights(), said);
        }
      }
    }
    assertThrows(
        ModelMismatchException.class,
        () ->
            ClusterIndex.openForVectors(
                address, ClusterCredentials.NONE, ModelFingerprint.declared("another")));
  }

  private static void refused(String method, String path, String body, String message)
      throws IOException {
    HttpResponse<String> answer = cluster.ask(method, path, body);
    assertEquals(400, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains(message), answer.body());
    assertFalse(answer.body().contains("stack_trace"));
  }
}
