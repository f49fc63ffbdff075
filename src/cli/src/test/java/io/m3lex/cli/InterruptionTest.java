/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.Hit;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that indexes is ended in the middle; run again, it goes on, and nothing is missing. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(value = 1, unit = TimeUnit.HOURS)
class InterruptionTest {

  private static final int DOCUMENTS = 600;

  /** The cache of encoded texts is written every so often, and not in the end only. */
  private static final int EVALUATED = 3_000;

  @TempDir private static Path undisturbed;

  @TempDir private Path folder;

  private static Path corpus;

  /** What runs write that nothing interrupts. */
  @BeforeAll
  static void runUndisturbed() throws Exception {
    corpus = corpus(undisturbed, DOCUMENTS);
    assertSucceeds(indexing(undisturbed.resolve("idx")));
    assertSucceeds(encoding(undisturbed.resolve("vectors.jsonl")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void runAgainCompletesTheIndexAsIfNothingHadHappened(boolean forcibly) throws Exception {
    Path index = folder.resolve("idx");
    Process process = start(indexing(index));
    while (process.isAlive() && committed(index) < 100) {
      Thread.sleep(20);
    }
    end(process, forcibly);
    int done = committed(index);
    assertTrue(done >= 100 && done < DOCUMENTS, done + " documents");

    String output = assertSucceeds(indexing(index));
    assertTrue(output.contains("going on where an interrupted run stopped"), output);

    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        SparseIndex one = SparseIndex.open(index, encoder);
        SparseIndex two = SparseIndex.open(undisturbed.resolve("idx"), encoder)) {
      assertEquals(DOCUMENTS, one.statistics().documents());
      List<Hit> hits = one.search("pump number 77 in the room", DOCUMENTS);
      assertEquals(DOCUMENTS, hits.size());
      assertEquals(two.search("pump number 77 in the room", DOCUMENTS), hits);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void runAgainCompletesTheVectorsAsIfNothingHadHappened(boolean forcibly) throws Exception {
    Path vectors = folder.resolve("vectors.jsonl");
    assertRunAgainCompletes(vectors, forcibly, encoding(vectors));

    assertEquals(-1, Files.mismatch(undisturbed.resolve("vectors.jsonl"), vectors));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count(), "nothing else is left");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void runAgainCompletesAShardAsIfNothingHadHappened(boolean forcibly) throws Exception {
    Path vectors = folder.resolve("vectors.jsonl");
    Path second = new Shard(2, 2).file(vectors);
    Object[] command = encoding(vectors, "--shard", "2/2");
    assertRunAgainCompletes(second, forcibly, command);
    assertSucceeds(encoding(vectors, "--shard", "1/2"));
    assertTrue(assertSucceeds(command).contains("shard 2/2 was finished before"));

    String joined = assertSucceeds("join", vectors);
    Path whole = undisturbed.resolve("vectors.jsonl");
    assertTrue(joined.contains("SHA-256: " + FileContent.sha256(whole)), joined);
    assertEquals(-1, Files.mismatch(whole, vectors));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(5, files.count(), "nothing else is left");
    }
  }

  /** A file with so many texts. */
  static Path corpus(Path folder, int documents) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < documents; i++) {
      lines.add(i + "\tpump number " + i + " of the engine room");
    }
    return Files.write(folder.resolve("corpus.tsv"), lines);
  }

  /** Ends a command when it has noted how far the file is, and runs it again. */
  private static void assertRunAgainCompletes(Path file, boolean forcibly, Object... command)
      throws Exception {
    Path note = ResumableLines.noteFile(file);
    Process process = start(command);
    while (process.isAlive() && !Files.exists(note)) {
      Thread.sleep(5);
    }
    end(process, forcibly);
    assertTrue(Files.exists(note) && !Files.exists(file));
    String output = assertSucceeds(command);
    assertTrue(output.contains("going on where an interrupted run stopped"), output);
  }

  private static void end(Process process, boolean forcibly) throws InterruptedException {
    assertTrue(process.isAlive(), "it was too fast to be interrupted");
    if (forcibly) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    process.waitFor();
  }

  /** What a command prints, which ends well. */
  private static String assertSucceeds(Object... command) throws Exception {
    Process process = start(command);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEvaluationGoesOnWithWhatWasEncoded(boolean forcibly) throws Exception {
    Path collection = Files.createDirectories(folder.resolve("pumps"));
    Files.createDirectories(collection.resolve("qrels"));
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < EVALUATED; i++) {
      lines.add("{\"_id\": \"" + i + "\", \"text\": \"pump " + i + " of the engine room\"}");
    }
    Files.write(collection.resolve("corpus.jsonl"), lines);
    Files.writeString(
        collection.resolve("queries.jsonl"), "{\"_id\": \"q\", \"text\": \"pump 77\"}\n");
    Files.writeString(
        collection.resolve("qrels/test.tsv"), "query-id\tcorpus-id\tscore\nq\t77\t1\n");
    Path cache = folder.resolve("cache");
    Process process = evaluate(collection, cache);
    while (process.isAlive() && segments(cache) == 0) {
      Thread.sleep(20);
    }
    assertTrue(process.isAlive(), "it was too fast to be interrupted");
    // Not by the process itself, which would close its output.
    if (forcibly) {
      process.toHandle().destroyForcibly();
    } else {
      process.toHandle().destroy();
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    if (!forcibly) {
      assertTrue(output.contains("interrupted; what was encoded is kept"), output);
    }

    Process again = evaluate(collection, cache);
    output = new String(again.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, again.waitFor(), output);
    Matcher counts = Pattern.compile("([0-9,.]+) texts encoded, ([0-9,.]+) taken").matcher(output);
    assertTrue(counts.find(), output);
    int encoded = Integer.parseInt(counts.group(1).replaceAll("[,.]", ""));
    int taken = Integer.parseInt(counts.group(2).replaceAll("[,.]", ""));
    assertTrue(taken > 0 && encoded > 0, output);
    // Every document once and the query.
    assertTrue(encoded + taken >= EVALUATED + 1, output);
  }

  /** Number of files with vectors in a cache. */
  private static long segments(Path cache) throws IOException {
    if (!Files.isDirectory(cache)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(cache)) {
      return files.filter(file -> file.toString().endsWith(".si")).count();
    } catch (UncheckedIOException e) {
      return 0; // A file went away meanwhile.
    }
  }

  private static Process evaluate(Path collection, Path cache) throws IOException {
    return command("eval", collection.toString(), "--cache", cache.toString());
  }

  @Test
  void aServerAnswersWhatItHasAndLeavesTheIndexCommitted() throws Exception {
    Path index = folder.resolve("idx");
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        SparseIndexWriter writer = SparseIndexWriter.open(index, encoder)) {
      writer.put(SparseDocument.of("pump", "a pump of the engine room"));
      writer.commit();
    }
    Process process = command("serve", index.toString(), "--port", "0", "--writable");
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        HttpClient client = HttpClient.newHttpClient()) {
      String address = address(output);
      StringBuilder documents = new StringBuilder();
      for (int i = 0; i < 60; i++) {
        documents.append(
            "%s{\"id\": \"%d\", \"text\": \"pump number %d\"}".formatted(i == 0 ? "" : ", ", i, i));
      }
      CompletableFuture<HttpResponse<String>> answer =
          client.sendAsync(
              HttpRequest.newBuilder(URI.create(address + "documents"))
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofString("{\"documents\": [" + documents + "]}"))
                  .build(),
              BodyHandlers.ofString());
      HttpRequest metrics = HttpRequest.newBuilder(URI.create(address + "metrics")).build();
      while (!answer.isDone()
          && !client
              .send(metrics, BodyHandlers.ofString())
              .body()
              .contains("m3lex_writes_running 1")) {
        Thread.sleep(5);
      }
      assertFalse(answer.isDone(), "it was too fast to be interrupted");
      // Not by the process itself, which would close its output.
      process.toHandle().destroy();
      assertEquals(200, answer.get().statusCode(), answer.get().body());
      String rest = output.lines().collect(Collectors.joining("\n"));
      process.waitFor();
      assertEquals("", rest, "it ends without a word");
    }
    assertEquals(61, committed(index));
  }

  @Test
  void nothingIsRequestedBeforeASignal() {
    try (Interruption interruption = new Interruption()) {
      assertTrue(!interruption.requested());
    }
  }

  /** Reads what a server says when it starts, to where it says where it is. */
  static String address(BufferedReader output) throws IOException {
    Matcher address = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/").matcher("");
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (address.reset(line).find()) {
        return address.group();
      }
    }
    throw new IOException("the server ended before it said where it is");
  }

  private static int committed(Path index) {
    try (SparseIndex opened = SparseIndex.openForVectors(index, SparseIndex.fingerprintOf(index))) {
      return opened.statistics().documents();
    } catch (IOException e) {
      return 0;
    }
  }

  private static Object[] indexing(Path index) {
    return new Object[] {"index", corpus, "--to", index, "--commit-every", "50"};
  }

  private static Object[] encoding(Path vectors, Object... more) {
    List<Object> command = new ArrayList<>(List.of("encode", "--input", corpus, "--to", vectors));
    command.addAll(List.of(more));
    return command.toArray();
  }

  private static Process start(Object... command) throws IOException {
    return command(Stream.of(command).map(Object::toString).toArray(String[]::new));
  }

  static Process command(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                "io.m3lex.cli.Main"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /**
   * Without OpenSearch, whose formats Lucene would load as well: they begin to log, which a program
   * that is being ended cannot.
   */
  static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !Path.of(entry).getFileName().toString().startsWith("opensearch"))
        .collect(Collectors.joining(File.pathSeparator));
  }
}
