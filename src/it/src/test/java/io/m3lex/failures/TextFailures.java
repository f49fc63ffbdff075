/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.EncodedText;
import io.m3lex.TextRole;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Theme;
import io.m3lex.index.Hit;
import io.m3lex.index.SparseIndex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is wrong with texts, and with the ids that documents are called by. */
final class TextFailures {

  private static final String ACCENTS =
      "Die Größe des naïven Hôtels: Ångström, Zürich, Đà Nẵng, 한국어, が";

  private TextFailures() {}

  static Theme theme() {
    return new Theme(
        "Texts and ids",
        List.of(
            new Handled(
                "Ids with leading zeros",
                "A program that takes ids for numbers makes 007 and 7 one document: the later one"
                    + " replaces the other, and judgments of it count for both.",
                "Ids are strings, also where JSON has a number: 007 and 7 are two documents.",
                bench -> assertIds(bench, "\"007\"", "007", "7", "7")),
            new Handled(
                "Ids beyond 2^53",
                "Read as floating-point numbers, neighbours become the same document.",
                "9007199254740992 and 9007199254740993 are two documents, and keep their digits.",
                bench ->
                    assertIds(
                        bench,
                        "9007199254740992",
                        "9007199254740992",
                        "9007199254740993",
                        "9007199254740993")),
            new Handled(
                "Ids in two forms of Unicode",
                "A file system or a database normalises names, and two documents become one, or a"
                    + " judgment does not find its document.",
                "Ids are compared as they stand, and never changed: composed and decomposed are two"
                    + " documents.",
                bench ->
                    assertIds(
                        bench,
                        "\"" + Normalizer.normalize("é", Form.NFC) + "\"",
                        Normalizer.normalize("é", Form.NFC),
                        "\"" + Normalizer.normalize("é", Form.NFD) + "\"",
                        Normalizer.normalize("é", Form.NFD))),
            refused(
                "An id that is a decimal number",
                "7.0 and 7 are the same to one program and two ids to another.",
                "{\"_id\": 7.0, \"text\": \"a text\"}",
                "must be a string or a whole number: 7.0"),
            refused(
                "A blank id",
                "All documents without an id are one, the last one.",
                "{\"_id\": \" \", \"text\": \"a text\"}",
                "the id is empty"),
            refused(
                "A control character in an id",
                "A NUL or an escape sequence is stored, no address leads to the document, and a"
                    + " terminal that shows the id obeys it.",
                "{\"_id\": \"pump\\u0000\", \"text\": \"a text\"}",
                "the id holds the control character U+0000"),
            refused(
                "A text twice in one record",
                "Most readers of JSON keep the last one.",
                "{\"_id\": \"2\", \"text\": \"a text\", \"text\": \"\"}",
                "Duplicate field"),
            refused(
                "Half of a character",
                "A text that was cut in the middle of a character is another text to each engine.",
                "{\"_id\": \"2\", \"text\": \"cut \\ud83d\"}",
                "half of a character"),
            refused(
                "A record that was cut off",
                "A reader that passes over what it cannot read loses documents.",
                "{\"_id\": \"2\", \"text\": \"a te",
                "broken JSON"),
            new Refused(
                "A corpus in Latin-1",
                "Read as UTF-8 with replacement, every umlaut becomes the same question mark: words"
                    + " are found by what is left of them.",
                bench ->
                    Files.write(
                        bench.folder().resolve("corpus.jsonl"),
                        TestBench.document("1", "Größe").getBytes(StandardCharsets.ISO_8859_1)),
                TextFailures::indexCorpus,
                "UTF-8"),
            new Handled(
                "A byte order mark and carriage returns",
                "The first record's first field is called otherwise, and ids at the end of a line"
                    + " have an invisible last character.",
                "Neither is part of a line: ids, texts and weights are the same as without.",
                TextFailures::lineEnds),
            new Handled(
                "Texts in two forms of Unicode",
                "What is typed on one system is composed, what comes from another decomposed: the"
                    + " same word has other tokens.",
                "The default model's tokenizer normalises: both forms have the same weights, bit"
                    + " for bit. Another model is given the text as it stands, as its reference"
                    + " is.",
                TextFailures::normalForms),
            new Handled(
                "Special tokens in a text",
                "A text that contains [SEP] or [CLS] is cut for the model, and gets weights for"
                    + " what is no word.",
                "They have no weight.",
                bench ->
                    assertTrue(
                        bench.defaultModel().encodeDocument("[SEP] [CLS] [PAD] [UNK]").isEmpty())),
            new Handled(
                "Documents without a text",
                "They have no weights, are never found, and nobody counts them.",
                "m3lex index says how many documents have no features; m3lex stats does so of an"
                    + " index.",
                TextFailures::emptyTexts),
            new Handled(
                "The same id twice",
                "A document stands in the index twice, with an old and a new text.",
                "The later one takes the place of the earlier, within a run and in a later one.",
                TextFailures::sameId),
            new Refused(
                "Judgments by ids that lost their zeros",
                "A spreadsheet made 7 of 007: the documents that are right count as wrong, and the"
                    + " measure is low for no reason of the model's.",
                bench -> writeQrels(bench, "7"),
                TextFailures::evaluate,
                "document 7 is judged for query q, but is not in the corpus")));
  }

