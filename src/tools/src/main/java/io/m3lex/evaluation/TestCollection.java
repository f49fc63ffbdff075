/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.SparseVector;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.LineReader;
import io.m3lex.corpus.QueryFile;
import io.m3lex.corpus.QueryFile.Query;
import io.m3lex.corpus.VectorLines;
import io.m3lex.util.FileNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A test collection: documents, queries and relevance judgments. As BEIR lays it out ({@code
 * corpus.jsonl}, {@code queries.jsonl}, {@code qrels/test.tsv}), as MIRACL does ({@code
 * docs-0.jsonl.gz}, {@code topics.miracl-v1.0-en-dev.tsv}, {@code qrels.miracl-v1.0-en-dev.tsv}),
 * or of three files that lie anywhere. Documents are streamed, queries and judgments kept. A query
 * whose number has other leading zeros than in the judgments takes its id from there.
 */
public final class TestCollection {

  private static final String SAMPLE = "/io/m3lex/data/sample/";
  private static final List<String> BEIR_CORPUS = List.of("corpus.jsonl", "corpus.jsonl.gz");
  private static final List<String> BEIR_QUERIES = List.of("queries.jsonl", "queries.jsonl.gz");
  private static final Pattern BEIR_QRELS = Pattern.compile("(.+)\\.tsv(\\.gz)?");
  private static final Pattern MIRACL_TOPICS =
      Pattern.compile("topics\\.(miracl-v[0-9.]+-([a-z]{2,3})-([A-Za-z0-9]+))\\.tsv");

  private final String name;
  private final String language;
  private final Source corpus;
  private final String topicsFile;
  private final Map<String, Query> queries;
  private final Map<String, SparseVector> vectors;
  private final Qrels qrels;

  private TestCollection(
      String name,
      String language,
      Source corpus,
      String topicsFile,
      Map<String, Query> queries,
      Map<String, SparseVector> vectors,
      Qrels qrels) {
    this.name = name;
    this.language = language;
    this.corpus = corpus;
    this.topicsFile = topicsFile;
    this.queries = byJudgedId(queries, qrels);
    this.vectors = byJudgedId(vectors, qrels);
    this.qrels = qrels;
  }

  /**
   * The values by the ids that the judgments have: TREC's own topics 51 to 99 are numbered {@code
   * 051} in the topics and {@code 51} in the judgments.
   */
  private static <T> Map<String, T> byJudgedId(Map<String, T> byId, Qrels qrels) {
    Map<String, String> judged = new HashMap<>();
    for (String id : qrels.queries()) {
      if (!byId.containsKey(id)) {
        judged.merge(withoutZeros(id), id, (one, other) -> "");
      }
    }
    Map<String, T> renamed = new LinkedHashMap<>();
    byId.forEach(
        (id, value) -> {
          String other =
              qrels.queries().contains(id) ? "" : judged.getOrDefault(withoutZeros(id), "");
          // One of several that differ in zeros alone keeps its own id.
          if (other.isEmpty() || renamed.putIfAbsent(other, value) != null) {
            renamed.put(id, value);
          }
        });
    return renamed;
  }

  private static String withoutZeros(String id) {
    return id.matches("[0-9]+") ? id.replaceFirst("^0+(?=.)", "") : id;
  }

  /** Whether a folder holds a collection, as {@link #open(Path, String)} takes it. */
  public static boolean isCollection(Path folder) throws IOException {
    return FileNames.onlyOf(folder, BEIR_CORPUS).isPresent() || !miraclTopics(folder).isEmpty();
  }

  /**
   * Opens the collection in a folder, with the judgments of the split {@code test}, or the only
   * split that there is.
   *
   * @throws IOException if a file is missing or wrong
   */
  public static TestCollection open(Path folder) throws IOException {
    return open(folder, null);
  }

