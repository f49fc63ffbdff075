/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.TextRole;
import io.m3lex.WordEncoder;
import io.m3lex.corpus.VectorFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What does not belong together, or is not whole, is not joined, and it is said why. */
class ShardJoinTest {

  private static final int SHARDS = 5;

  @TempDir private Path folder;

  private final ShardFixture fixture = new ShardFixture(new WordEncoder());
  private Path input;
  private Path whole;

  @BeforeEach
  void encodeShards() throws IOException {
    input = folder.resolve("corpus.tsv");
    Files.write(input, IntStream.range(0, 20).mapToObj(i -> i + "\tpump " + i).toList());
    whole = folder.resolve("v.jsonl");
    fixture.shards(input, whole, SHARDS);
    fixture.messages();
  }

  private Path file(int number) {
    return new Shard(number, SHARDS).file(whole);
  }

  private Path manifest(int number) {
    return new Shard(number, SHARDS).manifest(whole);
  }

  @Test
  void everyFaultIsNamedAtOnce() throws IOException {
    Files.delete(file(1));
    Files.delete(manifest(1));
    Files.delete(manifest(2));
    Files.delete(file(3));
    try (var channel = Files.newByteChannel(file(4), StandardOpenOption.WRITE)) {
      channel.truncate(10);
    }
    Files.delete(manifest(5));
    Files.move(file(5), ResumableLines.part(file(5)));
    refused(
        "shard 1: missing",
        "shard 2: not finished: there is no manifest " + manifest(2),
        "shard 3: its data " + file(3) + " are missing",
        "shard 4: " + file(4) + " is damaged: 10 bytes instead of ",
        "shard 5: not finished: it is being written, or was interrupted",
        "--shard I/N");
  }

  @Test
  void missingShardsAreNamedTogether() throws IOException {
    for (int number : List.of(1, 3, 4, 5)) {
      Files.delete(file(number));
      Files.delete(manifest(number));
    }
    refused("shards 1, 3 to 5: missing");
  }

  @Test
  void everyFlippedBitIsFound() throws IOException {
    ShardFixture.flip(file(2));
    ShardFixture.flip(file(4));
    refused(
        "shard 2: " + file(2) + " is damaged: SHA-256 ",
        "shard 4: " + file(4) + " is damaged: SHA-256 ");
    Files.writeString(whole, "what was there before");
    refused("shard 2: ");
    assertEquals("what was there before", Files.readString(whole));
  }

  @Test
  void shardOfAnotherInputIsNamed() throws IOException {
    Path other = folder.resolve("other.tsv");
    Files.write(other, IntStream.range(0, 21).mapToObj(i -> i + "\tpump " + i).toList());
    fixture.withRestart(true).shard(other, whole, 2, SHARDS);
    fixture.shard(other, whole, 3, SHARDS);
    refused("records of the input is 20 in shards 1, 4, 5, 21 in shards 2, 3", "input is SHA-256 ");
  }

  @Test
  void shardOfAnotherModelIsNamed() throws IOException {
    fixture.withRestart(true).with(new WordEncoder("other", 0)).shard(input, whole, 5, SHARDS);
    refused("model's file:head is words in shards 1 to 4, other in shard 5");
  }

  @Test
  void shardOfAnotherRoleOrFormatIsNamed() throws IOException {
    fixture.withRestart(true).with(TextRole.QUERY).with(VectorFormat.FLAG_EMBEDDING);
    fixture.shard(input, whole, 1, SHARDS);
    refused(
        "role is query in shard 1, document in shards 2 to 5",
        "format is flag_embedding in shard 1, anserini in shards 2 to 5");
  }

