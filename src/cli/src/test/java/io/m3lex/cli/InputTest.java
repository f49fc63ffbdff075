/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.m3lex.evaluation.Evaluation;
import io.m3lex.evaluation.Qrels;
import io.m3lex.evaluation.Queries;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What commands read: pipes, standard input, folders that they write into. */
@Isolated
class InputTest extends CommandTestBase {

  private static final String TWO =
      """
      {"_id":"a","text":"Limescale dissolves."}
      {"_id":"b","text":"The pump does not drain."}
      """;

  @TempDir private Path folder;

  private final InputStream standardInput = System.in;
  private final List<Thread> writers = new ArrayList<>();

  @AfterEach
  void putBack() throws IOException, InterruptedException {
    System.setIn(standardInput);
    System.clearProperty("m3lex.terminal");
    if (writers.isEmpty()) {
      return;
    }
    // So that a writer whom nobody reads does not wait forever.
    FileChannel reader =
        FileChannel.open(folder.resolve("pipe"), StandardOpenOption.READ, StandardOpenOption.WRITE);
    for (Thread writer : writers) {
      writer.join();
    }
    reader.close();
  }

  /**
   * It was read for the total that the progress shows, and there was nothing left to be indexed.
   */
  @Test
  void aPipeIsReadOnceThoughATerminalShowsTheProgress() throws IOException {
    Path pipe = pipe();
    for (String shown : List.of("false", "true")) {
      System.setProperty("m3lex.terminal", shown);
      String index = folder.resolve("idx-" + shown).toString();
      write(pipe, TWO);
      assertEquals(0, run("index", pipe.toString(), "--to", index), err);
      assertTrue(out.contains("has 2 documents"), out);
    }
  }

  @Test
  void aPipeIsRefusedWhereItWouldBeReadTwice() throws IOException {
    Path pipe = pipe();
    String to = folder.resolve("v.jsonl").toString();
    assertEquals(2, run("encode", "--input", pipe.toString(), "--to", to, "--shard", "1/2"));
    assertTrue(err.contains("can be read twice: no pipe"), err);
    Path topics = Files.writeString(folder.resolve("topics"), "q\tpump\n");
    Path qrels = Files.writeString(folder.resolve("qrels"), "q 0 b 1\n");
    for (String vectors : List.of("--no-cache", "--vectors")) {
      List<String> arguments =
          new ArrayList<>(
              List.of("eval", "--corpus", pipe.toString(), "--topics", topics.toString()));
      arguments.addAll(List.of("--qrels", qrels.toString(), vectors));
      arguments.addAll(vectors.equals("--vectors") ? List.of("--fingerprint", "x") : List.of());
      assertEquals(1, run(arguments.toArray(String[]::new)), err);
      assertTrue(err.contains("is a pipe, and a corpus is read several times"), err);
    }
  }

  /** Lines of several queries in turn are sorted by reading the run again. */
  @Test
  void aRunFromAPipeIsReadWhereOnceIsEnough() throws IOException {
    Path pipe = pipe();
    Path qrels = Files.writeString(folder.resolve("qrels"), "q 0 b 1\nr 0 b 1\n");
    String[] command = {"eval", "--run", pipe.toString(), "--qrels", qrels.toString()};
    write(pipe, "q Q0 b 1 2 s\nq Q0 c 2 1 s\nr Q0 b 1 2 s\n");
    assertEquals(0, run(command), err);
    String inTurn = "q Q0 b 1 2 s\nr Q0 b 1 2 s\nq Q0 c 2 1 s\n";
    write(pipe, inTurn);
    assertEquals(0, run(command), err);
    assertTrue(out.matches("(?s).*s\\s+1\\.0000\\s.*"), out);
    Qrels judgments = Qrels.read(qrels);
    write(pipe, inTurn);
    IOException e =
        assertThrows(
            IOException.class,
            () -> Evaluation.measure(pipe, judgments, List.of(), Queries.JUDGED, id -> true));
    assertTrue(
        e.getMessage().contains("this is a pipe, and the lines of query q do not stand together"),
        e.toString());
  }

  @Test
  void standardInputIsIndexedPackedOrNotAndInAnyFormat() throws IOException {
    String index = folder.resolve("idx").toString();
    String[] command = {"index", "-", "--to", index};
    standardInput(TWO);
    assertEquals(0, run(command), err);
    assertTrue(out.contains("has 2 documents"), out);
    standardInput("<DOC><DOCNO>1</DOCNO><TEXT>one</TEXT></DOC>");
    assertEquals(0, run(command), err);
    assertTrue(out.contains("has 3 documents"), out);
    standardInput("{}\tbraces\n");
    assertEquals(0, run("index", "-", "--to", index, "--format", "tsv"), err);
    assertTrue(out.contains("has 4 documents"), out);
    assertEquals(1, run("index", "-", "-", "--to", index), out);
    assertTrue(err.contains("Standard input (-) can be read once only."), err);
    assertEquals(1, run("index", "-", "--to", index, "--format", "folder"), out);
    assertTrue(err.contains("Standard input (-) is no folder."), err);
  }