  private static void writeDocuments(TestBench bench, String... records) throws IOException {
    bench.write("corpus.jsonl", records);
  }

  private static void indexCorpus(TestBench bench) throws IOException {
    Path corpus = bench.folder().resolve("corpus.jsonl");
    if (!Files.exists(corpus)) {
      writeDocuments(bench, TestBench.document("1", "a text"));
    }
    bench.commandWithModel(
        "index", corpus.toString(), "--to", bench.index().toString(), "--strict", "--restart");
  }

  /** A record among good ones, indexed strictly. */
  private static Refused refused(String name, String elsewhere, String record, String message) {
    return new Refused(
        name,
        elsewhere,
        bench -> writeDocuments(bench, TestBench.document("1", "a text"), record),
        TextFailures::indexCorpus,
        message);
  }

  /** Two documents of the same text, of ids that must stay two. */
  private static void assertIds(
      TestBench bench, String first, String firstId, String second, String secondId)
      throws IOException {
    writeDocuments(
        bench,
        "{\"_id\": %s, \"text\": \"a text\"}".formatted(first),
        "{\"_id\": %s, \"text\": \"a text\"}".formatted(second));
    indexCorpus(bench);
    assertEquals(Set.of(firstId, secondId), new TreeSet<>(found(bench)));
    assertNotEquals(firstId, secondId);
  }

  private static List<String> found(TestBench bench) throws IOException {
    try (LexicalEncoder encoder = bench.open();
        SparseIndex index = SparseIndex.open(bench.index(), encoder)) {
      return index.search("a text", 10).stream().map(Hit::id).toList();
    }
  }

  private static void lineEnds(TestBench bench) throws IOException {
    writeDocuments(bench, TestBench.document("1", "a text"), TestBench.document("2", "text"));
    String before = vectors(bench, "corpus.jsonl");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(TestBench.utf8("\uFEFF"));
    bytes.write(
        TestBench.utf8(
            Files.readString(bench.folder().resolve("corpus.jsonl")).replace("\n", "\r\n")));
    Files.write(bench.folder().resolve("windows.jsonl"), bytes.toByteArray());
    assertEquals(before, vectors(bench, "windows.jsonl"));
  }

  private static String vectors(TestBench bench, String corpus) throws IOException {
    Path to = bench.folder().resolve(corpus + ".vectors.jsonl");
    bench.commandWithModel(
        "encode", "--input", bench.folder().resolve(corpus).toString(), "--to", to.toString());
    return Files.readString(to);
  }

  private static void normalForms(TestBench bench) {
    String composed = Normalizer.normalize(ACCENTS, Form.NFC);
    String decomposed = Normalizer.normalize(ACCENTS, Form.NFD);
    assertNotEquals(composed, decomposed);
    for (TextRole role : TextRole.values()) {
      EncodedText expected = bench.defaultModel().encode(composed, role);
      assertTrue(expected.vector().size() > 5);
      assertEquals(expected, bench.defaultModel().encode(decomposed, role));
    }
  }

  private static void emptyTexts(TestBench bench) throws IOException {
    writeDocuments(
        bench,
        TestBench.document("1", "a text"),
        TestBench.document("2", ""),
        TestBench.document("3", ""));
    String corpus = bench.folder().resolve("corpus.jsonl").toString();
    String said = bench.commandWithModel("index", corpus, "--to", bench.index().toString());
    assertTrue(said.contains("2 documents have no features"), said);
    String counted = bench.command("stats", bench.index().toString());
    assertTrue(counted.matches("(?s).*without features\\s+2\\b.*"), counted);
  }

  private static void sameId(TestBench bench) throws IOException {
    writeDocuments(bench, TestBench.document("1", "an index"), TestBench.document("1", "a text"));
    for (int run = 0; run < 2; run++) {
      indexCorpus(bench);
      assertEquals(List.of("1"), found(bench));
    }
  }

  private static void writeQrels(TestBench bench, String document) throws IOException {
    Files.createDirectories(bench.folder().resolve("collection/qrels"));
    bench.write(
        "collection/qrels/test.tsv", "query-id\tcorpus-id\tscore", "q\t" + document + "\t1");
    bench.write("collection/corpus.jsonl", TestBench.document("007", "a text"));
    bench.write("collection/queries.jsonl", TestBench.document("q", "text"));
  }

  private static void evaluate(TestBench bench) throws IOException {
    if (!Files.exists(bench.folder().resolve("collection"))) {
      writeQrels(bench, "007");
    }
    bench.commandWithModel(
        "eval",
        bench.folder().resolve("collection").toString(),
        "--no-bm25",
        "--no-cache",
        "--language",
        "en",
        "--strict");
  }
}
