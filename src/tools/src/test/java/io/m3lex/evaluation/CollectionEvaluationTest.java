/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.ModelFingerprint;
import io.m3lex.TextRole;
import io.m3lex.WordEncoder;
import io.m3lex.corpus.VectorFormat;
import io.m3lex.corpus.VectorLines;
import io.m3lex.evaluation.Finding.Kind;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One little collection in every layout must give one result. */
class CollectionEvaluationTest {

  private static final String QRELS = "q1 0 d1 2\nq1 0 d3 1\nq2 0 d2 1\nq3 0 d4 0\nq3 0 d1 1\n";
  private static final Map<String, String> DOCUMENTS =
      Map.of(
          "d1", "the kettle is full of scale & lime",
          "d2", "the pump failed in the engine room",
          "d3", "a kettle boils the water",
          "d4", "東京 is a town");
  private static final Map<String, String> QUERIES =
      Map.of("q1", "scale in the kettle", "q2", "pump", "q3", "kettle of 東京");

  @TempDir private Path folder;

  private final List<Finding> findings = new ArrayList<>();
  private final List<RunCheck.Finding> runFindings = new ArrayList<>();

  @Test
  void everyLayoutGivesTheSame() throws IOException {
    List<TestCollection> collections = List.of(beir(), trec(), miracl());
    Map<Measure, List<Double>> expected = null;
    for (TestCollection collection : collections) {
      CollectionResult result = evaluate(collection, settings(List.of()));
      assertEquals(4, result.documents());
      assertEquals(List.of("q1", "q2", "q3"), result.queries());
      assertEquals(
          List.of("BM25", "m3lex", "m3lex-approximate-0.5", "m3lex-pruned-1.0"),
          result.systems().stream().map(system -> system.run().name()).toList());
      Map<Measure, List<Double>> values = result.systems().get(1).values();
      assertEquals(values, result.systems().get(3).values());
      if (expected == null) {
        expected = values;
      }
      assertEquals(expected, values, collection.name());
      assertEquals(3, result.systems().get(1).milliseconds().size());
      CollectionStatistics.of(result, 1);
    }
    assertEquals(List.of(), findings);
    assertEquals(1, expected.get(Measure.parse("Success@1")).get(1));
  }

  @Test
  void vectorsGiveTheSameAsTheirTexts() throws IOException {
    WordEncoder encoder = new WordEncoder();
    List<String> documents = new ArrayList<>();
    DOCUMENTS.forEach((id, text) -> documents.add(line(id, text, encoder, TextRole.DOCUMENT)));
    List<String> queries = new ArrayList<>();
    QUERIES.forEach((id, text) -> queries.add(line(id, text, encoder, TextRole.QUERY)));
    Path corpus = Files.write(folder.resolve("documents.jsonl"), documents);
    Path topics = Files.write(folder.resolve("queries.jsonl"), queries);
    Path qrels = Files.writeString(folder.resolve("qrels.txt"), QRELS);
    CollectionResult expected = evaluate(beir(), settings(List.of()));
    CollectionResult result =
        new CollectionEvaluation(settings(List.of()), listener())
            .evaluateVectors(
                TestCollection.ofVectors("vectors", corpus, topics, qrels),
                corpus,
                ModelFingerprint.declared("words"),
                Files.createTempDirectory(folder, "scratch"));
    for (int i = 0; i < 2; i++) {
      assertEquals(expected.systems().get(i).values(), result.systems().get(i).values());
    }
  }

