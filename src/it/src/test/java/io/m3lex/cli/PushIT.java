/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.opensearch.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command pushes to three nodes, which may end and come back meanwhile. */
@Timeout(600)
class PushIT extends CommandTestBase {

  private static final int DOCUMENTS = 1_500;

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

  private static String url(String index) {
    return cluster.addresses().getFirst() + "/" + index;
  }

  /** An index in a folder with the same texts. */
  private Path index(int documents) throws IOException {
    Path index = folder.resolve("idx");
    assertEquals(
        0,
        run(
            "index",
            InterruptionTest.corpus(folder, documents).toString(),
            "--to",
            index.toString()),
        err);
    return index;
  }

  private JsonNode hits(String location, String query, int k) throws IOException {
    assertEquals(0, run("search", location, query, "--json", "-k", Integer.toString(k)), err);
    return new ObjectMapper().readTree(out).get("hits");
  }

  private void requireEqual(Path index, String location, String query, int k) throws IOException {
    JsonNode expected = hits(index.toString(), query, k);
    JsonNode found = hits(location, query, k);
    assertEquals(expected.size(), found.size());
    Set<String> ofExpected = new HashSet<>();
    Set<String> ofFound = new HashSet<>();
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).get("score"), found.get(i).get("score"));
      for (JsonNode hit : List.of(expected.get(i), found.get(i))) {
        ((ObjectNode) hit).remove("rank");
      }
      ofExpected.add(expected.get(i).toString());
      ofFound.add(found.get(i).toString());
    }
    assertEquals(ofExpected, ofFound);
  }

  @Test
  void anIndexAndTextsArePushedAndSearchedAsTheIndexIs() throws IOException {
    Path index = index(150);
    assertEquals(0, run("push", index.toString(), "--to", url("of-index"), "--shards", "3"), err);
    assertTrue(out.contains("150 documents"), out);
    assertEquals(
        0, run("push", folder.resolve("corpus.tsv").toString(), "--to", url("of-texts")), err);
    for (String location : List.of(url("of-index"), url("of-texts"))) {
      requireEqual(index, location, "what is pump number 77 in the room", 150);
    }
    assertEquals(0, run("search", url("of-texts"), "pump number 7"), err);
    assertTrue(out.contains("pump number 7 of the engine room"), out);

    assertEquals(0, run("push", index.toString(), "--to", url("of-index")), err);
    assertTrue(err.contains("was pushed to"), err);
    String corpus = folder.resolve("corpus.tsv").toString();
    assertEquals(0, run("push", corpus, "--to", url("of-texts")), err);
    assertTrue(err.contains("was pushed to"), err);
    InterruptionTest.corpus(folder, 151);
    assertEquals(0, run("push", corpus, "--to", url("of-texts")), err);
    assertTrue(err.contains("have changed") && out.contains("151 documents"), err + out);

    assertEquals(
        1, run("search", url("of-texts"), "--vector", "{\"a\": 1}", "--fingerprint", "other"));
    assertTrue(err.contains("They differ in"), err);
    assertEquals(1, run("push", corpus, "--to", url("of-texts"), "--max-tokens", "256"));
    assertTrue(err.contains("max-tokens"), err);
    assertEquals(1, run("search", url("nowhere"), "a"));
    assertTrue(err.contains("There is no index"), err);
  }

  @Test
  void vectorsArePushed() throws IOException {
    Path vectors = folder.resolve("vectors.jsonl");
    Files.writeString(vectors, "{\"id\": \"a\", \"vector\": {\"x.y\": 0.5}}\nnonsense\n");
    String[] pushing = {
      "push", vectors.toString(), "--to", url("vectors"), "--vectors", "--fingerprint", "mine"
    };
    assertEquals(0, run(pushing), err);
    assertTrue(err.contains("vectors.jsonl:2"), err);
    assertEquals(
        0, run("search", url("vectors"), "--vector", "{\"x.y\": 2}", "--fingerprint", "mine"), err);
    assertTrue(out.contains("1. 1.0000  a") && out.contains("x.y 1.00"), out);
  }

  @Test
  void runAgainCompletesTheIndexAsIfNothingHadHappened() throws Exception {
    Path index = index(DOCUMENTS);
    for (boolean forcibly : new boolean[] {false, true}) {
      runAgain(index, forcibly);
    }
  }

  private void runAgain(Path index, boolean forcibly) throws Exception {
    String name = "interrupted-" + forcibly;
    Path corpus = folder.resolve("corpus.tsv");
    Process process = push(corpus, name);
    while (process.isAlive() && !exists(name)) {
      Thread.sleep(20);
    }
    // How far it came is noted every ten seconds, in which it could come to its end.
    signal(process, "STOP");
    Thread.sleep(11_000);
    signal(process, "CONT");
    while (process.isAlive() && noted(name) < 1) {
      Thread.sleep(20);
    }
    assertTrue(process.isAlive(), "it was too fast to be interrupted");
    if (forcibly) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    long done = noted(name);
    assertTrue(done >= 1 && done < DOCUMENTS, done + " documents");
    Process again = push(corpus, name);
    String output = new String(again.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, again.waitFor(), output);
    assertTrue(output.contains("going on where an interrupted run stopped"), output);
    requireEqual(index, url(name), "pump number 77", DOCUMENTS);
  }

  /** What is noted is in the cluster, and in the end everything is, once. */
  @Test
  @Timeout(7200)
  void killedAtRandomMomentsItStillCompletes() throws Exception {
    int documents = 4_000;
    Path vectors = folder.resolve("vectors.jsonl");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < documents; i++) {
      lines.add("{\"id\": \"%d\", \"vector\": {\"all\": %d, \"f%d\": 0.5}}".formatted(i, 1 + i, i));
    }
    Files.write(vectors, lines);
    RandomKills kills = new RandomKills();
    kills.undisturbed(pushing(vectors, "undisturbed"));
    String query = "{\"all\": 0.001, \"f1234\": 3}";
    JsonNode expected = vectorHits("undisturbed", query);
    assertEquals(100, expected.size());
    for (int round = 0; kills.goOn(); round++) {
      String index = "killed-" + round;
      long noted = 0;
      while (kills.killed(pushing(vectors, index))) {
        long now = noted(index);
        assertTrue(now >= noted && count(index) >= now, kills + ", " + now + " were noted");
        noted = now;
      }
      assertEquals(documents, count(index));
      // Equal scores come in any order.
      assertEquals(
          expected.findValuesAsText("score"),
          vectorHits(index, query).findValuesAsText("score"),
          kills.toString());
      cluster.request("DELETE", "/" + index, null);
    }
    System.out.println("pushing: " + kills);
  }

  private static String[] pushing(Path vectors, String index) {
    return new String[] {
      "push", vectors.toString(), "--to", url(index), "--vectors", "--fingerprint", "mine"
    };
  }

  private JsonNode vectorHits(String index, String query) throws IOException {
    String[] search = {
      "search", url(index), "--vector", query, "--fingerprint", "mine", "-k", "100", "--json"
    };
    assertEquals(0, run(search), err);
    return new ObjectMapper().readTree(out).get("hits");
  }

  @Test
  void nodesThatEndAndComeBackLoseNothing() throws Exception {
    int documents = 60_000;
    Path vectors = folder.resolve("vectors.jsonl");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < documents; i++) {
      lines.add(
          "{\"id\": \"%d\", \"contents\": \"%s\", \"vector\": {\"all\": 1, \"f%d\": 0.5}}"
              .formatted(i, "text ".repeat(200), i));
    }
    Files.write(vectors, lines);
    Process process =
        InterruptionTest.command(
            "push",
            vectors.toString(),
            "--to",
            url("restarted"),
            "--shards",
            "3",
            "--vectors",
            "--fingerprint",
            "mine");
    while (process.isAlive() && count("restarted") < 1) {
      Thread.sleep(20);
    }
    assertTrue(process.isAlive(), "it was too fast");
    cluster.node(1).kill();
    // Searches meanwhile are complete or an error.
    int searched = 0;
    for (int i = 0; i < 5; i++) {
      int code =
          run("search", url("restarted"), "--vector", "{\"all\": 1}", "--fingerprint", "mine");
      searched += code == 0 ? 1 : 0;
      assertTrue(code == 0 || err.contains("restarted"), err);
    }
    System.out.println(searched + " of 5 searches succeeded while a node was gone");
    cluster.restart(1);
    cluster.await(3);
    // In order, and the one that the command talks to.
    cluster.node(0).stop();
    cluster.restart(0);
    cluster.await(3);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("60,000 documents"), output);
    assertEquals(documents, count("restarted"));
    for (int i = 0; i < documents; i += 6_007) {
      assertEquals(
          0,
          run(
              "search",
              url("restarted"),
              "--vector",
              "{\"f" + i + "\": 2}",
              "--fingerprint",
              "mine"),
          err);
      assertTrue(out.startsWith(" 1. 1.0000  " + i), out);
    }
  }

  @Test
  void anIndexThatLacksAShardIsNotSearchedInPart() throws Exception {
    Path index = folder.resolve("idx");
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        SparseIndexWriter writer = SparseIndexWriter.open(index, encoder)) {
      for (int i = 0; i < 30; i++) {
        writer.put(SparseDocument.of("d" + i, "pump number " + i));
      }
      writer.commit();
    }
    String[] pushing = {
      "push", index.toString(), "--to", url("partial"), "--shards", "3", "--replicas", "0"
    };
    assertEquals(0, run(pushing), err);
    cluster.node(2).kill();
    try {
      assertNotEquals(0, run("search", url("partial"), "pump", "-k", "30"), out);
      assertTrue(err.contains("cannot be searched completely"), err);
      assertEquals(
          1,
          run("push", index.toString(), "--to", url("partial"), "--restart", "--retry-for", "2"));
      assertTrue(err.contains("is red"), err);
    } finally {
      cluster.restart(2);
      cluster.await(3);
    }
    assertEquals(30, hits(url("partial"), "pump", 30).size());
  }

  private static void signal(Process process, String signal) throws Exception {
    assertEquals(0, new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor());
  }

  private static boolean exists(String index) {
    try {
      cluster.request("GET", "/" + index, null);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** How many records the mapping says are done. */
  private static long noted(String index) {
    try {
      return cluster
          .request("GET", "/" + index + "/_mapping", null)
          .path(index)
          .at("/mappings/_meta/m3lex/progress/records")
          .asLong();
    } catch (IOException e) {
      return 0;
    }
  }

  private static int count(String index) {
    try {
      cluster.request("POST", "/" + index + "/_refresh", null);
      return cluster.request("GET", "/" + index + "/_count", null).path("count").asInt();
    } catch (IOException e) {
      return 0;
    }
  }

  private static Process push(Path corpus, String index) throws IOException {
    return InterruptionTest.command("push", corpus.toString(), "--to", url(index), "--shards", "2");
  }
}
