/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.m3lex.Folders;
import io.m3lex.SparseVector;
import io.m3lex.index.StoredDocuments;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelFile;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.PartialContent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Programs are killed (signal 9) at random moments of their work, again and again, until they come
 * to its end; then everything is as if nothing had happened. {@code -Dm3lex.kills=200} kills more,
 * {@code -Dm3lex.seed} at the same moments.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS)
@Execution(ExecutionMode.CONCURRENT)
class CrashTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final RandomKills kills = new RandomKills();

  @TempDir private Path folder;

  @Test
  void indexing() throws Exception {
    int documents = 300;
    Path corpus = InterruptionTest.corpus(folder, documents);
    Path undisturbed = folder.resolve("undisturbed");
    kills.undisturbed(indexing(corpus, undisturbed));
    List<Content> expected = documents(undisturbed);
    expected.sort(Comparator.comparingInt(document -> Integer.parseInt(document.id())));
    for (int round = 0; kills.goOn(); round++) {
      Path index = folder.resolve("idx-" + round);
      int committed = 0;
      while (kills.killed(indexing(corpus, index))) {
        int now = Files.exists(index) ? check(index, expected) : 0;
        assertTrue(now >= committed, "what was committed is lost, " + kills);
        committed = now;
      }
      assertEquals(documents, check(index, expected));
    }
    report("indexing");
  }

  private static String[] indexing(Path corpus, Path index) {
    return new String[] {
      "index", corpus.toString(), "--to", index.toString(), "--commit-every", "20"
    };
  }

  /** A commit holds a beginning of what was indexed, and nothing is damaged. */
  private static int check(Path index, List<Content> expected) throws IOException {
    requireSound(index);
    try (Directory directory = FSDirectory.open(index)) {
      if (!DirectoryReader.indexExists(directory)) {
        return 0;
      }
    }
    Set<Content> found = new HashSet<>(documents(index));
    assertEquals(new HashSet<>(expected.subList(0, found.size())), found);
    return found.size();
  }

  @Test
  void optimizing() throws Exception {
    Path vectors = folder.resolve("vectors.jsonl");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      ObjectNode line = JSON.createObjectNode().put("id", "d" + i);
      ObjectNode vector = line.putObject("vector");
      for (int feature = 0; feature < 20; feature++) {
        vector.put(
            "f" + kills.random().nextInt(1 + kills.random().nextInt(2_000)),
            0.1 + kills.random().nextInt(20) / 10f);
      }
      lines.add(line.toString());
    }
    Files.write(vectors, lines);
    Path original = folder.resolve("original");
    RandomKills.requireGood(
        "index",
        vectors.toString(),
        "--vectors",
        "--fingerprint",
        "mine",
        "--to",
        original.toString(),
        "--commit-every",
        "2000");
    Set<Content> expected = new HashSet<>(documents(original));
    Path undisturbed = Folders.copy(original, folder.resolve("undisturbed"));
    kills.undisturbed("optimize", undisturbed.toString());
    for (int round = 0; kills.goOn(); round++) {
      Path index = Folders.copy(original, folder.resolve("idx-" + round));
      while (kills.killed("optimize", index.toString())) {
        requireSound(index);
        assertEquals(expected, new HashSet<>(documents(index)), kills.toString());
      }
      requireSound(index);
      // In the same order as well.
      assertEquals(documents(undisturbed), documents(index), kills.toString());
      Folders.delete(index);
    }
    report("optimizing");
  }

  @Test
  void fetching() throws Exception {
    ModelManifest manifest = ModelCatalog.shipped().defaultModel();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    for (ModelFile file : manifest.files()) {
      byte[] content;
      try (InputStream stream = CrashTest.class.getResourceAsStream(file.resource())) {
        content = stream.readAllBytes();
      }
      server.createContext(
          "/" + file.path(),
          exchange -> {
            int from = PartialContent.begin(exchange, content.length);
            try (exchange) {
              // About 40 MB a second.
              for (int at = from; at < content.length; at += 1 << 16) {
                exchange
                    .getResponseBody()
                    .write(content, at, Math.min(1 << 16, content.length - at));
                LockSupport.parkNanos(1_600_000);
              }
            }
          });
    }
    server.start();
    try {
      String from = "http://127.0.0.1:" + server.getAddress().getPort();
      kills.undisturbed(fetching(manifest, from, folder.resolve("undisturbed")));
      for (int round = 0; kills.goOn(); round++) {
        Path model = folder.resolve("model-" + round);
        while (kills.killed(fetching(manifest, from, model))) {
          requireWholeFiles(manifest, model);
        }
        assertEquals(manifest.files().size() + 1, requireWholeFiles(manifest, model));
        RandomKills.requireGood("model", "verify", model.toString());
        Folders.delete(model);
      }
    } finally {
      server.stop(0);
    }
    report("fetching");
  }

  private static String[] fetching(ModelManifest manifest, String from, Path to) {
    return new String[] {"model", "fetch", manifest.name(), "--from", from, "--to", to.toString()};
  }

  /** Under a file's own name lies the whole file or nothing; gives the number of whole files. */
  private static int requireWholeFiles(ModelManifest manifest, Path model) throws IOException {
    int files = 0;
    for (ModelFile file : manifest.files()) {
      Path path = model.resolve(file.path());
      if (Files.exists(path)) {
        assertEquals(file.sha256(), FileContent.sha256(path), path.toString());
        files++;
      }
    }
    if (Files.exists(model.resolve("m3lex-model.json"))) {
      assertEquals(manifest.files().size(), files, "the manifest comes last");
      assertEquals(manifest, ModelManifest.ofFolder(model));
      files++;
    }
    return files;
  }

  /** Requests are taken whole or not at all, and whatever was answered is kept. */
  @Test
  void writingThroughTheServer() throws Exception {
    Path index = folder.resolve("idx");
    Path corpus = Files.writeString(folder.resolve("first.tsv"), "first\ta pump\n");
    RandomKills.requireGood("index", corpus.toString(), "--to", index.toString());
    Map<String, List<String>> requests = new LinkedHashMap<>();
    Set<String> answered = Collections.synchronizedSet(new HashSet<>());
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (int round = 0; kills.goOn(); round++) {
        Process process =
            InterruptionTest.command("serve", index.toString(), "--port", "0", "--writable");
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
          URI address = URI.create(InterruptionTest.address(output) + "documents");
          CompletableFuture<Process> killed =
              CompletableFuture.supplyAsync(
                  () -> kills.kill(process),
                  CompletableFuture.delayedExecutor(
                      kills.random().nextInt(1_500), TimeUnit.MILLISECONDS));
          for (int request = 0; !killed.isDone(); request++) {
            write(client, address, round + "-" + request, requests, answered);
          }
          process.waitFor();
        }
        requireSound(index);
        Set<String> found = new HashSet<>();
        documents(index).forEach(document -> found.add(document.id()));
        int expected = 1;
        for (Map.Entry<String, List<String>> request : requests.entrySet()) {
          int kept = (int) request.getValue().stream().filter(found::contains).count();
          assertTrue(
              kept == request.getValue().size()
                  || kept == 0 && !answered.contains(request.getKey()),
              "%d documents of request %s, answered: %s, %s"
                  .formatted(kept, request.getKey(), answered, kills));
          expected += kept;
        }
        assertEquals(expected, found.size());
      }
    }
    System.out.printf("%d requests answered, ", answered.size());
    report("writing through the server");
  }

  private static void write(
      HttpClient client,
      URI address,
      String name,
      Map<String, List<String>> requests,
      Set<String> answered)
      throws InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode documents = body.putArray("documents");
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.add(name + "-" + i);
      documents.addObject().put("id", ids.getLast()).put("text", "pump number " + i);
    }
    requests.put(name, ids);
    try {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(address)
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString(body.toString()))
                  .build(),
              BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      answered.add(name);
    } catch (IOException e) {
      // It was killed before it could answer.
    }
  }

  private void report(String work) {
    System.out.printf("%s: %s%n", work, kills);
  }

  private static void requireSound(Path index) throws IOException {
    try (Directory directory = FSDirectory.open(index)) {
      if (DirectoryReader.indexExists(directory)) {
        try (CheckIndex check = new CheckIndex(directory)) {
          assertTrue(check.checkIndex().clean);
        }
      }
    }
  }

  /** A document's id, text and weights. */
  private record Content(String id, String text, SparseVector vector) {}

  private static List<Content> documents(Path index) throws IOException {
    List<Content> documents = new ArrayList<>();
    try (StoredDocuments stored = StoredDocuments.open(index)) {
      stored.visit(
          0,
          document ->
              documents.add(
                  new Content(document.id(), document.passage().text(), document.vector())));
    }
    return documents;
  }
}
