/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.Hit;
import io.m3lex.index.ModelIdentity;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.opensearch.TestCluster;
import io.m3lex.opensearch.TestCluster.TestNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plugin with the encoder: texts in the place of weights. */
class NodeEncoderIT {

  /** What the zip with the encoder leaves out, and PyTorch, which the default model needs not. */
  private static final Pattern NOT_IN_PLUGIN =
      Pattern.compile(
          "(lucene|jna|error_prone|picocli|progressbar|jline|jetty|prometheus|commons-numbers|slf4j-simple|pytorch-native).*");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> TEXTS =
      List.of(
          "Limescale in a kettle dissolves in citric acid.",
          "The pump does not drain: clean its filter.",
          "RAID is no replacement for backups.",
          "A heat pump moves warmth from outside to inside.");
  private static final List<String> QUERIES =
      List.of("how to dissolve the scale in my kettles", "is a mirror a backup", "pump");

  @TempDir private Path folder;

  @Test
  @Timeout(600)
  void textsAreEncodedOnTheNodesThatHaveTheModelOfTheIndex() throws Exception {
    Path plugin = pluginWithEncoder();
    Path embedded = folder.resolve("embedded");
    try (TestCluster cluster = TestCluster.start(folder, 1, "512m", TestCluster.plugin());
        LexicalEncoder encoder = LexicalEncoder.openDefault();
        SparseIndexWriter writer = SparseIndexWriter.open(embedded, encoder)) {
      TestNode encoding = cluster.add(List.of("m3lex.model=default"), plugin);
      cluster.await(2);
      create(cluster, "texts", ModelIdentity.of(encoder, SparseIndexWriter.WITNESS_TOLERANCE));
      HttpResponse<String> pipeline =
          encoding.ask(
              "PUT",
              "/_ingest/pipeline/encode",
              "{\"processors\": [{\"m3lex_sparse\": {\"field\": \"text\", \"target_field\":"
                  + " \"sparse\"}}]}");
      assertEquals(200, pipeline.statusCode(), pipeline.body());
      for (int i = 0; i < TEXTS.size(); i++) {
        String document = JSON.createObjectNode().put("text", TEXTS.get(i)).toString();
        HttpResponse<String> written =
            encoding.ask("PUT", "/texts/_doc/" + i + "?pipeline=encode&refresh=true", document);
        assertEquals(201, written.statusCode(), written.body());
        writer.put(SparseDocument.of("" + i, TEXTS.get(i)));
      }
      writer.commit();
      try (SparseIndex index = SparseIndex.open(embedded, encoder)) {
        for (String query : QUERIES) {
          assertSameHits(
              index.search(query, 10), encoding.ask("POST", "/texts/_search", asked(query)));
        }
      }

      HttpResponse<String> without = cluster.node(0).ask("POST", "/texts/_search", asked("pump"));
      assertEquals(400, without.statusCode(), without.body());
      assertTrue(without.body().contains("has no encoder"), without.body());

      anIndexOfAnotherModelIsRefused(cluster, encoding, encoder);
      aTextIsNotChangedWithoutItsWeights(encoding);
      longTextsAndThoseThatNobodyWaitsForAreNotEncoded(encoding);
      aNodeIsRefused(
          cluster,
          cluster.add(List.of("m3lex.model=default", "m3lex.max_tokens=256"), plugin),
          "is refused: its model has fingerprint");
      aNodeIsRefused(
          cluster,
          cluster.add(List.of("m3lex.model=default"), TestCluster.plugin()),
          "m3lex.model names a model, but this plugin was built without the encoder.");
    }
  }

  private static void anIndexOfAnotherModelIsRefused(
      TestCluster cluster, TestNode encoding, LexicalEncoder encoder) throws IOException {
    ModelIdentity whole = ModelIdentity.of(encoder, 0);
    create(cluster, "other", ModelIdentity.declared(SparseCalls.FINGERPRINT));
    HttpResponse<String> asked = encoding.ask("POST", "/other/_search", asked("pump"));
    assertEquals(400, asked.statusCode(), asked.body());
    assertTrue(asked.body().contains("They differ in"), asked.body());
    HttpResponse<String> written =
        encoding.ask("PUT", "/other/_doc/1?pipeline=encode", "{\"text\": \"pump\"}");
    assertEquals(400, written.statusCode(), written.body());
    assertTrue(written.body().contains("They differ in"), written.body());

    // The same files, of which a witness had other weights where the index was begun.
    String drifted =
        JSON.writeValueAsString(whole.toUserData()).replaceFirst(":([0-9]\\.[0-9]{4,})", ":1$1");
    HttpResponse<String> created = new SparseCalls(cluster).create("drifted", 1, 0, drifted);
    assertEquals(200, created.statusCode(), created.body());
    cluster.request(
        "PUT",
        "/drifted/_mapping",
        "{\"properties\": {\"other\": {\"type\": \"alias\", \"path\": \"sparse\"}}}");
    // Weights that came from elsewhere are only held to the model.
    cluster.request(
        "PUT",
        "/drifted/_doc/1?refresh=true",
        "{\"sparse\": [{\"model\": \"%s\", \"weights\": {\"pump\": 1}}]}"
            .formatted(encoder.fingerprint().sha256()));
    String reader = "/drifted/_search/point_in_time?keep_alive=1m";
    String pit = JSON.readTree(encoding.ask("POST", reader, null).body()).get("pit_id").asText();
    String plain = asked("pump");
    String alias = plain.replace("\"field\":\"sparse\"", "\"field\":\"other\"");
    String pinned = alias.substring(0, alias.length() - 1) + ",\"pit\":{\"id\":\"" + pit + "\"}}";
    String body = alias.substring(0, alias.length() - 1) + ",\"size\":1}";
    for (HttpResponse<String> answer :
        List.of(
            encoding.ask("POST", "/drifted/_search", plain),
            encoding.ask("POST", "/drifted/_search", alias),
            encoding.ask("POST", "/drift*/_search", alias),
            encoding.ask("POST", "/_search", pinned),
            encoding.ask("POST", "/drifted/_count", alias),
            encoding.ask("POST", "/drifted/_explain/1", alias),
            encoding.ask("POST", "/_msearch", "{\"index\": \"drifted\"}\n" + body + "\n"))) {
      assertTrue(answer.body().contains("give other weights"), answer.body());
    }
  }

