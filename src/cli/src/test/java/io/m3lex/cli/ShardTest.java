/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.TextRole;
import io.m3lex.WatchedEncoder;
import io.m3lex.WordEncoder;
import io.m3lex.corpus.VectorFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shards, joined, are the file of one run, whatever happens to them on the way. */
class ShardTest {

  private static final int RECORDS = 9;

  @TempDir private Path folder;

  private final ShardFixture fixture = new ShardFixture(new WordEncoder());

  private enum Input {
    JSONL,
    PACKED,
    TSV,
    TREC,
    TEXT_FILES,
    NOTHING
  }

  @ParameterizedTest
  @EnumSource
  void joinedShardsAreTheFileOfOneRun(Input kind) throws IOException {
    Path input = input(kind);
    for (VectorFormat format : VectorFormat.values()) {
      fixture.with(format).with(TextRole.values()[format.ordinal()]);
      Path one = folder.resolve("one.jsonl");
      FileContent expected = fixture.whole(input, one, () -> false).orElseThrow();
      for (int of : List.of(1, 2, 3, 7, 12)) {
        Path whole = folder.resolve(format + "-" + of + ".jsonl");
        fixture.shards(input, whole, of);
        fixture.messages();
        int code = fixture.join(whole);
        String told = fixture.messages();
        assertEquals(Main.GOOD, code, told);
        assertTrue(told.contains("SHA-256: " + expected.sha256()), told);
        assertEquals(expected.sha256(), FileContent.sha256(whole), of + " shards");
        assertEquals(-1, Files.mismatch(one, whole), of + " shards");
      }
    }
  }

  private Path input(Input kind) throws IOException {
    return switch (kind) {
      case JSONL -> Files.write(folder.resolve("corpus.jsonl"), jsonLines());
      case PACKED -> {
        Path file = folder.resolve("corpus.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
          out.write(String.join("\n", jsonLines()).getBytes(StandardCharsets.UTF_8));
        }
        yield file;
      }
      case TSV ->
          Files.write(
              folder.resolve("corpus.tsv"),
              List.of("1\tone", "", "2\ttwo two", "faulty", "\tno id", "3\ttitle\tthree", "4\t"));
      case TREC ->
          Files.writeString(
              folder.resolve("corpus.trec"),
              "<DOC>\n<DOCNO>1</DOCNO>\n<TEXT>\none\n</TEXT>\n</DOC>\n".repeat(5));
      case TEXT_FILES -> {
        Path texts = Files.createDirectories(folder.resolve("texts/below"));
        for (int i = 0; i < RECORDS; i++) {
          Files.writeString(texts.resolve(i + ".txt"), "pump number " + i);
        }
        Files.write(texts.resolve("5.txt"), new byte[] {(byte) 0xFF, 0});
        yield texts.getParent();
      }
      case NOTHING -> Files.createFile(folder.resolve("nothing.jsonl"));
    };
  }