  @Test
  void manifestOfAnotherShardOrNumberIsRefused() throws IOException {
    Files.copy(manifest(1), manifest(2), StandardCopyOption.REPLACE_EXISTING);
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere")).resolve("v.jsonl");
    fixture.shard(input, elsewhere, 3, 4);
    Files.copy(
        new Shard(3, 4).manifest(elsewhere), manifest(3), StandardCopyOption.REPLACE_EXISTING);
    refused(
        "shard 2: manifest " + manifest(2) + " is that of shard 1/5",
        "shard 3: manifest " + manifest(3) + " is that of shard 3/4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "null",
        "{\"format\": 1}",
        "{\"format\": 1} {}",
        "{\"format\": 0}",
        "{\"format\": \"1\", \"shard\": null}"
      })
  void unreadableManifestIsRefused(String content) throws IOException {
    Files.writeString(manifest(3), content);
    refused("shard 3: manifest " + manifest(3) + " is damaged: ");
  }

  @Test
  void manifestOfANewerFormatIsRefused() throws IOException {
    edit(3, manifest -> manifest.put("format", 2).put("news", true));
    refused(
        "shard 3: manifest %s has format 2; this program reads format 1. Use the version of m3lex"
            .formatted(manifest(3)));
  }

  @Test
  void manifestThatContradictsItselfIsRefused() throws IOException {
    List<Consumer<ObjectNode>> changes =
        List.of(
            manifest -> manifest.put("first", 3),
            manifest -> manifest.put("end", 13),
            manifest -> manifest.put("faults", 1),
            manifest -> manifest.put("faults", -1),
            manifest -> manifest.putNull("faults"),
            manifest -> manifest.put("unknown", 1),
            manifest -> manifest.remove("witnesses"),
            manifest -> manifest.withObject("shard").put("number", 6),
            manifest -> manifest.withObject("content").put("lines", 3),
            manifest -> manifest.withObject("content").put("sha256", "abc"),
            manifest -> manifest.withObject("origin").put("fingerprint", "0".repeat(64)),
            manifest -> manifest.withObject("origin").withObject("components").put("more", "x"),
            manifest -> manifest.withObject("origin").withObject("input").put("records", 30),
            manifest ->
                ((ObjectNode) manifest.withArray("witnesses").get(0).get("weights"))
                    .put("sparse", "NaN"));
    byte[] good = Files.readAllBytes(manifest(3));
    for (Consumer<ObjectNode> change : changes) {
      Files.write(manifest(3), good);
      edit(3, change);
      refused("shard 3: manifest " + manifest(3) + " is damaged: ");
    }
    Files.write(manifest(3), good);
    assertEquals(Main.GOOD, fixture.join(whole), fixture::messages);
  }