  /** In ArguAna and Quora a query is a document of the collection. */
  @Test
  void aDocumentThatIsTheQueryIsLeftOutOfItsRanking() throws IOException {
    Path corpus =
        Files.writeString(
            folder.resolve("own.jsonl"),
            json("_id", "q1", "", "a pump  that leaks")
                + "\n"
                + json("_id", "q2", "", "another text with a pump")
                + "\n"
                + json("_id", "d3", "", "no pump")
                + "\n");
    Path topics = Files.writeString(folder.resolve("own.tsv"), "q1\ta pump that leaks\nq2\tpump\n");
    Path qrels = Files.writeString(folder.resolve("own.qrels"), "q1 0 d3 1\nq2 0 d3 1\n");
    Path run =
        Files.writeString(
            folder.resolve("own.run"),
            "q1 Q0 q1 1 3 s\nq1 Q0 q2 2 2 s\nq2 Q0 q2 1 2 s\nq2 Q0 d3 2 1 s\n");
    TestCollection collection = TestCollection.of("own", corpus, topics, qrels);
    Map<IdenticalIds, List<List<String>>> rankings = new EnumMap<>(IdenticalIds.class);
    for (IdenticalIds mode : IdenticalIds.values()) {
      CollectionResult result = evaluate(collection, settings(List.of(run), mode));
      SystemResult read = result.systems().getLast();
      rankings.put(
          mode,
          List.of(
              ids(read.run().ranking("q1")),
              ids(read.run().ranking("q2")),
              ids(result.systems().get(1).run().ranking("q1"))));
      assertEquals(
          mode == IdenticalIds.LEAVE_OUT ? 1.0 : 0.0,
          read.values().get(Measure.parse("Success@1")).get(1));
      // Runs that are measured alone have no texts to compare.
      CollectionResult alone =
          new CollectionEvaluation(settings(List.of(run), mode), listener())
              .evaluateRuns("own", Qrels.read(qrels), Map.of());
      assertEquals(
          mode == IdenticalIds.LEAVE_OUT ? List.of("q2") : List.of("q1", "q2"),
          ids(alone.systems().getFirst().run().ranking("q1")));
    }
    assertEquals(
        List.of(List.of("q2"), List.of("q2", "d3")), rankings.get(IdenticalIds.AUTO).subList(0, 2));
    assertEquals(
        List.of(List.of("q2"), List.of("d3")), rankings.get(IdenticalIds.LEAVE_OUT).subList(0, 2));
    assertEquals(
        List.of(List.of("q1", "q2"), List.of("q2", "d3")),
        rankings.get(IdenticalIds.KEEP).subList(0, 2));
    assertEquals("q1", rankings.get(IdenticalIds.KEEP).get(2).getFirst());
    assertEquals(
        rankings.get(IdenticalIds.KEEP).get(2).subList(1, 3),
        rankings.get(IdenticalIds.AUTO).get(2));
  }

  private static List<String> ids(List<ScoredDocument> ranking) {
    return ranking.stream().map(ScoredDocument::id).toList();
  }

  /** TREC's topics 51 to 99 have a zero in front that their judgments lack. */
  @Test
  void leadingZerosDoNotKeepTopicsFromTheirJudgments() throws IOException {
    Path corpus = Files.writeString(folder.resolve("z.jsonl"), json("_id", "d", "", "x") + "\n");
    Path topics =
        Files.writeString(
            folder.resolve("z.topics"),
            "<top><num> Number: 051\n"
                + "<title> Topic: a\n"
                + "</top><top><num> Number: 052\n"
                + "<title> b\n"
                + "</top><top><num> Number: 52\n"
                + "<title> c\n"
                + "</top><top><num>7\n"
                + "<title> d\n"
                + "</top><top><num>008\n"
                + "<title> e\n"
                + "</top><top><num>000\n"
                + "<title> f\n"
                + "</top>");
    Path qrels =
        Files.writeString(
            folder.resolve("z.qrels"), "51 0 d 1\n52 0 d 1\n007 0 d 1\n008 0 d 1\n0 0 d 1\n");
    assertEquals(
        Map.of("51", "a", "52", "c", "007", "d", "008", "e", "0", "f"),
        TestCollection.of("z", corpus, topics, qrels).judgedQueries());
  }

  private static String line(String id, String text, WordEncoder encoder, TextRole role) {
    return VectorLines.write(VectorFormat.ANSERINI, id, text, encoder.encode(text, role).vector());
  }

  @Test
  void theContributionsOfAHitAddUpToItsScoreInBothSystems() throws IOException {
    CollectionResult result = evaluate(beir(), settings(List.of()));
    assertEquals(3, result.examples().size());
    int explained = 0;
    for (ExampleQuery example : result.examples()) {
      for (List<ExplainedHit> hits : example.hits().values()) {
        for (ExplainedHit hit : hits) {
          assertEquals(
              hit.score(), hit.contributions().stream().mapToDouble(c -> c.score()).sum(), 1e-5);
          assertFalse(hit.text().isEmpty());
          explained++;
        }
      }
    }
    assertTrue(explained >= 6, explained + " hits");
  }

