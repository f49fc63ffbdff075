/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Theme;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** What is wrong with how documents lie in files and folders. */
final class CorpusFailures {

  private static final String PACKED = "corpus.jsonl.gz";

  private CorpusFailures() {}

  static Theme theme() {
    return new Theme(
        "Files and folders of documents",
        List.of(
            new Refused(
                "A packed file to which something was appended unpacked",
                "Readers of gzip take what is no further member for the end of the file: everything"
                    + " from there on is lost.",
                bench ->
                    Files.writeString(
                        bench.folder().resolve(PACKED),
                        TestBench.document("2", "a text") + "\n",
                        StandardOpenOption.APPEND),
                CorpusFailures::indexPacked,
                "the gzip data are damaged at byte"),
            new Refused(
                "A packed file that was cut off within its second member",
                "A header that is not whole is taken for the end of the file.",
                bench -> {
                  Path packed = bench.folder().resolve(PACKED);
                  byte[] second = gzip(TestBench.document("2", "a text") + "\n");
                  Files.write(packed, second, StandardOpenOption.APPEND);
                  byte[] both = Files.readAllBytes(packed);
                  try (OutputStream out = Files.newOutputStream(packed)) {
                    out.write(both, 0, both.length - second.length + 9);
                  }
                },
                CorpusFailures::indexPacked,
                "the gzip data are cut off within a member"),
            new Refused(
                "An archive of files, packed by gzip",
                "Its first line, which begins with the archive's header, is a document in columns.",
                bench -> {
                  String header = "docs.tsv" + "\0".repeat(249) + "ustar  \0" + "\0".repeat(247);
                  Files.write(
                      bench.folder().resolve(PACKED), gzip(header + "1\ta text\n2\ttext\n"));
                },
                CorpusFailures::indexPacked,
                "is packed in a tar archive"),
            new Handled(
                "A corpus behind a link",
                "A walk that does not follow links finds no file: the index is empty, or lacks what"
                    + " lies in linked folders.",
                "Links are followed, each folder once. A link that leads nowhere is a fault with"
                    + " its name.",
                bench -> {
                  notes(bench);
                  Files.createSymbolicLink(bench.folder().resolve("link"), Path.of("notes"));
                  assertDocuments(2, index(bench, "link"));
                }),
            new Handled(
                "An index in the folder that it is made of",
                "Its own files become documents, more of them with every run.",
                "What a command writes is left out of what it reads, and it says so.",
                bench -> {
                  notes(bench);
                  String notes = bench.folder().resolve("notes").toString();
                  for (int run = 0; run < 2; run++) {
                    assertDocuments(
                        2, bench.commandWithModel("index", notes, "--to", notes + "/idx"));
                  }
                }),
            new Handled(
                "A folder of JSON or TREC files, of which the first is a README",
                "The first file decides: every file becomes one document, braces and tags and all.",
                "Each file is taken for what it holds, and it is said which for what.",
                bench -> {
                  notes(bench);
                  bench.write("notes/docs.json", TestBench.document("1", "a text"));
                  bench.write(
                      "notes/fb1",
                      "<DOC><DOCNO>2</DOCNO><TEXT>a text</TEXT></DOC>"
                          + "<DOC><DOCNO>3</DOCNO><TEXT>text</TEXT></DOC>");
                  assertDocuments(5, index(bench, "notes"));
                }),
            new Handled(
                "TREC documents that meet on a line",
                "The second is taken for a part of the first, and its id is lost.",
                "They are told apart by their tags, in any case and wherever these stand. One"
                    + " without an end is a fault.",
                bench -> {
                  bench.write(
                      "c.trec",
                      "<DOC>",
                      "<DOCNO>1</DOCNO><TEXT>a text</TEXT>",
                      "</DOC><doc><docno>2</docno><text>text</text></doc>");
                  assertDocuments(2, index(bench, "c.trec"));
                }),
            new Handled(
                "A title that the text's first word begins with",
                "Pump is taken for repeated by Pumpkin, and left out of what is encoded: the"
                    + " document is not found by its title.",
                "A title is left out only where the text begins with it as a whole.",
                bench -> {
                  bench.write("c.jsonl", title("1", "index"), title("2", "in"));
                  index(bench, "c.jsonl");
                  bench.commandWithModel(
                      "encode",
                      "--input",
                      bench.folder().resolve("c.jsonl").toString(),
                      "--to",
                      bench.folder().resolve("v.jsonl").toString());
                  List<String> vectors = Files.readAllLines(bench.folder().resolve("v.jsonl"));
                  assertTrue(vectors.get(0).contains("\"index of\""), vectors.get(0));
                  assertTrue(vectors.get(1).contains("\"in index of\""), vectors.get(1));
                })));
  }

  private static String title(String id, String title) {
    return "{\"_id\": \"%s\", \"title\": \"%s\", \"text\": \"index of\"}".formatted(id, title);
  }

  private static void notes(TestBench bench) throws IOException {
    Files.createDirectories(bench.folder().resolve("notes"));
    bench.write("notes/a.txt", "a text");
    bench.write("notes/b.txt", "the index");
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(TestBench.utf8(text));
    }
    return packed.toByteArray();
  }

  private static void indexPacked(TestBench bench) throws IOException {
    Path packed = bench.folder().resolve(PACKED);
    if (!Files.exists(packed)) {
      Files.write(packed, gzip(TestBench.document("1", "a text") + "\n"));
    }
    index(bench, PACKED);
  }

  private static String index(TestBench bench, String corpus) {
    return bench.commandWithModel(
        "index",
        bench.folder().resolve(corpus).toString(),
        "--to",
        bench.index().toString(),
        "--restart");
  }

  private static void assertDocuments(int expected, String said) {
    assertTrue(said.contains(" has %d documents ".formatted(expected)), said);
  }
}