  /**
   * Opens the collection in a folder.
   *
   * @param split which judgments: the name of a file in {@code qrels}, or of a split of MIRACL's;
   *     null for {@code test} in the one case and {@code dev} in the other, or for the only one
   * @throws IOException if a file is missing or wrong; the message names it
   */
  public static TestCollection open(Path folder, String split) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("There is no collection at " + folder + ": no such folder.");
    }
    if (FileNames.onlyOf(folder, BEIR_CORPUS).isPresent()) {
      return beir(folder, split);
    }
    List<Path> topics = miraclTopics(folder);
    if (!topics.isEmpty()) {
      return miracl(folder, topics, split);
    }
    throw new IOException(
        "The folder %s holds no collection: neither corpus.jsonl (BEIR) nor topics.miracl-….tsv (MIRACL). Name other files by --corpus, --topics and --qrels."
            .formatted(folder));
  }

  private static TestCollection beir(Path folder, String split) throws IOException {
    Path queries =
        FileNames.onlyOf(folder, BEIR_QUERIES)
            .orElseThrow(
                () -> new IOException("The collection " + folder + " has no queries.jsonl."));
    Map<String, Path> splits = new LinkedHashMap<>();
    for (Path file : files(folder.resolve("qrels"))) {
      Matcher name = BEIR_QRELS.matcher(file.getFileName().toString());
      if (name.matches()) {
        add(splits, name.group(1), file);
      }
    }
    Path qrels = chosen(splits, split, "test", "The collection " + folder + " has no qrels/%s.tsv");
    String name = nameOf(folder);
    return new TestCollection(
        name,
        CollectionLanguage.ofName(name),
        () -> CorpusReader.open(folder),
        queries.toString(),
        QueryFile.read(queries),
        Map.of(),
        Qrels.read(qrels));
  }

  private static TestCollection miracl(Path folder, List<Path> topicFiles, String split)
      throws IOException {
    Map<String, Path> splits = new LinkedHashMap<>();
    for (Path file : topicFiles) {
      add(splits, miraclName(file).group(3), file);
    }
    Path topics =
        chosen(splits, split, "dev", "The collection " + folder + " has no topics of split %s");
    Matcher name = miraclName(topics);
    String qrelsName = "qrels." + name.group(1) + ".tsv";
    Path qrels =
        FileNames.onlyOf(folder, List.of(qrelsName, "qrels/" + qrelsName))
            .orElseThrow(
                () -> new IOException("The collection %s has no %s.".formatted(folder, qrelsName)));
    Path documents = miraclCorpus(folder);
    return new TestCollection(
        nameOf(folder),
        name.group(2),
        () -> CorpusReader.open(documents),
        topics.toString(),
        QueryFile.read(topics),
        Map.of(),
        Qrels.read(qrels));
  }

  private static Path chosen(Map<String, Path> splits, String split, String usual, String missing)
      throws IOException {
    String name =
        split != null ? split : splits.size() == 1 ? splits.keySet().iterator().next() : usual;
    Path file = splits.get(name);
    if (file == null) {
      throw new IOException(
          String.format(Locale.ROOT, missing, name)
              + (splits.isEmpty() ? "." : ": choose one of " + splits.keySet() + " by --split."));
    }
    return file;
  }

  private static List<Path> miraclTopics(Path folder) throws IOException {
    List<Path> topics = new ArrayList<>();
    for (Path place : List.of(folder, folder.resolve("topics"))) {
      for (Path file : files(place)) {
        if (miraclName(file).matches()) {
          topics.add(file);
        }
      }
    }
    return topics;
  }

  private static Matcher miraclName(Path file) {
    Matcher name = MIRACL_TOPICS.matcher(file.getFileName().toString());
    name.matches();
    return name;
  }

  private static Path miraclCorpus(Path folder) throws IOException {
    List<Path> places = new ArrayList<>(List.of(folder, folder.resolve("corpus")));
    for (Path inside : list(folder)) {
      if (Files.isDirectory(inside) && nameOf(inside).startsWith("miracl-corpus")) {
        places.add(inside);
      }
    }
    for (Path place : places) {
      for (Path file : files(place)) {
        if (file.getFileName().toString().matches("docs-[0-9]+\\.jsonl(\\.gz)?")) {
          return place;
        }
      }
    }
    throw new IOException("The collection " + folder + " has no docs-0.jsonl or docs-0.jsonl.gz.");
  }

  /**
   * A collection of three files.
   *
   * @param name what it is called
   * @param corpus documents as {@link CorpusReader#open(Path)} takes them; of a folder, queries and
   *     judgments are left out
   * @param topics queries as {@link QueryFile} takes them
   * @param qrels judgments of BEIR's or TREC's form
   * @throws IOException if a file is missing or wrong; the message names it
   */
  public static TestCollection of(String name, Path corpus, Path topics, Path qrels)
      throws IOException {
    return of(name, corpus, topics, qrels, file -> false);
  }

  /**
   * A collection of three files.
   *
   * @param name what it is called
   * @param corpus documents as {@link CorpusReader#open(Path)} takes them; of a folder, queries and
   *     judgments are left out
   * @param topics queries as {@link QueryFile} takes them
   * @param qrels judgments of BEIR's or TREC's form
   * @param leftOut what else in the corpus' folder is no document, such as a report
   * @throws IOException if a file is missing or wrong; the message names it
   */
  public static TestCollection of(
      String name, Path corpus, Path topics, Path qrels, Predicate<Path> leftOut)
      throws IOException {
    requireCorpus(corpus);
    Predicate<Path> other = leftOut.or(file -> isSame(file, topics) || isSame(file, qrels));
    return new TestCollection(
        name,
        CollectionLanguage.ofName(name),
        () -> CorpusReader.open(corpus, null, other),
        topics.toString(),
        QueryFile.read(topics),
        Map.of(),
        Qrels.read(qrels));
  }

  /**
   * A collection whose documents and queries are vectors already, in Anserini's or FlagEmbedding's
   * form. Texts are what stands beside the vectors; they may be missing.
   *
   * @throws IOException if a file is missing, or a query or judgment is wrong
   */
  public static TestCollection ofVectors(String name, Path corpus, Path topics, Path qrels)
      throws IOException {
    requireCorpus(corpus);
    Map<String, Query> queries = new LinkedHashMap<>();
    Map<String, SparseVector> vectors = new LinkedHashMap<>();
    try (VectorLines.Reader reader = VectorLines.open(topics)) {
      while (reader.hasNext()) {
        VectorLines.Entry entry = reader.next();
        if (entry instanceof VectorLines.VectorDocument query) {
          Query before = queries.putIfAbsent(query.id(), new Query(query.contents(), query.line()));
          if (before != null) {
            throw new IOException(
                String.format(
                    Locale.ROOT,
                    "%s:%d: query \"%s\" occurs twice, first on line %d",
                    topics,
                    query.line(),
                    query.id(),
                    before.line()));
          }
          vectors.put(query.id(), query.vector());
        } else if (entry instanceof VectorLines.VectorFault fault) {
          throw new IOException(fault.fault().toString());
        }
      }
    }
    return new TestCollection(
        name,
        CollectionLanguage.ofName(name),
        () -> CorpusReader.openVectors(corpus),
        topics.toString(),
        queries,
        vectors,
        Qrels.read(qrels));
  }

  private static boolean isSame(Path file, Path other) {
    try {
      return FileNames.isSame(file, other);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "It is not known whether %s is %s: %s".formatted(file, other, e), e);
    }
  }

  private static void requireCorpus(Path corpus) throws IOException {
    if (!Files.exists(corpus)) {
      throw new IOException("There is no corpus " + corpus + ".");
    }
    if (LineReader.isReadOnce(corpus)) {
      throw new IOException(
          "%s is a pipe, and a corpus is read several times. Write it to a file first."
              .formatted(corpus));
    }
  }

  /** The small sample collection that comes with m3lex. */
  public static TestCollection sample() throws IOException {
    try (InputStream queries = resource("queries.jsonl");
        InputStream qrels = resource("qrels/test.tsv")) {
      return new TestCollection(
          "sample",
          "en",
          () -> CorpusReader.open(resource("corpus.jsonl"), "sample/corpus.jsonl"),
          "sample/queries.jsonl",
          QueryFile.read(queries, "sample/queries.jsonl"),
          Map.of(),
          Qrels.read(qrels, "sample/qrels/test.tsv"));
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream stream = TestCollection.class.getResourceAsStream(SAMPLE + name);
    if (stream == null) {
      throw new IOException(
          "the program is incomplete: %s%s is not on the class path; build it again"
              .formatted(SAMPLE, name));
    }
    return stream;
  }

  private static String nameOf(Path folder) throws IOException {
    String name = FileNames.last(folder);
    return name.isEmpty() ? folder.toString() : name;
  }

  private static void add(Map<String, Path> splits, String split, Path file) throws IOException {
    Path before = splits.putIfAbsent(split, file);
    if (before != null) {
      throw FileNames.ambiguous(before, file);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    return list(folder).stream().filter(Files::isRegularFile).toList();
  }

  /** What is in a folder, in the order of the names; nothing if there is no folder. */
  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.sorted().toList();
    }
  }

  /** The collection's name: that of its folder. */
  public String name() {
    return name;
  }

  /**
   * The language that the collection's name tells, as a BCP 47 tag; {@code und} if it tells none.
   */
  public String namedLanguage() {
    return language;
  }

  /** Opens the documents, from the first. */
  public CorpusReader documents() throws IOException {
    return corpus.open();
  }

  /** All queries by id, judged or not, in the order of the file. */
  public Map<String, Query> queries() {
    return queries;
  }

  /** The queries' vectors by id, if documents and queries are vectors already; else empty. */
  public Map<String, SparseVector> queryVectors() {
    return vectors;
  }

  /**
   * The judged queries that have a text, text by id, in the order of the file. Judged queries
   * without a text count, but cannot be asked.
   */
  public Map<String, String> judgedQueries() {
    Map<String, String> judged = new LinkedHashMap<>();
    queries.forEach(
        (id, query) -> {
          if (qrels.queries().contains(id)) {
            judged.put(id, query.text());
          }
        });
    return judged;
  }

  /** The judgments. */
  public Qrels qrels() {
    return qrels;
  }

  /** Where the queries were read from, as messages show it. */
  String topicsFile() {
    return topicsFile;
  }

  @FunctionalInterface
  private interface Source {
    CorpusReader open() throws IOException;
  }
}
