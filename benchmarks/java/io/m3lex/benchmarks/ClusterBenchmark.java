/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.Folders;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import io.m3lex.opensearch.TestCluster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Compares the plugin to stock {@code rank_feature} clauses on the same cluster of three nodes on
 * this machine: same documents, same queries, the same number of shards and copies. Every result of
 * the plugin is compared to that of the clauses, score by score, before anything is measured.
 * Writing is compared to plain documents of as many bytes, a text field of words. Run by {@code
 * benchmarks/cluster}.
 */
@CommandLine.Command(name = "cluster", mixinStandardHelpOptions = true)
public final class ClusterBenchmark implements Callable<Integer> {

  private static final int NODES = 3;
  private static final int CHUNK_DOCUMENTS = 1_000;
  private static final int MOST_ATTEMPTS = 60;
  private static final String MODEL_NAME = "vectors of the benchmark";
  private static final String MODEL = ModelFingerprint.declared(MODEL_NAME).sha256();
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private CorpusOptions corpusOptions;

  @Option(names = "--documents", description = "how many (default: 200000)")
  private int documents = 200_000;

  @Option(
      names = "--measured",
      description = "how many of them the rate of writing is measured with (default: 100000)")
  private int measuredDocuments = 100_000;

  @Option(names = "--folder", required = true, description = "in which the nodes write")
  private Path parent;

  @Option(names = "--plugin", required = true, description = "the plugin's zip")
  private Path plugin;

  @Option(names = "--queries", description = "how many (default: 200)")
  private int queryCount = 200;

  @Option(names = "--shards", description = "of each index (default: 3, one a node)")
  private int shards = NODES;

  @Option(
      names = "--copies",
      description =
          "of each shard (default: 1); as many as there are nodes, and every node answers by"
              + " itself")
  private int copies = 1;

  @Option(names = "--clients", description = "searches at once (default: 4)")
  private int clients = 4;

  @Option(
      names = "--warm-up",
      description = "seconds of searches of every kind before the first is measured (default: 180)")
  private int warmUp = 180;

  @Option(names = "--rounds", description = "of every kind of search in turn (default: 3)")
  private int rounds = 3;

  @Option(names = "--seconds", description = "of each kind in each round (default: 10)")
  private int seconds = 10;

  @Option(
      names = "--without-source",
      description = "keep no JSON beside what is searched, whatever field it is")
  private boolean withoutSource;

  @Option(names = "--memory", description = "of each node's heap (default: 1g)")
  private String memory = "1g";

  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, Integer> numbers = new HashMap<>();
  private Path folder;
  private TestCluster cluster;

