/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.Folders;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.corpus.VectorLines;
import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.NotCaught;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Step;
import io.m3lex.failures.FailureMode.Theme;
import io.m3lex.index.Hit;
import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.query.QuerySyntaxException;
import io.m3lex.query.SparseQueryParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.search.Query;

/** Vectors that were made elsewhere, and vectors that several machines made. */
final class VectorFailures {

  private static final String NAME = "their model fp32";

  private VectorFailures() {}

  static Theme theme() {
    Step join = new JoinedShards();
    SparseVector asked = new WordEncoder().encodeQuery(TestBench.QUERY);
    return new Theme(
        "Vectors from elsewhere",
        List.of(
            new Refused(
                "Vectors of another model are imported",
                "Features are numbers in both, so they match at random.",
                bench -> {},
                new Import(NAME, "their model fp16"),
                "declared: expected their model fp32, found their model fp16"),
            new Refused(
                "Vectors from elsewhere are put into an index that was encoded here",
                "The same model's name says nothing of precision, cutting or tokenizer.",
                bench -> {
                  bench.deleteIndex();
                  bench.search();
                },
                bench -> importVectors(bench, bench.index(), NAME),
                "declared: expected nothing"),
            new Refused(
                "A query's vector of another model",
                "A service for queries was changed, the index was not.",
                bench -> {},
                new SearchWithVector(NAME, "their model fp16"),
                "declared: expected their model fp32, found their model fp16"),
            new Refused(
                "A query encoded here, documents elsewhere",
                "The model may be the same by name; nobody knows it of the weights.",
                bench -> {
                  bench.deleteIndex();
                  importVectors(bench, bench.index(), NAME);
                },
                TestBench::search,
                "was built with " + NAME),
            new Refused(
                "A program hands over a vector of another model",
                "A cache or a queue still holds vectors of the model before.",
                bench -> bench.setMachine(new WordEncoder("new head", 0)),
                VectorFailures::putVector,
                "the vector of document \"7\""),
            new Refused(
                "A program searches with a vector of another model",
                "Two services share a library for searching, and each encodes with a model of its"
                    + " own.",
                bench -> {},
                new SearchWith(asked, new WordEncoder("new head", 0).encodeQuery(TestBench.QUERY)),
                "the model of the query's vector is word model"),
            new Refused(
                "A program searches with numbers, and nothing says which model they came from",
                "They were kept in a cache or sent over a network, where the model's name was"
                    + " lost.",
                bench -> {},
                new SearchWith(asked, SparseVector.of(asked.toMap())),
                "the query's vector states no model"),
            new Refused(
                "A query language is given another encoder than the index",
                "The parser was set up in another place than the index, and forgotten there.",
                bench -> bench.setMachine(new WordEncoder("new head", 0)),
                VectorFailures::searchWithParser,
                "but the query's vector came from word model"),
            line(
                "A negative weight",
                "Somebody exported before relu: a document is ranked lower for what it contains.",
                "{\"id\": \"2\", \"vector\": {\"7\": -0.25}}",
                "must be from 0 to"),
            line(
                "A weight that is no number",
                "NaN, written as Python writes it, makes every comparison false: where the document"
                    + " stands depends on the order of comparing.",
                "{\"id\": \"2\", \"vector\": {\"7\": NaN}}",
                "broken JSON"),
            line(
                "A weight beyond a 32-bit number",
                "It becomes infinite, and its document first of every query.",
                "{\"id\": \"2\", \"vector\": {\"7\": 1e39}}",
                "must be from 0 to"),
            line(
                "A weight as a string",
                "A reader that converts takes \"0,5\" for 0 or 5.",
                "{\"id\": \"2\", \"vector\": {\"7\": \"0.5\"}}",
                "is no number"),
            line(
                "A feature twice in one vector",
                "Most readers of JSON keep the last one; the maximum was meant.",
                "{\"id\": \"2\", \"vector\": {\"7\": 0.9, \"7\": 0.1}}",
                "Duplicate field"),
            line(
                "Two vectors in one record",
                "Which of them is read depends on the program.",
                "{\"id\": \"2\", \"vector\": {\"7\": 1}, \"lexical_weights\": {\"7\": 100}}",
                "has both"),
            line(
                "A feature with half of a character",
                "A token cut in the middle of a character: in UTF-8 all such tokens become the same"
                    + " question mark.",
                "{\"id\": \"2\", \"vector\": {\"\\ud83d\": 1}}",
                "surrogate pair"),
            line(
                "A record without its vector",
                "An empty vector takes its place, and the document is never found.",
                "{\"id\": \"2\", \"contents\": \"a text\"}",
                "has no \"vector\""),
            parsed(
                "A query's weight as a string",
                "Queries are read less strictly than documents: the string becomes a number, or 0.",
                "{\"7\": \"0.5\"}",
                "is no number"),
            parsed(
                "Two vectors in one query",
                "What stands behind the first object is not looked at.",
                "{\"7\": 0.5} {\"8\": 9}",
                "something follows the end of the object"),
            query(
                "Scores beyond a 32-bit number",
                "Every hit has the same infinite score, or none is found.",
                "{\"7\": 3e38}",
                "is greater than a float can hold"),
            new Handled(
                "Weights that are many orders of magnitude apart",
                "What a document can still reach is computed by subtraction: what is small"
                    + " vanishes, and documents that match are not found.",
                "What remains of a bound is a whole number. Every document that shares a feature is"
                    + " found, also one whose score is rounded to 0.",
                VectorFailures::weightsFarApart),
            new Handled(
                "Features with leading zeros",
                "A program that takes features for numbers makes 007 and 7 the same.",
                "Features are compared as they stand: 007 and 7 are two.",
                VectorFailures::leadingZeros),
            shards(
                join,
                "A shard is missing",
                "The others are put together, and a part of the documents is never found.",
                bench -> Files.delete(shard(bench, 2)),
                "shard 2: its data"),
            shards(
                join,
                "A shard with a flipped bit",
                "JSON with another digit is still JSON.",
                bench -> TestBench.flipBit(shard(bench, 2), 0.9),
                "is damaged: SHA-256"),
            shards(
                join,
                "A shard that was made with other settings",
                "One machine had another maximum length: a half of the documents has other"
                    + " weights.",
                bench -> encodeShard(bench, "2/2", "--restart", "--max-tokens", "100"),
                "model's max-tokens is 130 in shard 1, 100 in shard 2"),
            shards(
                join,
                "A shard of queries among those of documents",
                "Where a model weighs queries otherwise, these have the wrong weights.",
                bench -> encodeShard(bench, "2/2", "--restart", "--role", "query"),
                "role is document in shard 1, query in shard 2"),
            shards(
                join,
                "A shard of another input",
                "The corpus was updated while the machines were at work: documents are missing or"
                    + " there twice.",
                bench -> {
                  writeCorpus(bench, "another text");
                  encodeShard(bench, "2/2", "--restart");
                },
                "input is SHA-256"),
            shards(
                join,
                "A shard of a machine that computes otherwise",
                "Same files, same settings, another processor: weights differ by where a document"
                    + " happened to be encoded.",
                bench -> {
                  editManifest(bench, 1, manifest -> {});
                  editManifest(bench, 2, VectorFailures::changeWeight);
                },
                "but their machines give other weights"),
            new NotCaught(
                "Vectors were scaled or cut, and their maker's name is right",
                "One import has weights times 100, the other as they are.",
                "A declared name is believed: nothing here can encode the text again. Encode with"
                    + " m3lex, or put into the name what decides a weight (revision, precision,"
                    + " maximum length, scale, cutting), so that another choice is another name.",
                VectorFailures::scaled)));
  }