  private static void aTextIsNotChangedWithoutItsWeights(TestNode encoding) throws IOException {
    HttpResponse<String> settings =
        encoding.ask("PUT", "/texts/_settings", "{\"index.default_pipeline\": \"encode\"}");
    assertEquals(200, settings.statusCode(), settings.body());
    String change = "{\"doc\": {\"text\": \"Only blueberries now\"}}";
    HttpResponse<String> bulk =
        encoding.ask(
            "POST",
            "/texts/_bulk?refresh=true",
            "{\"update\": {\"_id\": \"1\"}}\n" + change + "\n");
    JsonNode item = JSON.readTree(bulk.body()).at("/items/0/update");
    assertTrue(item.toString().contains("has the weights of another text"), bulk.body());
    // Here it is the shard's node that runs the pipeline, and it may have no encoder.
    HttpResponse<String> single = encoding.ask("POST", "/texts/_update/1?refresh=true", change);
    assertTrue(
        single.statusCode() == 200 || single.body().contains("has no encoder"), single.body());
    String text =
        JSON.readTree(encoding.ask("GET", "/texts/_doc/1", null).body())
            .at("/_source/text")
            .asText();
    assertEquals(single.statusCode() == 200 ? "Only blueberries now" : TEXTS.get(1), text);
    HttpResponse<String> whole =
        encoding.ask("PUT", "/texts/_doc/1?refresh=true", "{\"text\": \"Only blueberries now\"}");
    assertEquals(200, whole.statusCode(), whole.body());
    JsonNode hits =
        JSON.readTree(encoding.ask("POST", "/texts/_search", asked("blueberries")).body());
    assertEquals("1", hits.at("/hits/hits/0/_id").asText());
  }

  private static void longTextsAndThoseThatNobodyWaitsForAreNotEncoded(TestNode encoding)
      throws IOException {
    HttpResponse<String> query =
        encoding.ask("POST", "/texts/_search", asked("pump drain ".repeat(1_000)));
    assertEquals(400, query.statusCode(), query.body());
    assertTrue(query.body().contains("m3lex.max_query_characters"), query.body());
    HttpResponse<String> document =
        encoding.ask(
            "PUT", "/texts/_doc/9", "{\"text\": \"" + "pump drain ".repeat(100_000) + "\"}");
    assertEquals(400, document.statusCode(), document.body());
    assertTrue(document.body().contains("m3lex.max_document_characters"), document.body());
    String impatient =
        asked("pump drain ".repeat(900)).replaceFirst("\\{", "{\"timeout\":\"1nanos\",");
    HttpResponse<String> late = encoding.ask("POST", "/texts/_search", impatient);
    assertEquals(504, late.statusCode(), late.body());
    assertTrue(late.body().contains("was over before its text was encoded"), late.body());
  }

  private static void aNodeIsRefused(TestCluster cluster, TestNode other, String reason)
      throws Exception {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!other.log().contains(reason)) {
      assertTrue(System.nanoTime() < end, other.log());
      Thread.sleep(500);
    }
    assertEquals(
        2, cluster.request("GET", "/_cluster/health", null).get("number_of_nodes").asInt());
    other.kill();
  }

  private static void create(TestCluster cluster, String index, ModelIdentity identity)
      throws IOException {
    HttpResponse<String> created =
        new SparseCalls(cluster)
            .create(index, 1, 0, JSON.writeValueAsString(identity.toUserData()));
    assertEquals(200, created.statusCode(), created.body());
  }

  private static String asked(String text) {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("query")
        .putObject("sparse")
        .put("field", "sparse")
        .put("text", text)
        .put("k", 10);
    return body.toString();
  }

  private static void assertSameHits(List<Hit> expected, HttpResponse<String> answer)
      throws IOException {
    assertEquals(200, answer.statusCode(), answer.body());
    JsonNode hits = JSON.readTree(answer.body()).at("/hits/hits");
    assertEquals(expected.size(), hits.size(), answer.body());
    for (int i = 0; i < hits.size(); i++) {
      assertEquals(expected.get(i).id(), hits.get(i).get("_id").asText());
      assertEquals(expected.get(i).score(), hits.get(i).get("_score").floatValue(), 1e-4f);
    }
  }

  private Path pluginWithEncoder() throws IOException {
    Path plugin = Files.createDirectory(folder.resolve("plugin-with-encoder"));
    TestCluster.unzip(TestCluster.plugin(), plugin);
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of("target/lib"), "*.jar")) {
      for (Path jar : jars) {
        Path copy = plugin.resolve(jar.getFileName());
        if (!NOT_IN_PLUGIN.matcher(jar.getFileName().toString()).matches() && !Files.exists(copy)) {
          Files.copy(jar, copy);
        }
      }
    }
    return plugin;
  }
}