  @Test
  void whatIsDoubtfulIsToldWithFileAndLine() throws IOException {
    beir();
    Path corpus = folder.resolve("beir/corpus.jsonl");
    Files.writeString(
        corpus,
        Files.readString(corpus)
            + "{\"_id\": \"d1\", \"text\": \"again\"}\n"
            + "{\"_id\": \"d9\"}\n"
            + "{\"_id\": \""
            + "x".repeat(40_000)
            + "\", \"text\": \"too long an id\"}\n");
    Path qrels = folder.resolve("beir/qrels/test.tsv");
    Files.writeString(qrels, Files.readString(qrels) + "q1\tnowhere\t1\nq8\td1\t1\nq9\td1\t1\n");
    Path queries = folder.resolve("beir/queries.jsonl");
    Files.writeString(queries, Files.readString(queries) + "{\"_id\": \"q8\", \"text\": \" \"}\n");
    Path run = folder.resolve("other.run");
    Files.writeString(
        run,
        """
        q1 Q0 d1 1 1.0 other
        q1 Q0 d2 2 2.0 other
        q7 Q0 d2 1 2.0 other
        q2 Q0 gone 1 2.0 other
        """);
    CollectionResult result =
        evaluate(TestCollection.open(folder.resolve("beir")), settings(List.of(run)));
    assertFinding(Kind.DUPLICATE_DOCUMENT, corpus + ":5: document d1 occurs before, on line ");
    assertFinding(Kind.NO_DOCUMENT, corpus + ":6: ");
    assertFinding(Kind.NO_DOCUMENT, corpus + ":7: ");
    assertFinding(Kind.JUDGED_BUT_MISSING, qrels + ":7: document nowhere");
    assertFinding(Kind.EMPTY_QUERY, queries + ":4: query q8 is empty");
    assertFinding(Kind.QUERY_WITHOUT_TEXT, qrels + ":9: query q9 is judged");
    assertEquals(6, findings.size(), findings.toString());
    assertEquals(
        List.of(
            RunCheck.Kind.RANK_CONTRADICTS_SCORE,
            RunCheck.Kind.QUERY_WITHOUT_JUDGMENT,
            RunCheck.Kind.QUERY_WITHOUT_RANKING,
            RunCheck.Kind.UNKNOWN_DOCUMENT_IN_RUN),
        runFindings.stream().map(RunCheck.Finding::kind).toList());
    assertEquals(5, result.queries().size(), "what cannot be asked counts, too");
    assertEquals(4, result.documents());
    assertEquals(
        9,
        result.settings().keySet().stream().filter(key -> key.startsWith("doubtful")).count(),
        result.settings().toString());
  }

  private void assertFinding(Kind kind, String beginning) {
    assertTrue(
        findings.stream()
            .anyMatch(found -> found.kind() == kind && found.toString().startsWith(beginning)),
        kind + " " + beginning + " is not among " + findings);
  }

  @Test
  void systemsOfOneNameAreToldApart() throws IOException {
    Path one = Files.writeString(folder.resolve("one.run"), "q1 Q0 d1 1 1 BM25\n");
    Path two = Files.writeString(folder.resolve("two.run"), "q1 Q0 d2 1 1 BM25\n");
    CollectionResult result = evaluate(beir(), settings(List.of(one, two, two)));
    assertEquals(
        List.of("one.run", "two.run", "two.run-2"),
        result.systems().subList(4, 7).stream().map(system -> system.run().name()).toList());
  }

  @Test
  void endsWhenItIsAsked() throws IOException {
    TestCollection collection = beir();
    EvaluationListener impatient =
        new EvaluationListener() {
          @Override
          public boolean stopped() {
            return true;
          }
        };
    CollectionEvaluation evaluation = new CollectionEvaluation(settings(List.of()), impatient);
    assertThrows(
        CancellationException.class,
        () -> evaluation.evaluate(collection, new WordEncoder(), folder.resolve("stopped")));
  }

  private CollectionResult evaluate(TestCollection collection, EvaluationSettings settings)
      throws IOException {
    return new CollectionEvaluation(settings, listener())
        .evaluate(collection, new WordEncoder(), Files.createTempDirectory(folder, "scratch"));
  }

  private EvaluationListener listener() {
    return new EvaluationListener() {
      @Override
      public void found(Finding finding) {
        findings.add(finding);
      }

      @Override
      public void found(RunCheck.Finding finding) {
        runFindings.add(finding);
      }
    };
  }

  private static EvaluationSettings settings(List<Path> runs) {
    return settings(runs, IdenticalIds.AUTO);
  }

  private static EvaluationSettings settings(List<Path> runs, IdenticalIds identicalIds) {
    return new EvaluationSettings(
        List.of(Measure.NDCG_10, Measure.parse("AP"), Measure.parse("Success@1")),
        10,
        true,
        List.of(0.5f),
        List.of(1f),
        List.of(),
        runs,
        identicalIds,
        "en",
        2,
        2,
        Map.of());
  }

