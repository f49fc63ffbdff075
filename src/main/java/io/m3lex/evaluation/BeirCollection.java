package io.m3lex.evaluation;

import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.QueryFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A test collection as BEIR lays it out: {@code corpus.jsonl}, {@code queries.jsonl}, {@code
 * qrels/test.tsv}. Documents are streamed, queries and judgments kept.
 */
public final class BeirCollection {

  private static final String SAMPLE = "/io/m3lex/data/sample/";

  private final String name;
  private final Source corpus;
  private final Map<String, String> queries;
  private final Qrels qrels;

  private BeirCollection(String name, Source corpus, Map<String, String> queries, Qrels qrels) {
    this.name = name;
    this.corpus = corpus;
    this.queries = queries;
    this.qrels = qrels;
  }

  /**
   * Opens the collection in a folder.
   *
   * @throws IOException if a file is missing or wrong
   */
  public static BeirCollection open(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("There is no collection at " + folder + ": no such folder.");
    }
    Path qrels = folder.resolve("qrels").resolve("test.tsv");
    if (!Files.isRegularFile(qrels)) {
      throw new IOException("The collection " + folder + " has no qrels/test.tsv.");
    }
    return new BeirCollection(
        folder.toAbsolutePath().normalize().getFileName().toString(),
        () -> CorpusReader.open(folder),
        QueryFile.read(folder.resolve("queries.jsonl")),
        Qrels.read(qrels));
  }

  /** The small sample collection that comes with m3lex. */
  public static BeirCollection sample() throws IOException {
    try (InputStream queries = resource("queries.jsonl");
        InputStream qrels = resource("qrels/test.tsv")) {
      return new BeirCollection(
          "sample",
          () -> CorpusReader.open(resource("corpus.jsonl"), "sample/corpus.jsonl"),
          QueryFile.read(queries, "sample/queries.jsonl"),
          Qrels.read(qrels, "sample/qrels/test.tsv"));
    }
  }

  private static InputStream resource(String name) throws IOException {
    InputStream stream = BeirCollection.class.getResourceAsStream(SAMPLE + name);
    if (stream == null) {
      throw new IOException(
          "the program is incomplete: %s%s is not on the class path; build it again"
              .formatted(SAMPLE, name));
    }
    return stream;
  }

  /** The collection's name: that of its folder. */
  public String name() {
    return name;
  }

  /** Opens the documents, from the first. */
  public CorpusReader documents() throws IOException {
    return corpus.open();
  }

  /**
   * The judged queries, text by id, in the order of the file.
   *
   * @throws IOException if a query has judgments but no text
   */
  public Map<String, String> judgedQueries() throws IOException {
    for (String id : qrels.queries()) {
      if (!queries.containsKey(id)) {
        throw new IOException(
            "Collection %s judges query %s, which has no text.".formatted(name, id));
      }
    }
    Map<String, String> judged = new LinkedHashMap<>(queries);
    judged.keySet().retainAll(qrels.queries());
    return judged;
  }

  /** The judgments. */
  public Qrels qrels() {
    return qrels;
  }

  @FunctionalInterface
  private interface Source {
    CorpusReader open() throws IOException;
  }
}
