/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.SparseVector;
import io.m3lex.opensearch.TestCluster;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes with the plugin end in the middle of work: nothing is lost, and no answer is wrong. */
class NodeFailureIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String INDEX = "lasting";
  private static final int BATCH = 100;

  @TempDir private Path folder;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private final String said = "-Dm3lex.seed=" + seed;
  private final Map<Integer, SparseVector> documents = new TreeMap<>();
  private TestCluster cluster;
  private SparseCalls calls;

  @Test
  @Timeout(600)
  void nothingIsLostAndNoAnswerIsWrong() throws Exception {
    try (TestCluster started = TestCluster.start(folder, 3, "512m", TestCluster.plugin())) {
      cluster = started;
      calls = new SparseCalls(cluster);
      calls.create(INDEX, 3, 1);
      aNodeIsKilledWhileDocumentsAreWritten();
      aNodeIsKilledWhileQueriesAreAsked();
      nodesAreRestartedOneByOne();
    }
  }

  private void aNodeIsKilledWhileDocumentsAreWritten() throws Exception {
    for (int batch = 0; batch < 40; batch++) {
      Map<Integer, SparseVector> some = new TreeMap<>();
      for (int i = 0; i < BATCH; i++) {
        some.put(batch * BATCH + i, SparseCalls.vector(random, 1 + random.nextInt(40), 300));
      }
      if (batch == 20) {
        CompletableFuture.runAsync(() -> cluster.node(1).kill());
      }
      writeUntilTaken(some);
      documents.putAll(some);
    }
    cluster.restart(1);
    cluster.await(3);
    calls.refresh(INDEX);
    assertAllCopiesAreRight();
  }

  /** Every document again until the cluster has said of each that it is written. */
  private void writeUntilTaken(Map<Integer, SparseVector> some) throws Exception {
    while (true) {
      try {
        HttpResponse<String> answer =
            cluster.ask("POST", "/" + INDEX + "/_bulk", SparseCalls.lines(some));
        if (answer.statusCode() == 200 && !JSON.readTree(answer.body()).get("errors").asBoolean()) {
          return;
        }
      } catch (IOException e) {
        // The node that was asked is the one that ended.
      }
      Thread.sleep(200);
    }
  }

  /** Whichever copies of the shards answer. */
  private void assertAllCopiesAreRight() throws IOException {
    for (int i = 0; i < 12; i++) {
      SparseVector vector = SparseCalls.vector(random, 1 + random.nextInt(10), 300);
      JsonNode answer =
          cluster.request(
              "POST",
              "/" + INDEX + "/_search?preference=copy-" + i,
              SparseCalls.body(SparseCalls.query(vector), 50).toString());
      assertEquals(3, answer.at("/_shards/successful").asInt(), answer.toString());
      SparseCalls.assertHits(answer, documents, vector, 50, said);
    }
    JsonNode all = cluster.request("GET", "/" + INDEX + "/_count", null);
    assertEquals(documents.size(), all.get("count").asInt());
  }

  private void aNodeIsKilledWhileQueriesAreAsked() throws Exception {
    AtomicInteger complete = new AtomicInteger();
    AtomicInteger marked = new AtomicInteger();
    CompletableFuture<Void> killing =
        CompletableFuture.runAsync(
            () -> {
              while (complete.get() < 20) {
                Thread.onSpinWait();
              }
              cluster.node(2).kill();
            });
    while (complete.get() < 100) {
      SparseVector vector = SparseCalls.vector(random, 1 + random.nextInt(10), 300);
      HttpResponse<String> answer;
      try {
        answer =
            cluster.ask(
                "POST",
                "/" + INDEX + "/_search",
                SparseCalls.body(SparseCalls.query(vector), 20).toString());
      } catch (IOException e) {
        marked.incrementAndGet();
        continue;
      }
      JsonNode body = JSON.readTree(answer.body());
      // A shard of which no copy is left does not count as failed.
      if (answer.statusCode() != 200
          || body.at("/_shards/successful").asInt() < 3
          || body.get("timed_out").asBoolean()) {
        marked.incrementAndGet();
        continue;
      }
      SparseCalls.assertHits(body, documents, vector, 20, said);
      complete.incrementAndGet();
    }
    killing.get();
    assertTrue(marked.get() < 1_000, marked + " answers were marked incomplete");
    cluster.restart(2);
    cluster.await(3);
  }

  private void nodesAreRestartedOneByOne() throws Exception {
    for (int node = 0; node < 3; node++) {
      cluster.node(node).stop();
      cluster.restart(node);
      cluster.await(3);
      assertAllCopiesAreRight();
    }
  }
}
