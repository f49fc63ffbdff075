/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.GeneratedModel;
import io.m3lex.SparseEncoder;
import io.m3lex.WordEncoder;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Step;
import io.m3lex.failures.FailureMode.Theme;
import io.m3lex.failures.TestBench.CommandRefusal;
import io.m3lex.index.IndexFields;
import io.m3lex.index.ModelIdentity;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseField;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.StringHelper;

/** What is wrong with an index, or with the model that comes to it. */
final class IndexFailures {

  private static final String FIELD = "body";
  private static final int DOCUMENTS = 1_000;

  /** Begins the file of the postings. */
  private static final String POSTINGS = "M3lexBlockMaxData";

  private IndexFailures() {}

  static Theme theme() {
    return new Theme(
        "Index",
        List.of(
            model(
                "A head that was fine-tuned after the index was built",
                "Tokens are the same and so are the features: everything matches, with weights of"
                    + " two trainings.",
                bench -> GeneratedModel.writeHead(bench.model(), 64, 99),
                "file:sparse_linear.pt"),
            model(
                "An encoder that was fine-tuned after the index was built",
                "The head is the same, its input is not.",
                bench -> {
                  Path other = bench.folder().resolve("other");
                  GeneratedModel.writeSmall(other, 2);
                  Files.delete(bench.model(TestBench.ENCODER));
                  Files.move(other.resolve(TestBench.ENCODER), bench.model(TestBench.ENCODER));
                },
                "file:pytorch_model.bin"),
            model(
                "A vocabulary in another order",
                "Features are token ids: those of the query are other words in the index.",
                ModelFileFailures::reorderVocabulary,
                "file:tokenizer.json"),
            new Refused(
                "Documents of a new model are added to the old one's index",
                "Both kinds of weights stand in the same postings, and the greater ones win.",
                bench -> bench.setMachine(new WordEncoder("new head", 0)),
                IndexFailures::addDocument,
                "file:head: expected words, found new head"),
            new Refused(
                "The indexes of two models are put together",
                "Lucene adds one index to another and keeps the first one's description: half of"
                    + " the documents have weights of another model, and nothing says so.",
                bench -> addIndex(bench, new WordEncoder("another head", 0)),
                TestBench::search,
                "came from elsewhere: 1 with the fingerprint"),
            new Refused(
                "The same, then optimized",
                "Merged into one segment, nothing tells the weights apart any more.",
                bench -> {
                  bench.search();
                  addIndex(bench, new WordEncoder("another head", 0));
                },
                bench -> {
                  bench.search();
                  bench.command("optimize", bench.index().toString());
                },
                "came from elsewhere: 1 with the fingerprint"),
            new Refused(
                "Another program adds documents with weights of its own",
                "They stand in the same postings, and nothing says where they came from.",
                IndexFailures::addForeign,
                TestBench::search,
                "at least 1 of which nothing states the model"),
            new Refused(
                "The same, and merged by Lucene's own codec",
                "One segment is left, which says of all of its weights that they are the index's.",
                bench -> {
                  addForeign(bench);
                  mergeByLucene(bench.index());
                },
                TestBench::search,
                "at least 1 of which nothing states the model"),
            new Refused(
                "Another program adds documents with dense vectors alone",
                "They have no weights, so nobody looks at which model they came from.",
                bench -> {
                  try (Directory directory = FSDirectory.open(bench.index());
                      IndexWriter writer = new IndexWriter(directory, unmerged())) {
                    Document document = new Document();
                    document.add(new KnnFloatVectorField(IndexFields.DENSE, new float[] {1, 0}));
                    writer.addDocument(document);
                  }
                },
                TestBench::search,
                "field _dense came from elsewhere: at least 1"),
            new Refused(
                "The index is replaced by another model's while it is open",
                "The searcher moves on to the newest commit, and goes on encoding with its old"
                    + " model.",
                bench -> {},
                new ReplacedIndex(),
                "but the index that was opened is word model"),
            new Refused(
                "Another model's index is copied over one that is open",
                "The files that are mapped change under the searcher: postings of the other model are"
                    + " read, and as many commits as before mean that there is nothing new.",
                bench -> bench.setMachine(new WordEncoder("new head", 0)),
                IndexFailures::searchOverwritten,
                "was overwritten while it was open"),
            new Refused(
                "Weights in a Lucene index that names no model",
                "Any encoder will do, and gives hits.",
                bench -> overwrite(bench, Map.of()),
                TestBench::search,
                "not one of m3lex: its commit names no model"),
            new Refused(
                "Weights that were rounded otherwise",
                "Lucene's own field cuts where m3lex rounds: weights are up to 0.4 % low, in one"
                    + " part of the index.",
                bench ->
                    overwrite(bench, Map.of("m3lex.format", "3", "m3lex.rounding", "down, 8 bits")),
                TestBench::search,
                "(weights: down, 8 bits)"),
            new Refused(
                "An index of a newer format",
                "What an older program does not know, it leaves out.",
                bench -> overwrite(bench, Map.of("m3lex.format", "99")),
                TestBench::search,
                "has format 99"),
            new Refused(
                "A copy of an index without one of its files",
                "A copy that was cut off lacks what came last.",
                bench -> Files.delete(segmentFile(bench.index())),
                TestBench::search,
                "is damaged"),
            new Refused(
                "A flipped bit in the weights",
                "Postings still decode, to another weight or another document. A search reads too"
                    + " little of a file to notice, so it is the check that finds it, as merging"
                    + " does.",
                bench -> {
                  flipWeight(bench.index());
                  bench.search();
                },
                IndexFailures::searchAndVerify,
                "is damaged"),
            new Refused(
                "An interrupted run goes on with another input",
                "Records are skipped by their number, and other ones stand there now: some are"
                    + " missing from the index.",
                IndexFailures::interruptAndChange,
                IndexFailures::indexCorpus,
                "The input has changed"),
            new Refused(
                "Passages among whole documents",
                "Scores of passages and of whole texts are not comparable, and a document is found"
                    + " twice.",
                bench -> TestBench.build(bench.index(), bench.machine()),
                bench -> {
                  try (SparseIndexWriter writer =
                      SparseIndexWriter.open(bench.index(), bench.machine())) {
                    writer.putPassages(
                        SparseDocument.of("3", "a text of passages"), PassageSplitter.of(100));
                  }
                },
                "whole documents"),
            new Refused(
                "An application's own index whose commit lost the model",
                "Another part of the application sets the commit's data and leaves these out; the"
                    + " weights stay.",
                bench ->
                    rewriteOwn(bench, SparseField.of(FIELD, bench.machine()), Map.of("a", "b")),
                bench -> searchOwn(bench, SparseField.of(FIELD, bench.machine())),
                "does not say which model the weights of field \"body\" came from"),
            new Refused(
                "An application's own index, queries of another model",
                "Lucene has no idea of models: terms match, scores are sums of products of two"
                    + " models.",
                bench -> bench.setMachine(new WordEncoder("new head", 0)),
                bench -> searchOwn(bench, SparseField.of(FIELD, bench.machine())),
                "file:head"),
            new Refused(
                "An application's own index, put together of two models'",
                "As above, with Lucene's own codec.",
                bench -> addOwn(bench, new WordEncoder("another head", 0)),
                bench -> searchOwn(bench, SparseField.of(FIELD, bench.machine())),
                "came from elsewhere: 1 with the fingerprint"),
            new Refused(
                "The same, and merged by Lucene's own codec",
                "One segment is left, in which nothing tells the weights apart.",
                IndexFailures::mergeOwn,
                bench -> searchOwn(bench, SparseField.of(FIELD, bench.machine())),
                "came from elsewhere: 1 with the fingerprint"),
            new Refused(
                "An application's own index, two models at once",
                "Lucene keeps what a segment says of a field as the first document has it.",
                IndexFailures::writeOwnOfTwo,
                bench -> searchOwn(bench, SparseField.of(FIELD, bench.machine())),
                "came from elsewhere: 1 with the fingerprint")));
  }

