/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A cluster of OpenSearch on this machine, each node a program of its own. Not safe for use by
 * several threads, but for {@link #request}.
 */
public final class TestCluster implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_MILLIS = 120_000;

  private final Path folder;
  private final List<String> options;
  private final List<TestNode> nodes = new ArrayList<>();

  /** The nodes that the cluster began with. */
  private List<TestNode> managers = List.of();

  private final HttpClient client = HttpClient.newHttpClient();

  private TestCluster(Path folder, List<String> options) {
    this.folder = folder;
    this.options = options;
  }

  /**
   * Starts a cluster for tests and waits until all of its nodes have joined.
   *
   * @param folder for all that the nodes write
   * @param memory of each node's heap, such as {@code 512m}
   * @param plugins zips to be installed on every node
   */
  public static TestCluster start(Path folder, int nodes, String memory, Path... plugins)
      throws Exception {
    // Tests are over before a better compiler would pay.
    return start(
        folder,
        nodes,
        List.of("-Xms" + memory, "-Xmx" + memory, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        plugins);
  }

  /**
   * Starts a cluster and waits until all of its nodes have joined.
   *
   * @param options of each node's JVM
   */
  public static TestCluster start(Path folder, int nodes, List<String> options, Path... plugins)
      throws Exception {
    TestCluster cluster = new TestCluster(folder, options);
    try {
      for (int i = 0; i < nodes; i++) {
        cluster.nodes.add(cluster.prepare("node-" + i, List.of(), plugins));
      }
      cluster.managers = List.copyOf(cluster.nodes);
      for (TestNode node : cluster.nodes) {
        node.start();
      }
      cluster.await(nodes);
    } catch (Exception | AssertionError e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  /** The plugin's zip, as the build has made it. */
  public static Path plugin() {
    return Path.of(System.getProperty("m3lex.plugin"));
  }

  /**
   * Starts one more node. Whether it joins is another matter: {@link #await} waits for that.
   *
   * @param settings of its own, each {@code key=value}
   */
  public TestNode add(List<String> settings, Path... plugins) throws IOException {
    TestNode node = prepare("node-" + nodes.size(), settings, plugins);
    nodes.add(node);
    node.start();
    return node;
  }

  private TestNode prepare(String name, List<String> settings, Path... plugins) throws IOException {
    Path home = Files.createDirectories(folder.resolve(name));
    Files.createDirectories(home.resolve("config"));
    Files.createDirectories(folder.resolve("snapshots"));
    for (Path plugin : plugins) {
      install(plugin, home.resolve("plugins").resolve("m3lex"));
    }
    return new TestNode(name, home, settings, freePort(), freePort());
  }

  private List<String> clusterSettings() {
    List<String> seeds =
        managers.stream().map(other -> "127.0.0.1:" + other.transportPort).toList();
    List<String> names = managers.stream().map(other -> other.name).toList();
    return List.of(
        "cluster.name=m3lex-test",
        "cluster.initial_cluster_manager_nodes=" + String.join(",", names),
        "discovery.seed_hosts=" + String.join(",", seeds),
        "path.repo=" + folder.resolve("snapshots"),
        // The machine's disk may be fuller than a cluster of its own would like.
        "cluster.routing.allocation.disk.threshold_enabled=false");
  }

  /** Waits until a number of nodes is there, and all copies of every shard are. */
  public void await(int number) throws Exception {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    String last = "";
    while (System.nanoTime() < end) {
      try {
        JsonNode health =
            request(
                "GET",
                "/_cluster/health?wait_for_nodes=%d&wait_for_status=green&wait_for_no_relocating_shards=true&timeout=5s"
                    .formatted(number),
                null);
        last = health.toString();
        if (!health.get("timed_out").asBoolean()) {
          // A node joins before it can be asked.
          for (TestNode node : nodes) {
            if (node.process.isAlive()) {
              node.ask("GET", "/", null);
            }
          }
          return;
        }
      } catch (IOException e) {
        last = e.toString();
        requireAlive();
        Thread.sleep(200);
      }
    }
    throw new AssertionError("the cluster is not complete: " + last + logs());
  }

  private void requireAlive() throws IOException {
    for (TestNode node : nodes) {
      if (node.process != null && !node.process.isAlive()) {
        throw new AssertionError(node.name + " has ended:" + node.log());
      }
    }
  }

  /** The addresses of the nodes' HTTP. */
  public List<URI> addresses() {
    return nodes.stream().map(TestNode::address).toList();
  }

  /** One node, from 0. */
  public TestNode node(int number) {
    return nodes.get(number);
  }

  /** Starts a node that was ended again, with what it had stored. */
  public void restart(int number) throws Exception {
    nodes.get(number).start();
  }

  /**
   * Asks any node that runs.
   *
   * @param body JSON, or lines of it; null for none
   * @return the answer, whatever its status
   */
  public HttpResponse<String> ask(String method, String path, String body) throws IOException {
    IOException last = new IOException("no node runs");
    for (TestNode node : nodes) {
      if (node.process.isAlive()) {
        try {
          return node.ask(method, path, body);
        } catch (IOException e) {
          last = e;
        }
      }
    }
    throw last;
  }

  /**
   * Asks any node that runs.
   *
   * @throws IOException if the status is no success
   */
  public JsonNode request(String method, String path, String body) throws IOException {
    HttpResponse<String> response = ask(method, path, body);
    if (response.statusCode() >= 300) {
      throw new IOException(response.statusCode() + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }

  private String logs() throws IOException {
    StringBuilder all = new StringBuilder();
    for (TestNode node : nodes) {
      all.append('\n').append(node.name).append(":\n").append(node.log());
    }
    return all.toString();
  }

  @Override
  public void close() {
    for (TestNode node : nodes) {
      node.kill();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Installs a zip, or a folder of what would be in one. */
  private static void install(Path plugin, Path target) throws IOException {
    Files.createDirectories(target);
    if (Files.isDirectory(plugin)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(plugin)) {
        for (Path file : files) {
          Files.copy(file, target.resolve(file.getFileName()));
        }
      }
      return;
    }
    unzip(plugin, target);
  }

  /** Puts the files of a zip, which has no folders, into one. */
  public static void unzip(Path zip, Path target) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(zip));
        ZipInputStream entries = new ZipInputStream(in)) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        Files.copy(entries, target.resolve(Path.of(entry.getName()).getFileName()));
      }
    }
  }

  /** A node: its program may run or not. */
  public final class TestNode {
    private final String name;
    private final Path home;
    private final List<String> settings;
    private final int httpPort;
    private final int transportPort;
    private Process process;

    private TestNode(
        String name, Path home, List<String> settings, int httpPort, int transportPort) {
      this.name = name;
      this.home = home;
      this.settings = settings;
      this.httpPort = httpPort;
      this.transportPort = transportPort;
    }

    /** The node's name in the cluster. */
    public String name() {
      return name;
    }

    /** Where its HTTP is. */
    public URI address() {
      return URI.create("http://127.0.0.1:" + httpPort);
    }

    private void start() throws IOException {
      Path target = Path.of(System.getProperty("m3lex.target", "target")).toAbsolutePath();
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(options);
      command.addAll(
          List.of(
              "--enable-native-access=ALL-UNNAMED",
              "--add-modules=jdk.incubator.vector",
              "-Dlog4j2.configurationFile=io/m3lex/opensearch/node-log4j2.xml",
              "-cp",
              target.resolve("opensearch")
                  + File.separator
                  + "*"
                  + File.pathSeparator
                  + target.resolve("test-classes"),
              // By name: its own classes are those of the node's class path.
              "io.m3lex.opensearch.OpenSearchNode",
              "path.home=" + home,
              "node.name=" + name,
              "http.port=" + httpPort,
              "transport.port=" + transportPort,
              "network.host=127.0.0.1",
              "transport.type=netty4",
              "http.type=netty4"));
      command.addAll(clusterSettings());
      command.addAll(settings);
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(home.resolve("log").toFile()))
              .start();
    }

    /**
     * Asks this node.
     *
     * @param body JSON, or lines of it; null for none
     * @return the answer, whatever its status
     */
    public HttpResponse<String> ask(String method, String path, String body) throws IOException {
      HttpRequest request =
          HttpRequest.newBuilder(address().resolve(path))
              .timeout(Duration.ofMillis(PATIENCE_MILLIS))
              .header("Content-Type", "application/json")
              .method(
                  method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
              .build();
      try {
        return client.send(request, BodyHandlers.ofString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }

    /** Ends the program as a power failure would. */
    public void kill() {
      end(true);
    }

    /** Ends the program in order. */
    public void stop() {
      end(false);
    }

    private void end(boolean forcibly) {
      if (process == null) {
        return;
      }
      if (forcibly) {
        process.destroyForcibly();
      } else {
        process.destroy();
      }
      try {
        process.onExit().get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException | ExecutionException | TimeoutException e) {
        throw new AssertionError(name + " does not end", e);
      }
    }

    /** The end of what it logged. */
    public String log() throws IOException {
      List<String> lines = Files.readAllLines(home.resolve("log"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
    }
  }
}