  @Test
  void vectorsAreIndexedFromStandardInput() throws IOException {
    String index = folder.resolve("idx").toString();
    standardInput("{\"id\":\"1\",\"vector\":{\"a\":1}}\n");
    assertEquals(0, run("index", "-", "--to", index, "--vectors", "--fingerprint", "x"), err);
    assertTrue(out.contains("has 1 documents"), out);
  }

  @Test
  void anIndexInItsInputIsLeftOut() throws IOException {
    Path notes = notes();
    Path index = notes.resolve("idx");
    for (int i = 0; i < 2; i++) {
      assertEquals(0, run("index", notes.toString(), "--to", index.toString(), "--strict"), err);
      assertTrue(out.contains("has 2 documents"), out);
      assertEquals(
          "m3lex: %s: left out: idx (this command uses it for something else)".formatted(notes),
          err.strip());
    }
    assertEquals(1, run("index", index.toString(), "--to", index.toString()));
    assertTrue(err.contains("is what this command writes, and cannot be its input"), err);
  }

  @Test
  void vectorsInTheirInputAreLeftOut() throws IOException {
    Path notes = notes();
    String to = notes.resolve("v.jsonl").toString();
    for (int i = 0; i < 2; i++) {
      assertEquals(0, run("encode", "--input", notes.toString(), "--to", to), err);
      assertTrue(err.contains("2 documents, "), err);
    }
    for (String shard : List.of("1/2", "2/2")) {
      assertEquals(
          0, run("encode", "--input", notes.toString(), "--to", to, "--shard", shard), err);
    }
    assertEquals(0, run("join", to), err);
    assertEquals(2, Files.readAllLines(Path.of(to)).size());
  }

  @Test
  void faultsOfTrainingTextsAreTold() throws IOException {
    Path corpus = Files.writeString(folder.resolve("c.jsonl"), TWO + "{\"_id\":\"c\"}\n");
    String to = folder.resolve("model").toString();
    assertEquals(1, run("train-head", corpus.toString(), "--name", "x", "--to", to));
    assertTrue(err.contains("c.jsonl:3: the record has no \"text\""), err);
  }

  /** Of two texts there were four documents, and six the next time. */
  @Test
  void anEvaluationReadsNeitherItsInputsNorItsOutputsAsDocuments() throws IOException {
    for (String runs : List.of("runs", "")) {
      Path corpus = Files.createDirectories(folder.resolve("corpus" + runs));
      Files.writeString(corpus.resolve("a.txt"), "Limescale dissolves.");
      Files.writeString(corpus.resolve("b.txt"), "The pump does not drain.");
      Files.writeString(corpus.resolve("t.tsv"), "q\tpump\n");
      Files.writeString(corpus.resolve("q.txt"), "q 0 b.txt 1\n");
      Files.writeString(corpus.resolve("other"), "q Q0 b.txt 1 1 other\n");
      String command =
          "eval --json --corpus . --topics ./t.tsv --qrels ./q.txt --run ./other --cache ./cache"
              + " --report ./r.html --write-runs ./"
              + runs;
      String[] arguments = command.split(" ");
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i].startsWith(".")) {
          arguments[i] = corpus.resolve(arguments[i]).toString();
        }
      }
      for (int time = 0; time < 2; time++) {
        assertEquals(0, run(arguments), err);
        assertTrue(out.contains("\"documents\" : 2,"), out);
      }
      assertTrue(Files.exists(corpus.resolve(runs).resolve("q.m3lex.run")));
    }
  }

  private Path notes() throws IOException {
    Path notes = Files.createDirectories(folder.resolve("notes"));
    Files.writeString(notes.resolve("a.txt"), "Limescale dissolves.");
    Files.writeString(notes.resolve("b.txt"), "The pump does not drain.");
    return notes;
  }

  private static void standardInput(String text) {
    System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private Path pipe() throws IOException {
    Path pipe = folder.resolve("pipe");
    try {
      assumeTrue(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return pipe;
  }

  /** Waits in a thread of its own for somebody to read. */
  private void write(Path pipe, String text) {
    writers.add(
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    Files.writeString(pipe, text);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }));
  }
}