  /** No bit of a manifest can change so that the outcome is another one, or no message comes. */
  @Test
  void anyDamageOfAManifestIsRefusedOrHarmless() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    assertEquals(Main.GOOD, fixture.join(whole), fixture::messages);
    byte[] expected = Files.readAllBytes(whole);
    byte[] good = Files.readAllBytes(manifest(2));
    int refused = 0;
    for (int round = 0; round < 150; round++) {
      byte[] damaged = good.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      }
      Files.write(manifest(2), damaged);
      fixture.messages();
      int code = fixture.join(whole);
      String told = fixture.messages();
      assertFalse(told.contains("fault of m3lex"), told + "-Dm3lex.seed=" + seed);
      assertEquals(-1, mismatch(expected), told + "-Dm3lex.seed=" + seed);
      refused += code;
    }
    assertTrue(refused > 75, refused + " refused, -Dm3lex.seed=" + seed);
  }

  private int mismatch(byte[] expected) throws IOException {
    return Arrays.mismatch(expected, Files.readAllBytes(whole));
  }

  @Test
  void shardsThatMachinesGaveOtherWeightsAreRefusedWithTheNumbers() throws IOException {
    fixture.withRestart(true).with(new WordEncoder("words", 0.25f));
    fixture.shard(input, whole, 2, SHARDS);
    refused(
        "but their machines give other weights: feature ",
        " of \"what is learned sparse retrieval?\" (query) weighs ",
        " in shards 1, 3 to 5 and ",
        " in shard 2, a difference of 0.25",
        " where 0.0 is accepted",
        "shards 1, 3 to 5: {engine=words 0.0}",
        "shard 2: {engine=words 0.25}",
        "--witness-tolerance");
    refused(List.of("--witness-tolerance", "0.2"), " where 0.2 is accepted");

    assertEquals(Main.GOOD, fixture.join(whole, "--witness-tolerance", "0.26"));
    String told = fixture.messages();
    assertTrue(told.contains("differ by up to 0.25"), told);
    assertTrue(told.contains("shard 2: {engine=words 0.25}"), told);
    assertEquals(20, Files.readAllLines(whole).size());
  }

  @Test
  void otherEnvironmentsOfTheSameWeightsAreTold() throws IOException {
    edit(4, manifest -> manifest.withObject("environment").put("engine", "another"));
    assertEquals(Main.GOOD, fixture.join(whole, "--json"), fixture::messages);
    String told = fixture.messages();
    assertTrue(told.contains("which gave the witness texts the same weights"), told);
    assertTrue(told.contains("shard 4: {engine=another}"), told);
    JsonNode json = new ObjectMapper().readTree(told.substring(told.indexOf("{\n")));
    assertEquals(FileContent.sha256(whole), json.path("sha256").asText());
    assertEquals(20, json.path("vectors").asInt());
    assertEquals(SHARDS, json.path("shards").asInt());
    assertEquals(0, json.path("witnessDrift").asDouble());
    assertEquals(
        List.of(4), new ObjectMapper().convertValue(json.at("/environments/1/shards"), List.class));
  }

  @Test
  void otherWitnessTextsCannotBeCompared() throws IOException {
    edit(
        4,
        manifest -> ((ObjectNode) manifest.withArray("witnesses").get(0)).put("text", "another"));
    refused("shards 1 to 3, 5 and shard 4 were written by versions of m3lex");
  }

  @Test
  void shardsOfSeveralRunsMustBeChosenFrom() throws IOException {
    fixture.shard(input, whole, 2, 3);
    refused("by their names of 3 and 5. Add --shards");
    refused(List.of("--shards", "3"), "shards 1, 3: missing");
    assertEquals(Main.GOOD, fixture.join(whole, "--shards", "5"), fixture::messages);
  }

  @Test
  void noShardsAreSaidWithTheNamesTheyWouldHave() {
    whole = folder.resolve("none.jsonl");
    refused("There are no shards of " + whole, "none.jsonl.1-of-2");
  }

  @Test
  void inputOfNothingButFaultsIsAProblem() throws IOException {
    Files.write(input, List.of("faulty", "faulty", "faulty"));
    whole = folder.resolve("faulty.jsonl");
    fixture.shards(input, whole, 2);
    assertEquals(Main.PROBLEM, fixture.join(whole));
    String told = fixture.messages();
    assertTrue(told.contains("3 records of the input are not documents and were skipped"), told);
    assertEquals(0, Files.size(whole));
  }

  @Test
  void joiningCanBeInterruptedAndLeavesWhatWasThere() throws IOException {
    Files.writeString(whole, "what was there before");
    assertTrue(ShardSet.open(whole, null).join(() -> true).isEmpty());
    assertEquals("what was there before", Files.readString(whole));
    assertNothingIsLeft();
  }

  private void edit(int number, Consumer<ObjectNode> change) throws IOException {
    ObjectMapper json = new ObjectMapper();
    ObjectNode manifest = (ObjectNode) json.readTree(manifest(number).toFile());
    change.accept(manifest);
    json.writeValue(manifest(number).toFile(), manifest);
  }

  private void refused(String... expected) {
    refused(List.of(), expected);
  }

  private void refused(List<String> options, String... expected) {
    boolean before = Files.exists(whole);
    fixture.messages();
    assertEquals(Main.PROBLEM, fixture.join(whole, options.toArray(String[]::new)));
    String told = fixture.messages();
    for (String part : expected) {
      assertTrue(told.contains(part), told + "\n lacks " + part);
    }
    assertFalse(told.contains("fault of m3lex"), told);
    assertFalse(told.contains("\tat "), told);
    assertEquals(before, Files.exists(whole));
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() {
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.anyMatch(file -> file.getFileName().toString().startsWith(".")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
