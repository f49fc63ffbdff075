package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.m3lex.ModelFingerprint;
import io.m3lex.opensearch.TestCluster;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugin as it is installed, on three nodes. */
class SparsePluginIT {

  private static final Path PLUGIN = Path.of(System.getProperty("m3lex.plugin"));
  private static final String MODEL = ModelFingerprint.declared("test model").sha256();

  @TempDir private static Path folder;
  private static TestCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start(folder, 3, "512m", PLUGIN);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static HttpResponse<String> create(String index, Object identity) throws Exception {
    return cluster.ask(
        "PUT",
        "/" + index,
        "{\"settings\": {\"number_of_shards\": 3, \"number_of_replicas\": 1}, \"mappings\": {\"properties\": {\"sparse\": {\"type\": \"m3lex_sparse\", \"identity\": %s}}}}"
            .formatted(identity));
  }

  @Test
  void findsWhatItWasGiven() throws Exception {
    HttpResponse<String> created = create("simple", "\"test model\"");
    assertEquals(200, created.statusCode(), created.body());
    for (int i = 1; i <= 5; i++) {
      cluster.request(
          "PUT",
          "/simple/_doc/" + i,
          "{\"sparse\": {\"model\": \"%s\", \"weights\": {\"a\": 0.%d, \"b.c\": 0.1}}}"
              .formatted(MODEL, i));
    }
    cluster.request("POST", "/simple/_refresh", null);
    for (String k : new String[] {"", ", \"k\": 10"}) {
      JsonNode found =
          cluster.request(
              "POST",
              "/simple/_search",
              "{\"query\": {\"sparse\": {\"field\": \"sparse\", \"model\": \"%s\", \"weights\": {\"a\": 2, \"b.c\": 1}%s}}}"
                  .formatted(MODEL, k));
      assertEquals(5, found.at("/hits/total/value").asInt(), found.toString());
      assertEquals("5", found.at("/hits/hits/0/_id").asText(), found.toString());
      assertEquals(1.1, found.at("/hits/hits/0/_score").asDouble(), 0.005);
    }
    assertTrue(
        cluster.request("GET", "/simple/_mapping", null).toString().contains("m3lex_sparse"));
  }
}
