/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.corpus.QueryFile;
import io.m3lex.corpus.QueryFile.Query;
import io.m3lex.evaluation.Qrels;
import io.m3lex.evaluation.TestCollection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is evaluated: collections in folders, a collection of files, or runs alone. */
final class CollectionOptions {

  @Parameters(
      arity = "0..*",
      paramLabel = "COLLECTION",
      description =
          "A folder as BEIR (corpus.jsonl, queries.jsonl, qrels/) or MIRACL (docs-0.jsonl.gz,"
              + " topics.….tsv, qrels.….tsv) lays it out, or a folder of such folders.")
  private List<Path> folders = List.of();

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "Which judgments of a folder. Default: test for BEIR, dev for MIRACL.")
  private String split;

  @Option(
      names = "--corpus",
      paramLabel = "FILE|DIR",
      description = "Documents: JSONL, TSV, TREC's <DOC> elements, or a folder of these.")
  private Path corpus;

  @Option(
      names = "--topics",
      paramLabel = "FILE",
      description = "Queries: TREC's <top> elements, TSV or JSONL.")
  private Path topics;

  @Option(names = "--qrels", paramLabel = "FILE", description = "Judgments, TREC's or BEIR's.")
  private Path qrels;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What a collection of files is called. Default: the name of its judgments.")
  private String name;

  @Option(
      names = "--vectors",
      description =
          "Corpus and topics hold vectors that were made elsewhere (Anserini JSONL or"
              + " lexical_weights).")
  private boolean vectors;

  @Option(
      names = "--fingerprint",
      paramLabel = "NAME",
      description = "With --vectors: which model made them, in your words.")
  private String fingerprint;

  /**
   * What is wrong with the choice, in a sentence; null if nothing is.
   *
   * @param runs number of runs that were given
   */
  String fault(int runs) {
    if (vectors != (fingerprint != null)) {
      return "--vectors and --fingerprint go together.";
    }
    if (vectors && corpus == null) {
      return "--vectors needs --corpus, --topics and --qrels.";
    }
    if (corpus != null && (topics == null || qrels == null)) {
      return "--corpus needs --topics and --qrels.";
    }
    if (!folders.isEmpty() && (corpus != null || topics != null || qrels != null)) {
      return "Give either folders, or --corpus, --topics and --qrels.";
    }
    if (split != null && folders.isEmpty()) {
      return "--split chooses among the judgments of a folder; there is none.";
    }
    if (folders.isEmpty() && corpus == null && (qrels == null || runs == 0)) {
      return "Give a COLLECTION, or --corpus, --topics and --qrels, or --run and --qrels.";
    }
    return null;
  }

  /** Whether only runs are measured. */
  boolean runsAlone() {
    return folders.isEmpty() && corpus == null;
  }

  boolean vectors() {
    return vectors;
  }

  /** The fingerprint of vectors. */
  ModelFingerprint declared() {
    return ModelFingerprint.declared(fingerprint);
  }

  /** The file of the documents' vectors. */
  Path corpus() {
    return corpus;
  }

  /** The judgments for runs alone. */
  Qrels judgments() throws IOException {
    return Qrels.read(qrels);
  }

  /** The queries for runs alone, empty if they were not given. */
  Map<String, Query> queries() throws IOException {
    return topics == null ? Map.of() : QueryFile.read(topics);
  }

  /** The name of a collection of files. */
  String name() {
    return name != null
        ? name
        : qrels.getFileName().toString().replaceFirst("(?i)\\.(gz|tsv|txt|qrels)$", "");
  }

  /**
   * Opens the collections as they are named; documents are not yet read.
   *
   * @param leftOut what is no document though it lies in the corpus' folder
   */
  List<TestCollection> collections(Predicate<Path> leftOut) throws IOException {
    if (vectors) {
      return List.of(TestCollection.ofVectors(name(), corpus, topics, qrels));
    }
    if (corpus != null) {
      return List.of(TestCollection.of(name(), corpus, topics, qrels, leftOut));
    }
    List<TestCollection> collections = new ArrayList<>();
    for (Path folder : folders) {
      List<Path> inside =
          Files.isDirectory(folder) && !TestCollection.isCollection(folder)
              ? collectionsIn(folder)
              : List.of();
      for (Path collection : inside.isEmpty() ? List.of(folder) : inside) {
        collections.add(TestCollection.open(collection, split));
      }
    }
    return collections;
  }

  private static List<Path> collectionsIn(Path folder) throws IOException {
    List<Path> folders;
    try (Stream<Path> inside = Files.list(folder)) {
      folders = inside.filter(Files::isDirectory).sorted().toList();
    }
    List<Path> collections = new ArrayList<>();
    for (Path candidate : folders) {
      if (TestCollection.isCollection(candidate)) {
        collections.add(candidate);
      }
    }
    return collections;
  }
}