  /** Imports vectors, each time under another name. */
  private static final class Import implements Step {
    private final List<String> names;

    Import(String... names) {
      this.names = new ArrayList<>(List.of(names));
    }

    @Override
    public void on(TestBench bench) throws IOException {
      importVectors(bench, bench.index(), names.removeFirst());
    }
  }

  /** Searches with a vector, each time another one or under another name. */
  private static final class SearchWithVector implements Step {
    private final List<String> vectors;
    private final List<String> names;

    SearchWithVector(String... names) {
      this(Collections.nCopies(names.length, "{\"7\": 1}"), List.of(names));
    }

    SearchWithVector(List<String> vectors, List<String> names) {
      this.vectors = new ArrayList<>(vectors);
      this.names = new ArrayList<>(names);
    }

    @Override
    public void on(TestBench bench) throws IOException {
      importVectors(bench, bench.index(), NAME);
      String found =
          bench.command(
              "search",
              bench.index().toString(),
              "--vector",
              vectors.removeFirst(),
              "--fingerprint",
              names.removeFirst());
      assertTrue(found.startsWith(" 1. "), found);
    }
  }

  /** Searches an index that was encoded here, each time with another vector. */
  private static final class SearchWith implements Step {
    private final List<SparseVector> vectors;

    SearchWith(SparseVector... vectors) {
      this.vectors = new ArrayList<>(List.of(vectors));
    }

