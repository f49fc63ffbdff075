/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.opensearch.TestCluster;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** What tests ask a cluster with the plugin, of vectors of a declared model. */
final class SparseCalls {

  static final String MODEL_NAME = "vectors of a test";
  static final ModelFingerprint FINGERPRINT = ModelFingerprint.declared(MODEL_NAME);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final TestCluster cluster;

  SparseCalls(TestCluster cluster) {
    this.cluster = cluster;
  }

  /** Creates an index with a sparse field. */
  void create(String index, int shards, int replicas) throws IOException {
    HttpResponse<String> answer =
        create(index, shards, replicas, JSON.writeValueAsString(MODEL_NAME));
    assertEquals(200, answer.statusCode(), answer.body());
  }

  HttpResponse<String> create(String index, int shards, int replicas, String identity)
      throws IOException {
    return cluster.ask(
        "PUT",
        "/" + index + "?wait_for_active_shards=all",
        "{\"settings\": {\"number_of_shards\": %d, \"number_of_replicas\": %d}, \"mappings\": {\"properties\": {\"sparse\": {\"type\": \"m3lex_sparse\", \"identity\": %s}}}}"
            .formatted(shards, replicas, identity));
  }

  /** A model with weights: an element of a field's value, and the most of a query. */
  static ObjectNode weights(SparseVector vector) {
    ObjectNode field = JSON.createObjectNode().put("model", FINGERPRINT.sha256());
    vector.toMap().forEach(field.putObject("weights")::put);
    return field;
  }

  /** Lines that write documents, each with the remainder of its number as well. */
  static String lines(Map<Integer, SparseVector> documents) {
    StringBuilder lines = new StringBuilder();
    documents.forEach(
        (id, vector) -> {
          ObjectNode document = JSON.createObjectNode().put("residue", id % 10);
          document.putArray("sparse").add(weights(vector));
          lines.append("{\"index\": {\"_id\": \"").append(id).append("\"}}\n");
          lines.append(document).append('\n');
        });
    return lines.toString();
  }

  /** Writes documents; all must be taken. */
  void write(String index, Map<Integer, SparseVector> documents) throws IOException {
    JsonNode answer = cluster.request("POST", "/" + index + "/_bulk", lines(documents));
    assertFalse(answer.get("errors").asBoolean(), () -> answer.toString().substring(0, 2000));
  }

  void refresh(String index) throws IOException {
    cluster.request("POST", "/" + index + "/_refresh", null);
  }

  /** The query of a vector. */
  static ObjectNode query(SparseVector vector) {
    ObjectNode sparse = weights(vector).put("field", "sparse");
    ObjectNode query = JSON.createObjectNode();
    query.set("sparse", sparse);
    return query;
  }

  /** The body of a search. */
  static ObjectNode body(JsonNode query, int size) {
    ObjectNode body = JSON.createObjectNode().put("size", size).put("_source", false);
    body.set("query", query);
    return body;
  }

  /** What a search answers, which must be complete. */
  JsonNode search(String index, JsonNode query, int size) throws IOException {
    JsonNode answer =
        cluster.request("POST", "/" + index + "/_search", body(query, size).toString());
    assertEquals(
        answer.at("/_shards/total").asInt(),
        answer.at("/_shards/successful").asInt(),
        answer.toString());
    assertFalse(answer.get("timed_out").asBoolean());
    return answer;
  }

  /**
   * Holds hits to brute force: as many, the same scores in the same order, and each document's own
   * score. Documents of equal scores may be in any order.
   */
  static void assertHits(
      JsonNode answer,
      Map<Integer, SparseVector> documents,
      SparseVector query,
      int size,
      String seed) {
    TreeMap<Integer, Float> scores = new TreeMap<>();
    documents.forEach(
        (id, vector) -> {
          float score = query.dot(vector);
          if (score > 0) {
            scores.put(id, score);
          }
        });
    float[] expected = new float[Math.min(size, scores.size())];
    int i = 0;
    for (float score :
        scores.values().stream().sorted((a, b) -> Float.compare(b, a)).limit(size).toList()) {
      expected[i++] = score;
    }
    ArrayNode hits = (ArrayNode) answer.at("/hits/hits");
    assertEquals(expected.length, hits.size(), seed);
    for (int rank = 0; rank < expected.length; rank++) {
      JsonNode hit = hits.get(rank);
      int id = hit.get("_id").asInt();
      assertEquals(expected[rank], hit.get("_score").floatValue(), seed + ", rank " + rank);
      assertEquals(scores.get(id), hit.get("_score").floatValue(), seed + ", document " + id);
    }
  }

  /** A random vector whose weights a posting can hold; few values, so that scores tie. */
  static SparseVector vector(SplittableRandom random, int size, int vocabulary) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < size; i++) {
      int feature = (int) (vocabulary * random.nextDouble() * random.nextDouble());
      weights.put("f." + feature, (1 + random.nextInt(64)) / 64f);
    }
    return SparseVector.of(weights).from(FINGERPRINT);
  }
}