  /** A failure of the model's files, which are then locked as a model of their own. */
  private static Refused model(String name, String elsewhere, Step failure, String message) {
    return new Refused(
        name,
        elsewhere,
        bench -> {
          failure.on(bench);
          bench.lock();
        },
        TestBench::searchWithModel,
        message);
  }

  private static void addDocument(TestBench bench) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(bench.index(), bench.machine())) {
      writer.put(SparseDocument.of("3", "another document"));
      writer.commit();
    }
  }

  private static void addIndex(TestBench bench, WordEncoder model) throws IOException {
    Path other = bench.folder().resolve("other-index");
    try (SparseIndexWriter writer = SparseIndexWriter.open(other, model)) {
      writer.put(SparseDocument.of("3", "the index of another model"));
      writer.commit();
    }
    add(other, bench.index());
  }

  /** Adds an index to another, by Lucene's own means. */
  private static void add(Path other, Path index) throws IOException {
    try (Directory source = FSDirectory.open(other);
        Directory target = FSDirectory.open(index);
        IndexWriter writer = new IndexWriter(target, unmerged())) {
      writer.addIndexes(source);
    }
  }

  private static IndexWriterConfig unmerged() {
    return new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE);
  }

  /**
   * Searches an index that is replaced in the meantime: the first time by one of the same model.
   */
  private static final class ReplacedIndex implements Step {
    private String head = "words";

    @Override
    public void on(TestBench bench) throws IOException {
      bench.search();
      try (SparseIndex index = SparseIndex.open(bench.index(), bench.machine());
          Directory directory = FSDirectory.open(bench.index())) {
        IndexWriterConfig config = new IndexWriterConfig().setOpenMode(OpenMode.CREATE);
        try (IndexWriter writer = new IndexWriter(directory, config)) {
          writer.setLiveCommitData(
              ModelIdentity.of(
                      head.equals("words") ? bench.machine() : new WordEncoder(head, 0),
                      SparseIndexWriter.WITNESS_TOLERANCE)
                  .toUserData()
                  .entrySet());
        }
        head = "new head";
        index.refresh();
        assertEquals(0, index.statistics().documents());
        TestBench.build(bench.index(), bench.machine());
      }
    }
  }

  /** Searches an index after another, of the machine's model, was copied over it. */
  private static void searchOverwritten(TestBench bench) throws IOException {
    WordEncoder first = new WordEncoder();
    Path open = bench.folder().resolve("open-index");
    Path copied = bench.folder().resolve("copied-index");
    if (!Files.exists(open)) {
      TestBench.build(open, first);
    }
    try (SparseIndex index = SparseIndex.open(open, first)) {
      if (!bench.machine().fingerprint().equals(first.fingerprint())) {
        TestBench.build(copied, bench.machine());
        try (Stream<Path> files = Files.list(copied)) {
          for (Path file : files.filter(f -> !f.endsWith("write.lock")).toList()) {
            Files.write(open.resolve(file.getFileName()), Files.readAllBytes(file));
          }
        }
      }
      index.search("index", 1);
    }
  }

  /** Replaces what the commit says of the index. */
  private static void overwrite(TestBench bench, Map<String, String> userData) throws IOException {
    try (Directory directory = FSDirectory.open(bench.index());
        IndexWriter writer = new IndexWriter(directory, unmerged())) {
      writer.addDocument(foreign());
      writer.setLiveCommitData(userData.entrySet());
    }
  }

  /** Adds a document as one would with Lucene alone. */
  private static void addForeign(TestBench bench) throws IOException {
    try (Directory directory = FSDirectory.open(bench.index());
        IndexWriter writer = new IndexWriter(directory, unmerged())) {
      writer.addDocument(foreign());
    }
  }

  private static Document foreign() {
    Document document = new Document();
    document.add(new FeatureField(IndexFields.SPARSE, "index", 1));
    return document;
  }

  private static Path segmentFile(Path index) throws IOException {
    try (Stream<Path> files = Files.list(index)) {
      return files.filter(file -> file.toString().endsWith(".cfs")).findFirst().orElseThrow();
    }
  }

  /** Searches and verifies an index that is large enough to have postings beside its terms. */
  private static void searchAndVerify(TestBench bench) throws IOException {
    if (!Files.exists(bench.index())) {
      try (SparseIndexWriter writer = SparseIndexWriter.open(bench.index(), bench.machine())) {
        for (int i = 0; i < DOCUMENTS; i++) {
          writer.put(SparseDocument.of("" + i, i % 2 == 0 ? "the index" : "an index of weights"));
        }
        writer.commit();
      }
    }
    bench.search();
    try (SparseIndex index = SparseIndex.open(bench.index(), bench.machine())) {
      index.verifyFiles();
    }
  }

  /** Flips the first bit behind the header of the postings, which lie in the segment's one file. */
  private static void flipWeight(Path index) throws IOException {
    Path file = segmentFile(index);
    String content = Files.readString(file, StandardCharsets.ISO_8859_1);
    int header = content.indexOf(POSTINGS);
    assertTrue(header > 0, "no postings in " + file);
    int suffix = header + POSTINGS.length() + Integer.BYTES + StringHelper.ID_LENGTH;
    byte[] bytes = Files.readAllBytes(file);
    bytes[suffix + 1 + bytes[suffix]] ^= 1;
    Files.write(file, bytes);
  }

  private static void interruptAndChange(TestBench bench) throws IOException {
    Files.writeString(
        bench.folder().resolve("corpus.jsonl"),
        TestBench.document("1", "one") + "\nbroken\n" + TestBench.document("2", "two") + "\n");
    try {
      indexCorpus(bench);
      throw new AssertionError("the run was not interrupted");
    } catch (CommandRefusal e) {
      bench.write("corpus.jsonl", TestBench.document("0", "new"), TestBench.document("1", "one"));
    }
  }

  private static void indexCorpus(TestBench bench) throws IOException {
    Path corpus = bench.folder().resolve("corpus.jsonl");
    if (!Files.exists(corpus)) {
      bench.write("corpus.jsonl", TestBench.document("1", "one"));
    }
    bench.commandWithModel(
        "index",
        corpus.toString(),
        "--to",
        bench.index().toString(),
        "--commit-every",
        "1",
        "--strict");
  }

  private static IndexWriterConfig own() {
    return unmerged().setCodec(new BlockMaxCodec(FIELD));
  }

  private static void buildOwn(Path index, SparseField field) throws IOException {
    try (Directory directory = FSDirectory.open(index);
        IndexWriter writer = new IndexWriter(directory, unmerged())) {
      field.begin(writer);
      Document document = new Document();
      field.fields("a document of the application").forEach(document::add);
      writer.addDocument(document);
    }
  }

  private static void searchOwn(TestBench bench, SparseField field) throws IOException {
    if (!Files.exists(bench.index())) {
      buildOwn(bench.index(), field);
    }
    try (Directory directory = FSDirectory.open(bench.index());
        DirectoryReader reader = DirectoryReader.open(directory)) {
      field.verify(reader);
    }
  }

  private static void rewriteOwn(TestBench bench, SparseField field, Map<String, String> userData)
      throws IOException {
    try (Directory directory = FSDirectory.open(bench.index());
        IndexWriter writer = new IndexWriter(directory, own())) {
      field.begin(writer);
      writer.setLiveCommitData(new HashMap<>(userData).entrySet());
    }
  }

  private static void addOwn(TestBench bench, WordEncoder model) throws IOException {
    Path other = bench.folder().resolve("other-index");
    buildOwn(other, SparseField.of(FIELD, model));
    add(other, bench.index());
  }

  private static void mergeOwn(TestBench bench) throws IOException {
    addOwn(bench, new WordEncoder("another head", 0));
    mergeByLucene(bench.index());
  }

  private static void mergeByLucene(Path index) throws IOException {
    try (Directory directory = FSDirectory.open(index);
        IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
      writer.forceMerge(1);
    }
  }

  /** One segment with a document of the index's model and one of another. */
  private static void writeOwnOfTwo(TestBench bench) throws IOException {
    try (Directory directory = FSDirectory.open(bench.index());
        IndexWriter writer = new IndexWriter(directory, own())) {
      for (SparseEncoder model : List.of(bench.machine(), new WordEncoder("another head", 0))) {
        Document document = new Document();
        SparseField.of(FIELD, model).fields("of one model").forEach(document::add);
        writer.addDocument(document);
      }
    }
  }
}