  private TestCollection beir() throws IOException {
    Path beir = folder.resolve("beir");
    Files.createDirectories(beir.resolve("qrels"));
    List<String> documents = new ArrayList<>();
    DOCUMENTS.forEach((id, text) -> documents.add(json("_id", id, "", text)));
    Files.write(beir.resolve("corpus.jsonl"), documents);
    List<String> queries = new ArrayList<>();
    QUERIES.forEach((id, text) -> queries.add(json("_id", id, "", text)));
    Files.write(beir.resolve("queries.jsonl"), queries);
    Files.writeString(
        beir.resolve("qrels/test.tsv"),
        "query-id\tcorpus-id\tscore\n"
            + QRELS.replace(" 0 d", "\td").replaceAll("(d[0-9]) ", "$1\t"));
    return TestCollection.open(beir);
  }

  private static String json(String idName, String id, String title, String text) {
    return "{\"%s\": \"%s\", \"title\": \"%s\", \"text\": \"%s\"}"
        .formatted(idName, id, title, text);
  }

  private TestCollection trec() throws IOException {
    StringBuilder documents = new StringBuilder();
    DOCUMENTS.forEach(
        (id, text) ->
            documents.append(
                "<DOC>\n<DOCNO> %s </DOCNO>\n<DATE>today</DATE>\n<TEXT>\n<p>%s</p>\n</TEXT>\n</DOC>\n"
                    .formatted(id, text.replace("&", "&amp;"))));
    StringBuilder topics = new StringBuilder();
    QUERIES.forEach(
        (id, text) ->
            topics.append(
                "<top>\n<num> Number: %s\n<title> %s\n\n<desc> Description:\nlong\n</top>\n\n"
                    .formatted(id, text)));
    Path corpus = Files.createDirectories(folder.resolve("trec"));
    Files.writeString(corpus.resolve("part1.trec"), documents);
    return TestCollection.of(
        "trec",
        corpus.resolve("part1.trec"),
        Files.writeString(folder.resolve("topics.txt"), topics),
        Files.writeString(folder.resolve("qrels.txt"), QRELS));
  }

  /** One of them was taken, and nothing said so. */
  @Test
  void aFileThatIsThereTwiceIsRefused() throws IOException {
    for (String name : List.of("corpus.jsonl", "queries.jsonl", "qrels/test.tsv")) {
      Path collection = folder.resolve("twice-" + name.replace('/', '-'));
      Files.createDirectories(collection.resolve("qrels"));
      for (String file : List.of("corpus.jsonl", "queries.jsonl")) {
        Files.writeString(collection.resolve(file), "{\"_id\":\"a\",\"text\":\"pump\"}\n");
      }
      Files.writeString(
          collection.resolve("qrels/test.tsv"), "query-id\tcorpus-id\tscore\na\ta\t1\n");
      assertEquals(List.of("a"), List.copyOf(TestCollection.open(collection).queries().keySet()));
      Path packed = Files.writeString(collection.resolve(name + ".gz"), "not read");
      IOException e = assertThrows(IOException.class, () -> TestCollection.open(collection));
      assertEquals(
          "There are both %s and %s, and only one of them can be read. Remove or rename the other."
              .formatted(collection.resolve(name), packed),
          e.getMessage());
    }
  }

  private TestCollection miracl() throws IOException {
    Path miracl = Files.createDirectories(folder.resolve("miracl"));
    Path corpus = Files.createDirectories(miracl.resolve("miracl-corpus-v1.0-en"));
    int part = 0;
    for (Map.Entry<String, String> document : DOCUMENTS.entrySet()) {
      // Eleven parts, so that the order of the numbers is not that of the names.
      part += 3;
      try (BufferedWriter writer =
          new BufferedWriter(
              new OutputStreamWriter(
                  new GZIPOutputStream(
                      Files.newOutputStream(corpus.resolve("docs-" + part + ".jsonl.gz"))),
                  StandardCharsets.UTF_8))) {
        writer.write(json("docid", document.getKey(), "", document.getValue()) + "\n");
      }
    }
    List<String> topics = new ArrayList<>();
    QUERIES.forEach((id, text) -> topics.add(id + "\t" + text));
    Files.write(miracl.resolve("topics.miracl-v1.0-en-dev.tsv"), topics);
    Files.writeString(
        miracl.resolve("qrels.miracl-v1.0-en-dev.tsv"),
        QRELS.replace(' ', '\t').replace("\t0\t", "\tQ0\t"));
    return TestCollection.open(miracl);
  }
}
