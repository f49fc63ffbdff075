/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.content.aggregator.ReciprocalRankFuser;
import io.m3lex.WordEncoder;
import io.m3lex.corpus.QueryFile;
import io.m3lex.evaluation.TestCollection;
import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.Theme;
import io.m3lex.index.HitRetriever;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.langchain4j.SparseContentRetriever;
import io.m3lex.springai.SparseDocumentRetriever;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.ai.document.Document;
import org.springframework.ai.rag.Query;
import org.springframework.ai.rag.retrieval.join.ConcatenationDocumentJoiner;

/** What goes wrong where results are measured, and where a framework takes them. */
final class EvaluationFailures {

  private EvaluationFailures() {}

  static Theme theme() {
    return new Theme(
        "Evaluation and frameworks",
        List.of(
            new Handled(
                "Topics that share a line",
                "A reader that goes by lines takes the first topic and drops the others; the figures"
                    + " are those of one query.",
                "Topics begin and end at their tags, wherever these stand.",
                bench ->
                    assertTopics(
                        bench,
                        "<t><topic number=\"1\"><title>pump</title></topic><topic number=\"2\"><title>valve</title></topic></t>",
                        Map.of("1", "pump", "2", "valve"))),
            new Handled(
                "A less-than sign in a topic",
                "The query ends in front of it, and other documents are found.",
                "A title ends where the next field begins; a sign that begins no tag is text.",
                bench ->
                    assertTopics(
                        bench,
                        "<top>\n<num> Number: 1\n<title> kettle < 5 kg\n<desc> x\n</top>\n",
                        Map.of("1", "kettle < 5 kg"))),
            new Handled(
                "Topic 051 and judgments of 51",
                "TREC numbers its topics 51 to 99 so. No query meets its judgments, and all count as"
                    + " unanswered.",
                "A topic whose number differs from the judgments' in leading zeros alone takes its id"
                    + " from there.",
                EvaluationFailures::leadingZeros),
            new Handled(
                "A rank in the metadata of a result",
                "LangChain4j compares results by text and metadata. The same document under two"
                    + " queries is two, and fusing adds nothing up.",
                "What a result says of a document is the same under every query.",
                EvaluationFailures::fusion),
            new Handled(
                "Passages that share an id",
                "Spring AI keeps one document of each id when it joins results: all passages of a"
                    + " document but one are lost.",
                "A passage has an id of its own, made of the document's and where it begins.",
                EvaluationFailures::joiner)));
  }

  private static void assertTopics(TestBench bench, String topics, Map<String, String> expected)
      throws IOException {
    Path file = Files.writeString(bench.folder().resolve("topics"), topics);
    Map<String, String> read = new LinkedHashMap<>();
    QueryFile.read(file).forEach((id, query) -> read.put(id, query.text()));
    assertEquals(expected, read);
  }

  private static void leadingZeros(TestBench bench) throws IOException {
    Path corpus = bench.folder().resolve("corpus.jsonl");
    Files.writeString(corpus, TestBench.document("d", "a pump"));
    Path topics = bench.folder().resolve("topics");
    Files.writeString(topics, "<top>\n<num> Number: 051\n<title> pump\n</top>\n");
    Path qrels = Files.writeString(bench.folder().resolve("qrels"), "51 0 d 1\n");
    assertEquals(
        Map.of("51", "pump"), TestCollection.of("t", corpus, topics, qrels).judgedQueries());
  }

  private static void fusion(TestBench bench) throws IOException {
    try (SparseIndex index = passages(bench)) {
      SparseContentRetriever retriever = new SparseContentRetriever(HitRetriever.of(index, 10, 0));
      List<Content> one = retriever.retrieve(dev.langchain4j.rag.query.Query.from("pump drains"));
      List<Content> two = retriever.retrieve(dev.langchain4j.rag.query.Query.from("loud pump"));
      assertEquals(2, one.size());
      assertEquals(2, two.size());
      assertEquals(2, ReciprocalRankFuser.fuse(List.of(one, two)).size());
    }
  }

  private static void joiner(TestBench bench) throws IOException {
    try (SparseIndex index = passages(bench)) {
      Query query = new Query("pump");
      List<Document> found =
          new SparseDocumentRetriever(HitRetriever.of(index, 10, 0)).retrieve(query);
      assertEquals(2, new ConcatenationDocumentJoiner().join(Map.of(query, List.of(found))).size());
    }
  }

  /** An index of one document in two passages. */
  private static SparseIndex passages(TestBench bench) throws IOException {
    Path folder = bench.folder().resolve("passages");
    WordEncoder encoder = new WordEncoder();
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.putPassages(
          SparseDocument.of("manual", "A pump drains.\n\nA loud pump."),
          new PassageSplitter(16, 0));
      writer.commit();
    }
    return SparseIndex.open(folder, encoder);
  }
}