  private ClusterBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ClusterBenchmark()).execute(arguments));
  }

  /** What an index holds for a vector. */
  private interface Form {
    String document(SparseVector vector);
  }

  @Override
  public Integer call() throws Exception {
    VectorCorpus corpus = corpusOptions.corpus(documents);
    List<SparseVector> queries = corpus.queries(queryCount);
    System.out.printf(
        "%s, %,d documents of %s; %d queries of %.1f features; %d nodes, %d shards, %d copies, %d"
            + " clients%n",
        corpus.family(),
        documents,
        corpus.description(),
        queries.size(),
        queries.stream().mapToInt(SparseVector::size).average().orElse(0),
        NODES,
        shards,
        copies,
        clients);
    folder = Files.createTempDirectory(parent, "cluster-");
    try {
      measure(corpus, queries);
    } finally {
      Folders.delete(folder);
    }
    return 0;
  }

  private void measure(VectorCorpus corpus, List<SparseVector> queries) throws Exception {
    try (TestCluster started =
        TestCluster.start(folder, NODES, List.of("-Xms" + memory, "-Xmx" + memory), plugin)) {
      cluster = started;
      String stock = "{\"type\": \"rank_features\"}";
      String sparse = "{\"type\": \"m3lex_sparse\", \"identity\": \"%s\"}".formatted(MODEL_NAME);
      int measured = Math.min(documents, measuredDocuments);
      int few = Math.min(measured, 20_000);
      write("warm-up", stock, corpus, few, this::stock);
      write("warm-up-2", sparse, corpus, few, this::sparse);
      double plain = write("plain", "{\"type\": \"text\"}", corpus, measured, this::words);
      report("plain text of as many bytes", plain, plain);
      report("rank_features", write("stock", stock, corpus, measured, this::stock), plain);
      report("plugin", write("sparse", sparse, corpus, measured, this::sparse), plain);
      complete("stock", corpus, measured, this::stock);
      complete("sparse", corpus, measured, this::sparse);
      sizes();
      System.out.println();
      compare(queries);
      System.out.printf(
          "%-44s %10s %8s %8s %8s %8s%n", "k = 10", "queries/s", "ratio", "p50 ms", "p90", "p99");
      search(queries);
    }
  }

  /** Creates an index and writes documents, made beforehand; gives their number a second. */
  private double write(String index, String mapping, VectorCorpus corpus, int count, Form form)
      throws Exception {
    cluster.request(
        "PUT",
        "/" + index,
        "{\"settings\": {\"number_of_shards\": %d, \"number_of_replicas\": 0, \"refresh_interval\": -1}, \"mappings\": {\"_source\": {\"enabled\": %s}, \"properties\": {\"sparse\": %s}}}"
            .formatted(shards, !withoutSource, mapping));
    List<Path> chunks = new ArrayList<>();
    for (int document = 0; document < count; document += CHUNK_DOCUMENTS) {
      Path chunk = folder.resolve(index + "." + document);
      Files.write(chunk, lines(corpus, document, count, form));
      chunks.add(chunk);
    }
    long start = System.nanoTime();
    inParallel(
        chunks.size(), chunk -> bulk(chunk, index, BodyPublishers.ofFile(chunks.get(chunk))));
    cluster.request("POST", "/" + index + "/_refresh", null);
    double rate = count / ((System.nanoTime() - start) / 1e9);
    for (Path chunk : chunks) {
      Files.delete(chunk);
    }
    return rate;
  }

  /** Writes the remaining documents, merges the index to one segment a shard and copies it. */
  private void complete(String index, VectorCorpus corpus, int from, Form form) throws Exception {
    inParallel(
        Math.ceilDiv(documents - from, CHUNK_DOCUMENTS),
        chunk ->
            bulk(
                chunk,
                index,
                BodyPublishers.ofByteArray(
                    lines(corpus, from + chunk * CHUNK_DOCUMENTS, documents, form))));
    // What the cluster keeps for copies of the shard can only be merged away once it is flushed.
    cluster.request("POST", "/" + index + "/_flush", null);
    // Takes longer than the cluster's other requests may.
    post(
        0,
        "/" + index + "/_forcemerge?max_num_segments=1",
        BodyPublishers.noBody(),
        "\"failed\":0");
    cluster.request("POST", "/" + index + "/_refresh", null);
    cluster.request(
        "PUT",
        "/" + index + "/_settings",
        "{\"index.number_of_replicas\": %d}".formatted(copies - 1));
    while (!cluster
        .request("GET", "/_cluster/health/" + index, null)
        .at("/status")
        .asText()
        .equals("green")) {
      TimeUnit.SECONDS.sleep(1);
    }
  }

  /** Sends documents, again while a node is short of memory. */
  private void bulk(int number, String index, BodyPublisher documents) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        post(number, "/" + index + "/_bulk", documents, "\"errors\":false");
        return;
      } catch (IOException e) {
        if (attempt == MOST_ATTEMPTS || !e.getMessage().contains("circuit_breaking_exception")) {
          throw e;
        }
        TimeUnit.SECONDS.sleep(1);
      }
    }
  }

  /** A piece of work of many. */
  private interface Piece {
    void run(int number) throws Exception;
  }

  private void inParallel(int pieces, Piece piece) throws Exception {
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService executor = Executors.newFixedThreadPool(clients)) {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        workers.add(
            executor.submit(
                () -> {
                  for (int n = next.getAndIncrement(); n < pieces; n = next.getAndIncrement()) {
                    piece.run(n);
                  }
                  return null;
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
  }

  private byte[] lines(VectorCorpus corpus, int from, int end, Form form) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (int document = from; document < Math.min(end, from + CHUNK_DOCUMENTS); document++) {
      lines.writeBytes(
          ("{\"index\": {\"_id\": \""
                  + document
                  + "\"}}\n{\"sparse\": "
                  + form.document(corpus.document(document))
                  + "}\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    return lines.toByteArray();
  }

  private void sizes() throws IOException {
    for (String index : List.of("stock", "sparse")) {
      System.out.printf(
          "index %-38s %,10d bytes, %d segments%n",
          index,
          cluster
              .request("GET", "/" + index + "/_stats/store", null)
              .at("/_all/primaries/store/size_in_bytes")
              .asLong(),
          cluster
              .request("GET", "/" + index + "/_stats/segments", null)
              .at("/_all/primaries/segments/count")
              .asInt());
    }
  }

  /** Numbers in the place of features, because rank_features takes no dots in their names. */
  private synchronized int number(String feature) {
    return numbers.computeIfAbsent(feature, any -> numbers.size());
  }

  private String stock(SparseVector vector) {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < vector.size(); i++) {
      json.append(i == 0 ? "\"" : ", \"")
          .append(number(vector.feature(i)))
          .append("\": ")
          .append(PostingWeight.round(vector.weight(i)));
    }
    return json.append('}').toString();
  }

  private String sparse(SparseVector vector) {
    return "[{\"model\": \"%s\", \"weights\": %s}]".formatted(MODEL, stock(vector));
  }

  /** Words of two to ten letters, until there are as many bytes as the weights have. */
  private String words(SparseVector vector) {
    int length = sparse(vector).length();
    SplittableRandom random = new SplittableRandom(vector.hashCode());
    StringBuilder text = new StringBuilder("\"");
    while (text.length() < length - 1) {
      for (int word = 700 + (int) Math.pow(200_000, random.nextDouble()); word > 0; word /= 26) {
        text.append((char) ('a' + word % 26));
      }
      text.append(' ');
    }
    text.setLength(length - 1);
    return text.append('"').toString();
  }

  private static void report(String name, double rate, double plain) {
    System.out.printf("%-44s %,10.0f documents/s %8.2f%n", name, rate, rate / plain);
  }

  private String clauses(SparseVector query, String more) {
    StringBuilder json = new StringBuilder("{\"query\": {\"bool\": {\"should\": [");
    for (int i = 0; i < query.size(); i++) {
      json.append(i == 0 ? "" : ", ")
          .append("{\"rank_feature\": {\"field\": \"sparse.")
          .append(number(query.feature(i)))
          .append("\", \"linear\": {}, \"boost\": ")
          .append(query.weight(i))
          .append("}}");
    }
    return json.append("]}}, \"_source\": false").append(more).append('}').toString();
  }

  private String ask(SparseVector query, String inside, String more) {
    StringBuilder weights = new StringBuilder("{");
    for (int i = 0; i < query.size(); i++) {
      weights
          .append(i == 0 ? "\"" : ", \"")
          .append(number(query.feature(i)))
          .append("\": ")
          .append(query.weight(i));
    }
    return "{\"query\": {\"sparse\": {\"field\": \"sparse\", \"model\": \"%s\", \"weights\": %s}%s}}, \"_source\": false%s}"
        .formatted(MODEL, weights, inside, more);
  }

  private void compare(List<SparseVector> queries) throws Exception {
    int equal = 0;
    for (SparseVector query : queries) {
      float[] expected = scores("/stock/_search", clauses(query, ""));
      for (String k : List.of("", ", \"k\": 10")) {
        float[] found = scores("/sparse/_search", ask(query, k, ""));
        for (int i = 0; i < expected.length; i++) {
          if (Math.abs(found[i] - expected[i]) > 2e-6f * expected[i]) {
            throw new AssertionError(
                "%s: %s instead of %s"
                    .formatted(query, Arrays.toString(found), Arrays.toString(expected)));
          }
          equal++;
        }
      }
    }
    System.out.printf("%,d scores are those of the rank_feature clauses%n%n", equal);
  }

  private float[] scores(String path, String body) throws Exception {
    JsonNode hits =
        JSON.readTree(post(0, path, BodyPublishers.ofString(body), "hits")).at("/hits/hits");
    float[] scores = new float[hits.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = hits.get(i).get("_score").floatValue();
    }
    return scores;
  }

  private void search(List<SparseVector> queries) throws Exception {
    String uncounted = ", \"track_total_hits\": false";
    List<String> names =
        List.of(
            "rank_feature clauses",
            "rank_feature clauses, hits uncounted",
            "plugin",
            "plugin, hits uncounted",
            "plugin, k");
    List<String> paths = List.of("/stock", "/stock", "/sparse", "/sparse", "/sparse");
    List<List<String>> bodies =
        List.of(
            queries.stream().map(query -> clauses(query, "")).toList(),
            queries.stream().map(query -> clauses(query, uncounted)).toList(),
            queries.stream().map(query -> ask(query, "", "")).toList(),
            queries.stream().map(query -> ask(query, "", uncounted)).toList(),
            queries.stream().map(query -> ask(query, ", \"k\": 10", "")).toList());
    // Three virtual machines on few cores take minutes until all of their code is compiled.
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(warmUp);
    while (System.nanoTime() < end) {
      for (int i = 0; i < names.size(); i++) {
        run(paths.get(i), bodies.get(i), Math.min(5, warmUp));
      }
    }
    List<List<Long>> nanos = new ArrayList<>();
    names.forEach(name -> nanos.add(new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < names.size(); i++) {
        nanos.get(i).addAll(run(paths.get(i), bodies.get(i), seconds));
      }
    }
    double best = 0;
    for (int i = 0; i < names.size(); i++) {
      long[] sorted = nanos.get(i).stream().mapToLong(Long::longValue).sorted().toArray();
      double rate = sorted.length / ((double) rounds * seconds);
      // The ratio is to the faster of the two ways to ask the stock fields.
      best = i < 2 ? Math.max(best, rate) : best;
      System.out.printf(
          "%-44s %10.1f %8.2f %8.1f %8.1f %8.1f%n",
          names.get(i),
          rate,
          rate / best,
          sorted[sorted.length / 2] / 1e6,
          sorted[sorted.length * 9 / 10] / 1e6,
          sorted[sorted.length * 99 / 100] / 1e6);
    }
  }

  private List<Long> run(String path, List<String> bodies, int duration) throws Exception {
    // Clients of a cluster that has everything on every node would want no other's answer.
    String search =
        path + "/_search?request_cache=false" + (copies < NODES ? "" : "&preference=_local");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(duration);
    AtomicInteger next = new AtomicInteger();
    List<Long> all = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(clients)) {
      List<Future<List<Long>>> searchers = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        searchers.add(
            executor.submit(
                () -> {
                  List<Long> nanos = new ArrayList<>();
                  while (System.nanoTime() < end) {
                    int number = next.getAndIncrement();
                    long start = System.nanoTime();
                    post(
                        number,
                        search,
                        BodyPublishers.ofString(bodies.get(number % bodies.size())),
                        "\"timed_out\":false");
                    nanos.add(System.nanoTime() - start);
                  }
                  return nanos;
                }));
      }
      for (Future<List<Long>> searcher : searchers) {
        all.addAll(searcher.get());
      }
    }
    return all;
  }

  private String post(int number, String path, BodyPublisher body, String expected)
      throws IOException, InterruptedException {
    List<URI> nodes = cluster.addresses();
    HttpResponse<String> response =
        client.send(
            HttpRequest.newBuilder(nodes.get(number % nodes.size()).resolve(path))
                .header("Content-Type", "application/json")
                .POST(body)
                .build(),
            BodyHandlers.ofString());
    if (response.statusCode() != 200 || !response.body().contains(expected)) {
      throw new IOException(
          response.statusCode()
              + ": "
              + response.body().substring(0, Math.min(2000, response.body().length())));
    }
    return response.body();
  }
}
