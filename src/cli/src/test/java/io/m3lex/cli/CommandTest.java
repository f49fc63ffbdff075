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
import io.m3lex.Checkout;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.model.FileRole;
import io.m3lex.model.ModelFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as its user sees it: arguments in, text and exit code out. */
class CommandTest extends CommandTestBase {

  private static final String SAMPLE = Checkout.file("data/sample").toString();

  @TempDir private Path folder;

  private Path index;

  @BeforeEach
  void nameIndex() {
    index = folder.resolve("idx");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "search",
        "serve",
        "search idx",
        "search idx query -k 0",
        "serve",
        "serve idx --port 65536",
        "serve idx --running 0",
        "optimize idx --segments 0",
        "optimize",
        "index x.jsonl",
        "index --to idx",
        "encode",
        "encode text --truncate --window",
        "encode text --role nobody",
        "encode text --shard 1/2",
        "encode --input x --shard 1/2",
        "encode --input - --to x --shard 1/2",
        "encode --input x --to y --shard 2",
        "encode --input x --to y --shard 0/2",
        "encode --input x --to y --shard 3/2",
        "join",
        "join x --shards 0",
        "join x --witness-tolerance -1",
        "index x --to idx --vectors",
        "index x --to idx --passages 3",
        "push x",
        "push x --to somewhere",
        "push x --to ftp://host/index",
        "push x --to http://host:9200/",
        "push x --to http://host:9200/a,b",
        "push x --to http://user:secret@host:9200/index",
        "push x --to http://host:9200/index --vectors",
        "push x --to http://host:9200/index --shards 0",
        "search http://host:9200 text",
        "search http://host:9200/index text --fuse rrf",
        "eval",
        "eval --run x.run",
        "eval --corpus x",
        "eval data --qrels x",
        "eval data/sample --measures ndcg@10",
        "eval data/sample --depth 0",
        "eval data/sample --identical-ids some",
        "eval data/sample --approximate 1.5",
        "eval data/sample --fuse mean",
        "eval data/sample --fuse rrf:sparse,smell",
        "search idx --fuse rrf --vector {} --fingerprint x",
        "index x --to y --bm25 xx",
        "index x --to y --dense --vectors --fingerprint x",
        "score a b --weights 1,2",
        "eval data/sample --cache x --no-cache"
      })
  void wrongUsageIsSaidInAFewLines(String arguments) {
    assertEquals(2, run(arguments.isEmpty() ? new String[0] : arguments.split(" ")), err);
    assertFalse(err.contains("\tat "), err);
    assertFalse(err.isBlank());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "demo",
        "model",
        "model verify",
        "encode",
        "join",
        "index",
        "push",
        "search",
        "explain",
        "score",
        "stats",
        "optimize",
        "serve",
        "eval",
        "train-head"
      })
  void helpTeaches(String command) {
    List<String> arguments =
        new ArrayList<>(command.isEmpty() ? List.of() : List.of(command.split(" ")));
    arguments.add("--help");
    assertEquals(0, run(arguments.toArray(String[]::new)));
    assertTrue(out.contains("Usage: m3lex"), out);
  }

  @Test
  void longDocumentsAreIndexedByPassages() throws IOException {
    String manual =
        "The kettle boils water. " + "It stands on its base. ".repeat(20) + "The pump failed.";
    Path corpus = write("corpus.jsonl", document("1", manual), document("2", "a short text"));
    String[] indexing = {"index", corpus.toString(), "--to", index.toString(), "--passages", "200"};
    assertEquals(0, run(indexing), err);
    assertTrue(out.contains("has 2 documents (0 before)"), out);
    assertEquals(0, run(indexing), err);
    assertTrue(out.contains("has 2 documents (2 before)"), out);

    assertEquals(0, run("search", index.toString(), "pump", "--json"), err);
    JsonNode hit = new ObjectMapper().readTree(out).get("hits").get(0);
    assertEquals("1", hit.get("id").asText());
    assertTrue(hit.get("text").asText().endsWith("The pump failed."), out);
    assertEquals(manual.length(), hit.get("end").asInt());
    assertEquals(0, run("search", index.toString(), "pump"), err);
    assertTrue(out.contains("-" + manual.length() + "]"), out);
    assertEquals(0, run("stats", index.toString()), err);
    assertTrue(out.contains("passages"), out);
    assertEquals(0, run("optimize", index.toString()), err);

    assertEquals(1, run("index", corpus.toString(), "--to", index.toString()));
    assertTrue(err.contains("not whole documents"), err);
    assertFalse(err.contains("\tat "), err);
  }

  @Test
  void indexesSearchesAndExplains() throws IOException {
    Path corpus =
        write(
            "corpus.jsonl",
            document("1", "the kettle is full of scale"),
            document("2", "the pump failed"));
    assertEquals(0, run("index", corpus.toString(), "--to", index.toString()), err);
    assertTrue(out.contains("has 2 documents (0 before)"), out);

    assertEquals(0, run("search", index.toString(), "pumps"), err);
    assertTrue(out.startsWith(" 1. "), out);
    assertTrue(out.contains("the pump failed"), out);

    assertEquals(0, run("search", index.toString(), "pump", "--json"), err);
    JsonNode json = new ObjectMapper().readTree(out);
    assertEquals("2", json.path("hits").path(0).path("id").asText());
    double sum = 0;
    for (JsonNode contribution : json.path("hits").path(0).path("contributions")) {
      sum += contribution.path("score").asDouble();
    }
    assertEquals(json.path("hits").path(0).path("score").asDouble(), sum, 1e-5);

    assertEquals(0, run("optimize", index.toString()), err);
    assertTrue(out.contains("1 segment(s)"), out);
    assertEquals(0, run("index", corpus.toString(), "--to", index.toString(), "--optimize"), err);
    assertEquals(0, run("stats", index.toString()), err);
    assertTrue(out.contains("segments                    1"), out);
    assertEquals(0, run("explain", index.toString(), "pump kettle", "2"), err);
    assertTrue(out.contains("Not in the document: kettle"), out);
    assertEquals(1, run("explain", index.toString(), "pump", "no such"));
    assertTrue(err.contains("has no document \"no such\""), err);

    assertEquals(0, run("stats", index.toString(), "--check"), err);
    assertTrue(err.contains("all files are whole"), err);
    assertTrue(err.contains("greatest drift of a witness's weight: 0.0"), err);
    assertTrue(out.contains("pump "), out);
  }

  @Test
  void fusesWhatTheIndexHolds() throws IOException {
    Path corpus =
        write(
            "corpus.jsonl",
            document("1", "the kettle is full of limescale"),
            document("2", "the pump failed"),
            document("3", "an automobile was parked"));
    String[] index = {"index", corpus.toString(), "--to", this.index.toString(), "--optimize"};
    assertEquals(0, run(with(index, "--dense", "--bm25", "en")), err);
    String folder = this.index.toString();
    assertEquals(0, run("search", folder, "failed pumps", "--fuse", "rrf", "-k", "1"), err);
    assertTrue(out.startsWith(" 1. 0.0492  2"), out);
    assertTrue(out.contains("sparse ") && out.contains("bm25 ") && out.contains("dense "), out);
    assertEquals(0, run("search", folder, "car", "--fuse", "sum:dense", "--json"), err);
    JsonNode hit = new ObjectMapper().readTree(out).path("hits").path(0);
    assertEquals("3", hit.path("id").asText());
    assertEquals(hit.path("score").asDouble(), hit.path("scores").path("dense").asDouble(), 1e-6);

    assertEquals(1, run("search", folder, "car", "--fuse", "rrf:tokens"));
    assertTrue(err.contains("\"tokens\" is none of the signals that there are"), err);
    assertEquals(1, run(with(index, "--dense")));
    assertTrue(err.contains("holds sparse vectors with dense bm25:en, not"), err);
    assertEquals(1, run(with(index, "--token-vectors")));
    assertTrue(err.contains("has no head for token vectors"), err);
    // As it was begun, without saying it again.
    assertEquals(0, run(with(index, "--restart")), err);
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.concat(Arrays.stream(arguments), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void evaluatesFusedSearches() throws IOException {
    String sample = SAMPLE;
    assertEquals(
        0,
        run("eval", sample, "--no-cache", "--fuse", "rrf", "--fuse", "sum:dense", "--depth", "10"),
        err);
    assertTrue(out.contains("m3lex-rrf:sparse,bm25,dense"), out);
    assertTrue(out.contains("m3lex-sum:dense"), out);
    assertEquals(1, run("eval", sample, "--no-cache", "--fuse", "rrf:sparse,tokens"));
    assertTrue(err.contains("has no head for token vectors"), err);
  }

  @Test
  void scoresAPair() throws IOException {
    assertEquals(0, run("score", "failed pump", "The pump failed.", "--json"), err);
    JsonNode scores = new ObjectMapper().readTree(out);
    double dense = scores.path("dense").asDouble();
    double sparse = scores.path("sparse").asDouble();
    assertTrue(dense > 0.7 && dense <= 1, out);
    assertTrue(sparse > 1, out);
    assertEquals((dense + sparse) / 2, scores.path("sparse+dense").asDouble(), 1e-6);
    assertFalse(scores.has("colbert"), out);
    assertEquals(0, run("score", "failed pump", "", "--weights", "0.4,0.2,0.4"), err);
    assertTrue(out.contains("sparse+dense  0.0000"), out);
    assertTrue(out.contains("has no token vectors"), out);
  }

  @Test
  void evaluatesTheSampleAndItsRunsGiveTheSameFigures() throws IOException {
    Path cache = folder.resolve("cache");
    Path runs = folder.resolve("runs");
    Path report = folder.resolve("report.html");
    assertEquals(
        0,
        run(
            "eval",
            SAMPLE,
            "--cache",
            cache.toString(),
            "--write-runs",
            runs.toString(),
            "--report",
            report.toString(),
            "--measures",
            "nDCG@10,AP",
            "--pruned",
            "0.8"),
        err);
    assertTrue(out.startsWith("sample · en · 174 documents · 33 judged queries"), out);
    assertTrue(out.contains("m3lex-pruned-0.8"), out);
    assertTrue(err.contains(" 0 taken from the cache") || err.contains("texts encoded"), err);
    assertTrue(Files.readString(report).contains("sample"), "the report is empty");

    assertEquals(0, run("eval", SAMPLE, "--cache", cache.toString(), "--json"), err);
    assertTrue(err.contains("m3lex: 0 texts encoded"), err);
    JsonNode evaluated = new ObjectMapper().readTree(out).path("collections").path(0);
    assertEquals(
        0,
        run(
            "eval",
            "--run",
            runs.resolve("sample.BM25.run").toString(),
            "--run",
            runs.resolve("sample.m3lex.run").toString(),
            "--qrels",
            SAMPLE + "/qrels/test.tsv",
            "--json"),
        err);
    JsonNode read = new ObjectMapper().readTree(out).path("collections").path(0);
    for (int system = 0; system < 2; system++) {
      for (String measure : List.of("nDCG@10", "RR@10", "AP", "R@100", "Judged@10")) {
        assertEquals(
            evaluated.path("systems").path(system).path("measures").path(measure),
            read.path("systems").path(system).path("measures").path(measure),
            measure);
      }
    }
  }

  @Test
  void evaluatesAFolderOfCollectionsWithAnAverage() throws IOException {
    for (String name : List.of("pumps-en", "ポンプ-ja")) {
      Path collection = Files.createDirectories(folder.resolve("all").resolve(name));
      Files.createDirectories(collection.resolve("qrels"));
      Files.writeString(collection.resolve("corpus.jsonl"), document("1", "the pump") + "\n");
      Files.writeString(collection.resolve("queries.jsonl"), document("q", "pump") + "\n");
      Files.writeString(collection.resolve("qrels/dev.tsv"), "q 0 1 1\n");
    }
    String all = folder.resolve("all").toString();
    assertEquals(0, run("eval", all, "--no-cache", "--no-bm25"), err);
    assertTrue(out.contains("ポンプ-ja · ja · 1 documents · 1 judged queries"), out);
    assertTrue(out.contains("average of 2"), out);
    assertEquals(1, run("eval", all, "--split", "test"), out);
    assertTrue(err.contains("has no qrels/test.tsv: choose one of [dev]"), err);
  }

  @Test
  void whatIsWrongWithAnEvaluationIsNamed() throws IOException {
    Path qrels = write("qrels.txt", "q1 0 d1 1", "q2 0 d1 1");
    Path run = write("a.run", "q1 Q0 d1 2 1.5 a", "q1 Q0 d2 1 1.0 a");
    assertEquals(0, run("eval", "--run", run.toString(), "--qrels", qrels.toString()), err);
    assertTrue(err.contains(run + ":"), err);
    assertTrue(err.contains("contradict the scores"), err);
    assertTrue(err.contains(qrels + ":2: 1 judged queries have no ranking"), err);
    assertEquals(
        1, run("eval", "--run", run.toString(), "--qrels", qrels.toString(), "--strict"), out);
    assertTrue(err.contains("stopped, because of --strict"), err);

    Path bad = write("bad.run", "q1 Q0 d1 1 high a");
    assertEquals(1, run("eval", "--run", bad.toString(), "--qrels", qrels.toString()));
    assertTrue(err.contains(bad + ":1: "), err);
    assertEquals(1, run("eval", "--run", "none.run", "--qrels", qrels.toString()));
    assertTrue(err.contains("There is no run none.run"), err);
    assertEquals(1, run("eval", folder.resolve("nowhere").toString()));
    assertTrue(err.contains("There is no collection at"), err);
    assertEquals(1, run("eval", Files.createDirectory(folder.resolve("empty")).toString()));
    assertTrue(err.contains("holds no collection"), err);
  }

  /** Ids that a run cannot hold, and runs that cannot be read, once cost all figures. */
  @Test
  void noFigureIsLostToAFile() throws IOException {
    Path collection = folder.resolve("pumps-en");
    Files.createDirectories(collection.resolve("qrels"));
    Files.writeString(collection.resolve("corpus.jsonl"), document("doc 1", "the pump") + "\n");
    Files.writeString(collection.resolve("queries.jsonl"), document("q", "pump") + "\n");
    Files.writeString(
        collection.resolve("qrels/test.tsv"), "query-id\tcorpus-id\tscore\nq\tdoc 1\t1\n");
    String[] evaluation = {"eval", collection.toString(), "--no-cache", "--write-runs"};
    String[] writing = Arrays.copyOf(evaluation, 5);
    writing[4] = folder.resolve("runs").toString();
    assertEquals(1, run(writing), out);
    assertTrue(out.contains("m3lex   1.0000"), out);
    assertTrue(err.contains("m3lex.run was not written"), err);
    assertTrue(err.contains("document id \"doc 1\""), err);
    try (Stream<Path> files = Files.list(folder.resolve("runs"))) {
      assertEquals(List.of(), files.toList());
    }

    writing[4] = write("a-file", "").toString();
    assertEquals(1, run(writing), out);
    assertTrue(err.contains("it is no folder"), err);
    assertEquals("", out);

    Path bad = write("bad.run", "q Q0 x 1 NaN s");
    assertEquals(1, run("eval", collection.toString(), "--no-cache", "--run", bad.toString()));
    assertTrue(err.contains(bad + ":1: "), err);
    assertFalse(err.contains("Indexing"), err);

    // What is wrong with the second collection is said before the first is encoded.
    assertEquals(
        1, run("eval", collection.toString(), folder.resolve("nowhere").toString(), "--no-cache"));
    assertTrue(err.contains("There is no collection at"), err);
    assertEquals("", out);
  }

  @Test
  void badRecordsAreNamedCountedAndPassedOver() throws IOException {
    Path corpus = write("corpus.jsonl", document("1", "one"), "{\"_id\": ", document("2", "two"));
    assertEquals(0, run("index", corpus.toString(), "--to", index.toString()));
    assertTrue(err.contains(corpus + ":2: broken JSON"), err);
    assertTrue(out.contains("1 record is not a document and was skipped"), out);
    assertTrue(out.contains("has 2 documents"), out);

    assertEquals(0, run("index", corpus.toString(), "--to", index.toString(), "--json"));
    JsonNode json = new ObjectMapper().readTree(out);
    assertEquals(2, json.path("documents").asInt());
    assertEquals(1, json.path("faults").asInt());

    Path strict = folder.resolve("strict");
    assertEquals(1, run("index", corpus.toString(), "--to", strict.toString(), "--strict"));
    assertTrue(err.contains(corpus + ":2: broken JSON"), err);
    assertEquals(0, run("stats", strict.toString(), "--json"), err);
    JsonNode stats = new ObjectMapper().readTree(out);
    assertEquals(0, stats.required("documents").asInt());
    assertFalse(stats.required("fingerprint").required("model").asText().isEmpty());
    assertFalse(stats.required("fingerprint").required("components").isEmpty());
  }

  @Test
  void inputsWithoutASingleDocumentAreAProblem() throws IOException {
    Path corpus = write("corpus.jsonl", "not JSON", "[]");
    assertEquals(1, run("index", corpus.toString(), "--to", index.toString()));
    assertTrue(out.contains("2 records are not documents and were skipped"), out);
    assertEquals(0, run("index", write("empty.jsonl").toString(), "--to", index.toString()));
    assertTrue(out.contains("held no records"), out);
  }

  @Test
  void runThatFailedGoesOnWhereItsLastCommitIs() throws IOException {
    Path corpus =
        write(
            "corpus.jsonl",
            document("1", "one"),
            document("2", "two"),
            "broken",
            document("3", "three"));
    String[] command = {
      "index",
      corpus.toString(),
      "--to",
      index.toString(),
      "--commit-every",
      "1",
      "--strict",
      "--threads",
      "1"
    };
    assertEquals(1, run(command));
    write(
        "corpus.jsonl",
        document("1", "one"),
        document("2", "two"),
        document("2b", "mended"),
        document("3", "three"));
    assertEquals(0, run(command), err);
    assertTrue(
        err.contains("going on where an interrupted run stopped: input 1, after 2 records"), err);
    assertTrue(out.contains("has 4 documents (2 before)"), out);
    assertEquals(0, run(command), err);
    assertFalse(err.contains("going on"), err);
    assertTrue(out.contains("has 4 documents (4 before)"), out);
  }

  @Test
  void changedInputIsNotTakenForTheSame() throws IOException {
    Path corpus = write("corpus.jsonl", document("1", "one"), "broken");
    String[] command = {
      "index", corpus.toString(), "--to", index.toString(), "--commit-every", "1", "--strict"
    };
    assertEquals(1, run(command));
    write("corpus.jsonl", document("1", "another"), document("2", "two"));
    assertEquals(1, run(command));
    assertTrue(err.contains("The input has changed"), err);
    List<String> again = new ArrayList<>(List.of(command));
    again.add("--restart");
    assertEquals(0, run(again.toArray(String[]::new)), err);
    assertTrue(out.contains("has 2 documents"), out);
  }

  @Test
  void laterDocumentReplacesTheOneOfTheSameId() throws IOException {
    Path corpus = write("corpus.tsv", "1\tkettle", "1\tpump");
    assertEquals(0, run("index", corpus.toString(), "--to", index.toString()), err);
    assertTrue(out.contains("has 1 documents"), out);
    run("search", index.toString(), "kettle");
    assertFalse(out.contains("kettle"), out);
  }

  @Test
  void emptyAndLongTextsAreCounted() throws IOException {
    Path corpus = write("corpus.jsonl", document("1", ""), document("2", "word ".repeat(600)));
    assertEquals(0, run("index", corpus.toString(), "--to", index.toString()), err);
    assertTrue(out.contains("1 document has no features: it is stored"), out);
    assertTrue(
        out.contains("1 document was longer than the model takes and was read through windows"),
        out);
    Path cut = folder.resolve("cut");
    assertEquals(0, run("index", corpus.toString(), "--to", cut.toString(), "--truncate"), err);
    assertTrue(out.contains("90 tokens were left out"), out);
    // The index tells how long texts were treated, so that searching needs no option.
    assertEquals(0, run("search", cut.toString(), "word"), err);
    assertEquals(1, run("index", corpus.toString(), "--to", cut.toString()));
    assertTrue(err.contains("long-texts: expected first 510 tokens"), err);
  }

  @Test
  void vectorsGoOutAndComeBack() throws IOException {
    Path corpus = write("corpus.jsonl", document("1", "the pump failed"), document("2", "kettle"));
    Path vectors = folder.resolve("vectors.jsonl");
    assertEquals(0, run("encode", "--input", corpus.toString(), "--to", vectors.toString()), err);
    assertEquals(2, Files.readAllLines(vectors).size());
    String[] command = {
      "index", vectors.toString(), "--to", index.toString(), "--vectors", "--fingerprint", "ours"
    };
    assertEquals(0, run(command), err);
    String vector =
        new ObjectMapper().readTree(Files.readAllLines(vectors).get(1)).path("vector").toString();
    assertEquals(
        0, run("search", index.toString(), "--vector", vector, "--fingerprint", "ours"), err);
    assertTrue(out.contains("kettle"), out);
    assertEquals(1, run("search", index.toString(), "--vector", vector, "--fingerprint", "theirs"));
    assertTrue(err.contains("declared: expected ours, found theirs"), err);
    assertEquals(1, run("search", index.toString(), "kettle"));
    assertTrue(err.contains("was built with ours"), err);
  }

  @Test
  void shardsOfVectorsAreJoinedToWhatOneRunWrites() throws IOException {
    Path corpus =
        write("corpus.jsonl", document("1", "the pump failed"), "broken", document("2", "kettle"));
    Path vectors = folder.resolve("vectors.jsonl");
    String[] command = {"encode", "--input", corpus.toString(), "--to", vectors.toString()};
    assertEquals(0, run(command), err);
    String sha256 = err.lines().filter(line -> line.startsWith("SHA-256: ")).findFirst().get();
    Files.delete(vectors);
    // The second of three is nothing but a fault, which is no problem of the shard.
    for (String shard : List.of("3/3", "1/3", "2/3")) {
      assertEquals(1, run("join", vectors.toString()));
      assertEquals(0, run(with(command, "--shard", shard)), err);
    }
    assertTrue(err.contains(corpus + ":2: broken JSON"), err);
    assertEquals(0, run("join", vectors.toString()), err);
    assertTrue(out.contains(sha256), out);
    assertTrue(out.contains("2 vectors"), out);
    assertTrue(out.contains("1 record of the input is not a document and was skipped"), out);
    assertEquals("", err);
    assertEquals(1, run(with(command, "--shard", "1/3", "--max-tokens", "100")));
    assertTrue(err.contains("model's max-tokens: 512 there, 100 now"), err);
    assertTrue(err.contains("--restart"), err);
    assertEquals(
        0,
        run(
            "index",
            vectors.toString(),
            "--to",
            index.toString(),
            "--vectors",
            "--fingerprint",
            "ours"),
        err);
    assertTrue(out.contains("has 2 documents"), out);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "search %s x",
        "join %s/x",
        "stats %s",
        "optimize %s",
        "explain %s x 1",
        "index %s/none.jsonl --to %s/i"
      })
  void missingFoldersAreSaidInOneLine(String command) {
    assertEquals(1, run(command.replace("%s", folder.resolve("missing").toString()).split(" ")));
    assertEquals(1, err.lines().count(), err);
    assertTrue(err.contains("missing"), err);
  }

  @Test
  void modelIsVerifiedAndLocked() throws IOException {
    assertEquals(0, run("model", "list"));
    assertTrue(out.contains("bge-small-en-v1.5-lexical"), out);
    assertEquals(0, run("model", "verify"), out);
    assertTrue(out.contains("The model is whole"), out);

    Path model = exportModel();
    assertEquals(0, run("model", "verify", model.toString()), out);
    assertEquals(0, run("model", "lock", model.toString(), "--name", "ours"), err);
    assertEquals(1, run("model", "lock", model.toString(), "--name", "ours"));
    assertTrue(err.contains("--force"), err);
    assertEquals(0, run("model", "verify", model.toString(), "--json"), out);
    assertTrue(new ObjectMapper().readTree(out).path("passed").asBoolean());

    Path head = model.resolve("lexical_head.safetensors");
    byte[] bytes = Files.readAllBytes(head);
    bytes[bytes.length / 2] ^= 1;
    Files.write(head, bytes);
    assertEquals(1, run("model", "verify", model.toString()));
    assertTrue(out.contains("FAULT lexical_head.safetensors: damaged"), out);
    Files.delete(head);
    assertEquals(1, run("model", "verify", model.toString()));
    assertTrue(out.contains("NO"), out);
    assertEquals(1, run("encode", "text", "--model", model.toString()));
    assertTrue(err.contains("lexical_head.safetensors"), err);
    assertEquals(1, run("model", "lock", model.toString(), "--force"));
    assertTrue(err.contains("m3lex never makes them up"), err);
  }

  private Path exportModel() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      for (FileRole role : List.of(FileRole.ENCODER, FileRole.TOKENIZER, FileRole.HEAD)) {
        ModelFile file = encoder.model().manifest().file(role);
        ByteBuffer content = encoder.model().bytes(file);
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        Files.write(model.resolve(file.path()), bytes);
      }
    }
    return model;
  }

  @Test
  void trainedHeadIsAModelOfItsOwn() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 160; i++) {
      lines.add(
          document(
              "d" + i,
              ("The report number %d tells of pumps and valves in the old house. It was written by"
                      + " engineer %d after the flood of that spring. Nobody had read the gauge number"
                      + " %d before the water came into the cellar.")
                  .formatted(i, i * 7, i * 31)));
    }
    Path corpus = write("reports.jsonl", lines.toArray(String[]::new));
    Path model = folder.resolve("trained");
    assertEquals(
        0,
        run(
            "train-head",
            corpus.toString(),
            "--name",
            "ours",
            "--expansion-words",
            "100",
            "--to",
            model.toString()),
        err);
    assertTrue(out.contains("heldOutMrr") && out.contains("expansionQueryWeight"), out);
    assertEquals(0, run("model", "verify", model.toString()), out);
    assertEquals(
        0,
        run("index", corpus.toString(), "--to", index.toString(), "--model", model.toString()),
        err);
    assertEquals(0, run("search", index.toString(), "pump", "--model", model.toString()), err);
    assertEquals(1, run("search", index.toString(), "pump"));
    assertTrue(err.contains("was built with ours"), err);
    assertEquals(
        1, run("train-head", corpus.toString(), "--name", "ours", "--to", model.toString()));
    assertTrue(err.contains("is not empty"), err);
  }

  @Test
  void wrongModelsAndNamesAreSaidWithoutCallingThemAFaultOfTheProgram() throws IOException {
    Path corpus = write("one.jsonl", document("1", "one"));
    String to = folder.resolve("m").toString();
    for (String[] command :
        List.of(
            new String[] {"encode", "x", "--model", "nobody"},
            new String[] {"model", "verify", "--manifest", "nobody"},
            new String[] {"model", "lock", folder.toString(), "--name", "a b"},
            new String[] {"train-head", corpus.toString(), "--name", "a b", "--to", to},
            new String[] {"train-head", corpus.toString(), "--name", "a", "--to", to})) {
      assertEquals(1, run(command));
      assertFalse(err.contains("fault of m3lex"), err);
    }
  }

  @Test
  void demoProvesTheGuarantee() {
    assertEquals(0, run("demo"), out + err);
    assertTrue(out.contains("is refused"), out);
    assertTrue(out.contains("They differ in:"), out);
    assertFalse(out.contains("NOT REFUSED"), out);
    assertTrue(out.contains("nDCG@10"), out);
  }

  @Test
  void debugShowsWhereAnErrorArose() {
    String missing = folder.resolve("missing").toString();
    run("stats", missing);
    assertFalse(err.contains("\tat "), err);
    run("stats", missing, "--debug");
    assertTrue(err.contains("\tat "), err);
  }

  @Test
  void tableCountsColumnsAsTerminalsDo() {
    assertEquals(4, Table.width("東京"));
    assertEquals(1, Table.width("e\u0301"));
    assertEquals("ab…", Table.shorten("abcdef", 3));
    assertEquals("東…", Table.shorten("東京都", 4));
  }

  private Path write(String name, String... lines) throws IOException {
    return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
  }

  private static String document(String id, String text) {
    return "{\"_id\": \"%s\", \"text\": \"%s\"}".formatted(id, text);
  }
}