  private static List<String> jsonLines() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      lines.add("{\"_id\": \"%d\", \"title\": \"Größe\", \"text\": \"pump %d\"}".formatted(i, i));
    }
    lines.set(0, "{\"_id\": ");
    lines.set(4, "[]");
    lines.set(5, "{\"_id\": \"5\"}");
    return lines;
  }

  /** Corpora, numbers of shards, interruptions and crashes at random; the oracle is one run. */
  @Test
  void interruptedShardsGoOnToTheSameBytes() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    int resumed = 0;
    for (int round = 0; round < 12; round++) {
      String where = "-Dm3lex.seed=" + seed + ", round " + round;
      Path input = folder.resolve("corpus" + round + ".tsv");
      List<String> lines = new ArrayList<>();
      int records = random.nextInt(2_000);
      for (int i = 0; i < records; i++) {
        lines.add(
            random.nextInt(50) == 0
                ? "faulty"
                : i + "\t" + "pump ".repeat(random.nextInt(20)) + " number " + i);
      }
      Files.write(input, lines);
      Path one = folder.resolve("one" + round);
      FileContent expected =
          fixture.with(new WordEncoder()).whole(input, one, () -> false).orElseThrow();
      Path whole = folder.resolve("whole" + round);
      int of = 1 + random.nextInt(4);
      List<Integer> order = new ArrayList<>(IntStream.rangeClosed(1, of).boxed().toList());
      Collections.shuffle(order, random);
      for (int number : order) {
        Optional<ShardManifest> manifest = Optional.empty();
        for (int trial = 0; manifest.isEmpty(); trial++) {
          assertTrue(trial < 10_000, where);
          fixture.withThreads(1 + random.nextInt(3));
          // Later trials get farther, so that every shard ends.
          int bound = random.nextInt(20 + 60 * trial) + records;
          AtomicInteger calls = new AtomicInteger();
          if (random.nextBoolean()) {
            manifest =
                fixture
                    .with(new WordEncoder())
                    .shard(input, whole, number, of, () -> calls.incrementAndGet() > bound);
          } else {
            fixture.with(
                new WatchedEncoder(
                    text -> {
                      if (calls.incrementAndGet() > bound - records + 10) {
                        throw new UncheckedIOException(new IOException("crash"));
                      }
                    }));
            try {
              manifest = fixture.shard(input, whole, number, of);
            } catch (UncheckedIOException e) {
              assertEquals("crash", e.getCause().getMessage(), where);
            }
          }
        }
      }
      resumed +=
          fixture.messages().split("going on where an interrupted run stopped", -1).length - 1;
      assertEquals(Main.GOOD, fixture.join(whole), () -> where + fixture.messages());
      assertEquals(expected.sha256(), FileContent.sha256(whole), where);
      ShardManifest last = ShardManifest.read(new Shard(of, of).manifest(whole));
      assertEquals(records, last.end(), where);
    }
    assertTrue(resumed > 0, "nothing was resumed, -Dm3lex.seed=" + seed);
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(
          files.anyMatch(file -> file.toString().matches(".*\\.(part|progress)")),
          "something is left");
    }
  }

  @Test
  void finishedShardIsLeftAsItIs() throws IOException {
    Path input = input(Input.JSONL);
    Path whole = folder.resolve("v.jsonl");
    ShardManifest manifest = fixture.shard(input, whole, 2, 3).orElseThrow();
    assertEquals(3, manifest.first());
    assertEquals(6, manifest.end());
    assertEquals(2, manifest.faults());
    assertEquals(1, manifest.content().lines());
    Object before =
        Files.readAttributes(folder.resolve("v.jsonl.2-of-3"), "fileKey,lastModifiedTime");
    fixture.messages();
    fixture.with(
        new WatchedEncoder(
            text -> assertFalse(text.contains("Größe pump"), "it is encoded again")));
    assertEquals(manifest, fixture.shard(input, whole, 2, 3).orElseThrow());
    assertEquals(
        before, Files.readAttributes(folder.resolve("v.jsonl.2-of-3"), "fileKey,lastModifiedTime"));
    String told = fixture.messages();
    assertTrue(told.contains("shard 2/3 was finished before"), told);
    assertTrue(told.contains("records 4 to 6 of 9, 1 vectors"), told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"flipped", "longer", "gone"})
  void damagedShardIsEncodedAgain(String damage) throws IOException {
    Path input = input(Input.JSONL);
    Path whole = folder.resolve("v.jsonl");
    Path file = folder.resolve("v.jsonl.1-of-2");
    ShardManifest manifest = fixture.shard(input, whole, 1, 2).orElseThrow();
    byte[] good = Files.readAllBytes(file);
    switch (damage) {
      case "flipped" -> ShardFixture.flip(file);
      case "longer" -> Files.writeString(file, "\n", StandardOpenOption.APPEND);
      default -> Files.delete(file);
    }
    fixture.messages();
    assertEquals(manifest, fixture.shard(input, whole, 1, 2).orElseThrow());
    String told = fixture.messages();
    assertTrue(told.contains("shard 1/2 is encoded again: " + file), told);
    assertArrayEquals(good, Files.readAllBytes(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"input", "model", "role", "format", "manifest", "version", "shard"})
  void shardOfAnotherRunIsRefusedWithWhatDiffers(String difference) throws IOException {
    Path input = input(Input.JSONL);
    Path whole = folder.resolve("v.jsonl");
    Path manifest = folder.resolve("v.jsonl.1-of-2.json");
    fixture.shard(input, whole, 1, 2);
    String expected =
        switch (difference) {
          case "input" -> {
            Files.writeString(
                input, "{\"_id\": \"x\", \"text\": \"\"}\n", StandardOpenOption.APPEND);
            yield "records of the input: 9 there, 10 now";
          }
          case "model" -> {
            fixture.with(new WordEncoder("other", 0));
            yield "model's file:head: words there, other now";
          }
          case "role" -> {
            fixture.with(TextRole.QUERY);
            yield "role: document there, query now";
          }
          case "format" -> {
            fixture.with(VectorFormat.FLAG_EMBEDDING);
            yield "format: anserini there, flag_embedding now";
          }
          case "manifest" -> {
            Files.writeString(manifest, "{\"format\": 1");
            yield "is damaged";
          }
          case "version" -> {
            Files.writeString(manifest, "{\"format\": 2, \"news\": []}");
            yield "has format 2; this program reads format 1";
          }
          default -> {
            fixture.shard(input, whole, 2, 2);
            Files.copy(
                folder.resolve("v.jsonl.2-of-2.json"),
                manifest,
                StandardCopyOption.REPLACE_EXISTING);
            yield "shard: 2/2 there, 1/2 now";
          }
        };
    byte[] data = Files.readAllBytes(folder.resolve("v.jsonl.1-of-2"));
    byte[] described = Files.readAllBytes(manifest);
    CommandException refused =
        assertThrows(CommandException.class, () -> fixture.shard(input, whole, 1, 2));
    assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    assertTrue(refused.getMessage().contains("--restart"), refused.getMessage());
    assertArrayEquals(data, Files.readAllBytes(folder.resolve("v.jsonl.1-of-2")));
    assertArrayEquals(described, Files.readAllBytes(manifest));

    fixture.withRestart(true).shards(input, whole, 2);
    Path one = folder.resolve("one");
    fixture.whole(input, one, () -> false);
    assertEquals(Main.GOOD, fixture.join(whole), fixture::messages);
    assertEquals(-1, Files.mismatch(one, whole));
  }

  @Test
  void shardBegunWhereOtherWeightsComeOutIsNotGoneOnWith() throws IOException {
    Path input = folder.resolve("corpus.tsv");
    Files.write(input, IntStream.range(0, 900).mapToObj(i -> i + "\tpump " + i).toList());
    Path whole = folder.resolve("v.jsonl");
    BooleanSupplier stop = stopAfterTheFirstBatches();
    assertTrue(fixture.shard(input, whole, 2, 2, stop).isEmpty());
    assertTrue(Files.size(folder.resolve("v.jsonl.2-of-2.part")) > 0);
    fixture.with(new WordEncoder("words", 0.25f)).messages();
    fixture.shards(input, whole, 2);
    String told = fixture.messages();
    assertTrue(told.contains("beginning with the first record"), told);
    Path one = folder.resolve("one");
    fixture.whole(input, one, () -> false);
    assertEquals(Main.GOOD, fixture.join(whole), fixture::messages);
    assertEquals(-1, Files.mismatch(one, whole));
  }

  /**
   * Two threads work on batches of 32 texts. What they have begun is finished and written, so that
   * there is something to go on with.
   */
  private BooleanSupplier stopAfterTheFirstBatches() {
    AtomicInteger texts = new AtomicInteger();
    fixture.with(new WatchedEncoder(text -> texts.incrementAndGet())).withThreads(2);
    return () -> texts.get() > 100;
  }

  @Test
  void inputThatChangesMeanwhileIsRefused() throws IOException {
    Path input = input(Input.TSV);
    Path whole = folder.resolve("v.jsonl");
    fixture.with(
        new WatchedEncoder(
            text -> {
              try {
                if (text.equals("one")) {
                  Files.writeString(input, "5\tfive\n", StandardOpenOption.APPEND);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }));
    CommandException refused =
        assertThrows(CommandException.class, () -> fixture.shard(input, whole, 1, 2));
    assertTrue(refused.getMessage().contains("changed while it was read"), refused.getMessage());
    assertFalse(Files.exists(folder.resolve("v.jsonl.1-of-2")));
    assertFalse(Files.exists(folder.resolve("v.jsonl.1-of-2.json")));
  }

  @Test
  void interruptedBeforeTheFirstRecordLeavesNothing() throws IOException {
    Path input = input(Input.JSONL);
    assertTrue(fixture.shard(input, folder.resolve("v.jsonl"), 1, 2, () -> true).isEmpty());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(input), files.toList());
    }
  }

  @Test
  void shardsDivideEveryNumberOfRecordsWithoutGapsAndSortByName() {
    for (long records : List.of(0L, 1L, 9L, 10L, 12_345_678_901L)) {
      for (int of : List.of(1, 2, 7, 100)) {
        CountedInput input = new CountedInput(records, "0".repeat(64));
        long end = 0;
        String name = "";
        for (int number = 1; number <= of; number++) {
          Shard shard = new Shard(number, of);
          InputRange range = shard.range(input);
          assertEquals(end, range.first());
          assertTrue(range.size() == records / of || range.size() == records / of + 1);
          end = range.end();
          String next = shard.file(Path.of("v")).toString();
          assertTrue(name.compareTo(next) < 0, name + " " + next);
          name = next;
        }
        assertEquals(records, end);
      }
    }
  }

  @Test
  void runOfAnotherInputIsNotGoneOnWith() throws IOException {
    Path other = folder.resolve("other.tsv");
    Files.write(other, IntStream.range(0, 900).mapToObj(i -> "o" + i + "\tother " + i).toList());
    Path input = input(Input.TSV);
    Path file = folder.resolve("v.jsonl");
    BooleanSupplier stop = stopAfterTheFirstBatches();
    assertTrue(fixture.whole(other, file, stop).isEmpty());
    assertTrue(Files.size(ResumableLines.part(file)) > 0);
    fixture.whole(input, file, () -> false);
    Path one = folder.resolve("one");
    fixture.whole(input, one, () -> false);
    assertEquals(-1, Files.mismatch(one, file));
    String told = fixture.messages();
    assertTrue(told.contains("beginning with the first record"), told);
  }

  @Test
  void fileThatAnotherRunIsWritingIsRefused() throws IOException {
    Path input = input(Input.TSV);
    Path whole = folder.resolve("v.jsonl");
    try (ResumableLines lines = new ResumableLines(new Shard(1, 2).file(whole), Map.of(), false)) {
      lines.write("a line");
      lines.commit(Map.of());
      CommandException refused =
          assertThrows(CommandException.class, () -> fixture.shard(input, whole, 1, 2));
      assertTrue(refused.getMessage().contains("Another run is writing"), refused.getMessage());
      assertEquals(7, lines.finish().bytes());
    }
    assertEquals("a line\n", Files.readString(folder.resolve("v.jsonl.1-of-2")));
  }
}