    @Override
    public void on(TestBench bench) throws IOException {
      bench.search();
      try (SparseIndex index = SparseIndex.open(bench.index(), bench.machine())) {
        assertEquals(2, index.search(vectors.removeFirst(), 10).size());
      }
    }
  }

  private static void searchWithParser(TestBench bench) throws IOException {
    WordEncoder ours = new WordEncoder();
    if (!Files.exists(bench.index())) {
      TestBench.build(bench.index(), ours);
    }
    SparseQueryParser parser =
        SparseQueryParser.builder(IndexFields.SPARSE, new StandardAnalyzer(), bench.machine())
            .sparseField(IndexFields.SPARSE)
            .build();
    try (SparseIndex index = SparseIndex.open(bench.index(), ours)) {
      Query query = parser.parse(TestBench.QUERY);
      int found = index.using(searcher -> searcher.count(query));
      assertEquals(2, found);
    } catch (QuerySyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static void importVectors(TestBench bench, Path index, String name) throws IOException {
    Path file = bench.folder().resolve("vectors.jsonl");
    if (!Files.exists(file)) {
      bench.write("vectors.jsonl", "{\"id\": \"1\", \"vector\": {\"7\": 0.5}}");
    }
    bench.command(
        "index",
        file.toString(),
        "--to",
        index.toString(),
        "--vectors",
        "--fingerprint",
        name,
        "--strict");
  }

  private static void putVector(TestBench bench) throws IOException {
    SparseVector vector = SparseVector.of(Map.of("pump", 1f));
    try (SparseIndexWriter writer = SparseIndexWriter.open(bench.index(), new WordEncoder())) {
      writer.put(SparseDocument.of("7", "a pump"), vector.from(bench.machine().fingerprint()));
    }
  }

  /** A record among good ones, imported strictly. */
  private static Refused line(String name, String elsewhere, String record, String message) {
    return new Refused(
        name,
        elsewhere,
        bench -> bench.write("vectors.jsonl", "{\"id\": \"1\", \"vector\": {\"7\": 0.5}}", record),
        bench -> importVectors(bench, bench.index(), NAME),
        message);
  }

  /** A query's vector, read after a good one. */
  private static Refused parsed(String name, String elsewhere, String vector, String message) {
    List<String> vectors = new ArrayList<>(List.of("{\"7\": 1}", vector));
    return new Refused(
        name, elsewhere, bench -> {}, bench -> VectorLines.parse(vectors.removeFirst()), message);
  }

  /** A query's vector, after the index was searched with a good one. */
  private static Refused query(String name, String elsewhere, String vector, String message) {
    return new Refused(
        name,
        elsewhere,
        bench ->
            bench.write(
                "vectors.jsonl",
                "{\"id\": \"1\", \"vector\": {\"7\": 1.5}}",
                "{\"id\": \"2\", \"vector\": {\"8\": 1.5}}"),
        new SearchWithVector(List.of("{\"7\": 1}", vector), List.of(NAME, NAME)),
        message);
  }

  private static void weightsFarApart(TestBench bench) throws IOException {
    bench.write(
        "vectors.jsonl",
        "{\"id\": \"1\", \"vector\": {\"7\": 3e6}}",
        "{\"id\": \"2\", \"vector\": {\"8\": 3e-7}}",
        "{\"id\": \"3\", \"vector\": {\"9\": 2e-38}}");
    importVectors(bench, bench.index(), NAME);
    try (SparseIndex index =
        SparseIndex.openForVectors(bench.index(), ModelFingerprint.declared(NAME))) {
      SparseVector query =
          SparseVector.of(Map.of("7", 3e6f, "8", 3e-7f, "9", 2e-38f))
              .from(ModelFingerprint.declared(NAME));
      assertEquals(List.of("1", "2", "3"), index.search(query, 10).stream().map(Hit::id).toList());
    }
  }

  private static void leadingZeros(TestBench bench) throws IOException {
    bench.write(
        "vectors.jsonl",
        "{\"id\": \"1\", \"vector\": {\"007\": 0.5}}",
        "{\"id\": \"2\", \"vector\": {\"7\": 0.5}}");
    importVectors(bench, bench.index(), NAME);
    try (SparseIndex index =
        SparseIndex.openForVectors(bench.index(), ModelFingerprint.declared(NAME))) {
      for (Map.Entry<String, String> expected : Map.of("007", "1", "7", "2").entrySet()) {
        SparseVector query =
            SparseVector.of(Map.of(expected.getKey(), 1f)).from(index.fingerprint());
        assertEquals(
            List.of(expected.getValue()), index.search(query, 10).stream().map(Hit::id).toList());
      }
    }
  }

  private static void scaled(TestBench bench) throws IOException {
    importVectors(bench, bench.index(), NAME);
    bench.write("vectors.jsonl", "{\"id\": \"2\", \"vector\": {\"7\": 50}}");
    importVectors(bench, bench.index(), NAME);
    try (SparseIndex index =
        SparseIndex.openForVectors(bench.index(), ModelFingerprint.declared(NAME))) {
      SparseVector query = SparseVector.of(Map.of("7", 1f)).from(index.fingerprint());
      assertEquals(List.of(50f, 0.5f), index.search(query, 10).stream().map(Hit::score).toList());
    }
  }

  /** A failure of one of two shards, which are then joined. */
  private static Refused shards(
      Step join, String name, String elsewhere, Step failure, String message) {
    return new Refused(name, elsewhere, failure, join, message);
  }

  /** Joins two shards, which are encoded once for all benches. */
  private static final class JoinedShards implements Step {
    private Path encoded;

    @Override
    public void on(TestBench bench) throws IOException {
      if (encoded == null) {
        writeCorpus(bench, "a text");
        encodeShard(bench, "1/2");
        encodeShard(bench, "2/2");
        encoded = Files.createDirectory(bench.folder().resolve("encoded"));
        for (Path file : files(bench)) {
          Files.copy(file, encoded.resolve(file.getFileName()));
        }
      } else if (files(bench).isEmpty()) {
        writeCorpus(bench, "a text");
        Folders.copy(encoded, bench.folder());
      }
      bench.command("join", vectors(bench).toString());
    }

    private static List<Path> files(TestBench bench) throws IOException {
      try (Stream<Path> files = Files.list(bench.folder())) {
        return files.filter(file -> file.getFileName().toString().contains("-of-2")).toList();
      }
    }
  }

  private static Path vectors(TestBench bench) {
    return bench.folder().resolve("vectors.jsonl");
  }

  private static Path shard(TestBench bench, int number) {
    return Path.of(vectors(bench) + "." + number + "-of-2");
  }

  private static void writeCorpus(TestBench bench, String text) throws IOException {
    bench.write("corpus.tsv", "1\t" + text + " of tokens", "2\t" + text + " of weights");
  }

  private static void encodeShard(TestBench bench, String shard, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "encode",
                "--input",
                bench.folder().resolve("corpus.tsv").toString(),
                "--to",
                vectors(bench).toString(),
                "--shard",
                shard));
    arguments.addAll(Arrays.asList(options));
    bench.commandWithModel(arguments.toArray(String[]::new));
  }

  private static void changeWeight(ObjectNode manifest) {
    ObjectNode weights = (ObjectNode) manifest.withArray("witnesses").get(0).get("weights");
    String feature = weights.fieldNames().next();
    weights.put(feature, weights.get(feature).floatValue() + 0.25f);
  }

  private static void editManifest(TestBench bench, int number, Consumer<ObjectNode> change)
      throws IOException {
    Path file = Path.of(shard(bench, number) + ".json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode manifest = (ObjectNode) json.readTree(file.toFile());
    change.accept(manifest);
    manifest.withObject("environment").removeAll().put("engine", "engine 1." + number);
    json.writeValue(file.toFile(), manifest);
  }
}
