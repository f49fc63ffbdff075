package io.m3lex.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CorpusReaderTest {

  @TempDir private Path folder;

  @Test
  void readsBeirAndAnseriniDocuments() throws IOException {
    List<CorpusEntry> entries =
        read(
            """
            {"_id": "1", "title": "T", "text": "x", "metadata": {"a": 1}}

            {"id": 2, "contents": "y"}
            """);
    assertEquals(
        List.of(
            new CorpusEntry.Document("test", 1, "1", "T", "x"),
            new CorpusEntry.Document("test", 3, "2", "", "y")),
        entries);
  }

  /** Each unended element was once looked for to the end of the document. */
  @Test
  void timeGrowsWithTheLengthOfMarkupThatIsNeverEnded() {
    String begun = "<DOC>\n<DOCNO>1</DOCNO>\n";
    for (String unended : List.of("<TEXT>", "<TITLE x", "<!--", "<a", "</TEXT")) {
      List<CorpusEntry> entries =
          assertTimeoutPreemptively(
              Duration.ofSeconds(20), () -> read(begun + unended.repeat(100_000) + "\n</DOC>\n"));
      assertEquals(1, entries.size());
    }
  }

  @Test
  void commentsAndElementsOfTrecAreToldApart() throws IOException {
    assertEquals(
        List.of(new CorpusEntry.Document("test", 1, "1", "t", "a   b\nc &lt; <!-- d")),
        read(
            "<DOC>\n<DOCNO>1</DOCNO><title>t</title><Text x=\"y\">a <!-- <b> --> b</Text >"
                + "<TEXTS>no</TEXTS><TEXT>c &amp;lt; <!-- d</TEXT><TEXT>e\n</DOC>\n"));
  }

  @Test
  void readsTsvOfTwoOrThreeColumnsAndWindowsLines() throws IOException {
    assertEquals(
        List.of(
            new CorpusEntry.Document("test", 1, "1", "", "x"),
            new CorpusEntry.Document("test", 2, "2", "T", "y")),
        read("\uFEFF1\tx\r\n2\tT\ty\r\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"_id\": \"1\", \"text\": |broken JSON",
        "{\"text\": \"x\"}|no \"_id\"",
        "{\"_id\": \" \", \"text\": \"x\"}|the id is empty",
        "{\"_id\": \"1\"}|no \"text\"",
        "{\"_id\": \"1\", \"text\": 5}|must be a string",
        "{\"_id\": [1], \"text\": \"x\"}|must be a string",
        "{\"_id\": 7.0, \"text\": \"x\"}|\"_id\" must be a string or a whole number: 7.0",
        "{\"_id\": \"1\", \"_id\": \"2\", \"text\": \"x\"}|Duplicate field '_id'",
        "{\"_id\": \"1\", \"text\": \"x\"} {}|broken JSON",
        "[1]|no JSON object",
        "{\"_id\": \"\\ud83d\", \"text\": \"x\"}|\"_id\" holds half of a character: \\ud83d",
        "{\"_id\": \"1\", \"text\": \"x\\ude00\"}|\"text\" holds half of a character",
      })
  void badRecordsAreFaultsWithTheirLineAndTheNextIsRead(String line, String reason)
      throws IOException {
    String good = "{\"_id\": \"ok\", \"text\": \"x\"}\n";
    List<CorpusEntry> entries = read(good + line + "\n" + good);
    assertEquals(3, entries.size());
    CorpusEntry.Fault fault = (CorpusEntry.Fault) entries.get(1);
    assertEquals(2, fault.line());
    assertTrue(fault.reason().contains(reason), fault.reason());
    assertTrue(fault.toString().startsWith("test:2: "), fault.toString());
  }

  @Test
  void invalidUtf8IsAFault() throws IOException {
    byte[] bytes = "1\tgood\n2\tb?d\n3\tgood\n".getBytes(StandardCharsets.ISO_8859_1);
    bytes[10] = (byte) 0xE9;
    List<CorpusEntry> entries = read(bytes);
    assertEquals(
        "the line is not valid UTF-8: see its byte 4",
        ((CorpusEntry.Fault) entries.get(1)).reason());
    assertEquals("3", ((CorpusEntry.Document) entries.get(2)).id());
  }

  @Test
  void formatIsToldByTheBeginningWhereNoNameTellsIt() throws IOException {
    String json = "{\"_id\": \"1\", \"text\": \"x\"}\n";
    for (String start : List.of("", "\uFEFF", "\r\n  ")) {
      assertEquals(
          "x", ((CorpusEntry.Document) read(start + json).getFirst()).text(), "after " + start);
    }
    Path noName = Files.writeString(folder.resolve("documents"), json + json);
    assertEquals(2, documents(CorpusReader.open(noName)).size());
    Files.writeString(noName, "1\t{x}\n");
    assertEquals("{x}", documents(CorpusReader.open(noName)).getFirst().text());
  }

  @Test
  void aTextMayBeAsLongAsALine() throws IOException {
    String text = "x".repeat(21_000_000);
    List<CorpusEntry> entries = read("{\"_id\": \"1\", \"text\": \"" + text + "\"}\n2\ty\n");
    assertEquals(text.length(), ((CorpusEntry.Document) entries.get(0)).text().length());
    assertTrue(entries.get(1) instanceof CorpusEntry.Fault);
  }

  @Test
  void aGzipFileThatEndsTooEarlyIsNamedAfterItsLastWholeRecords() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      for (int i = 0; i < 20_000; i++) {
        out.write((i + "\t" + Math.sin(i) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    Path half = folder.resolve("half.tsv.gz");
    Files.write(half, Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
    try (CorpusReader reader = CorpusReader.open(half)) {
      UncheckedIOException e =
          assertThrows(UncheckedIOException.class, () -> reader.forEachRemaining(entry -> {}));
      assertTrue(e.getMessage().contains("half.tsv.gz cannot be read on after line"), e.toString());
    }
  }

  @Test
  void readsGzipAndABeirFolder() throws IOException {
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("corpus.jsonl.gz")))) {
      out.write("{\"_id\": \"1\", \"text\": \"x\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertEquals(1, all(CorpusReader.open(folder)).size());
    Path false1 = Files.writeString(folder.resolve("plain.jsonl.gz"), "{}");
    assertTrue(
        assertThrows(IOException.class, () -> CorpusReader.open(false1))
            .getMessage()
            .contains("no gzip file"));
  }

  @Test
  void readsAFolderOfTextFilesInOrderOfTheirPaths() throws IOException {
    Files.createDirectories(folder.resolve("b/.hidden"));
    Files.writeString(folder.resolve("b/two.txt"), "two");
    Files.writeString(folder.resolve("a.md"), "\uFEFFone");
    Files.writeString(folder.resolve("b/.hidden/x.txt"), "hidden");
    Files.write(folder.resolve("c.bin"), new byte[] {1, 0, 2});
    Files.write(folder.resolve("d.txt"), new byte[] {(byte) 0xFF});
    List<CorpusEntry> entries = all(CorpusReader.open(folder));
    assertEquals("a.md", ((CorpusEntry.Document) entries.get(0)).id());
    assertEquals("one", ((CorpusEntry.Document) entries.get(0)).text());
    assertEquals("b/two.txt", ((CorpusEntry.Document) entries.get(1)).id());
    assertTrue(((CorpusEntry.Fault) entries.get(2)).reason().contains("NUL"));
    assertTrue(((CorpusEntry.Fault) entries.get(3)).reason().contains("UTF-8"));
    assertEquals(4, entries.size());
  }

  @Test
  void missingInputsAreNamed() {
    IOException e =
        assertThrows(IOException.class, () -> CorpusReader.open(folder.resolve("none.jsonl")));
    assertTrue(e.getMessage().contains("none.jsonl"), e.getMessage());
  }

  @Test
  void hashTellsWhetherTheBeginningIsTheSame() throws IOException {
    String text = "1\ta\n2\tb\n3\tc\n";
    String twoRead = hashAfter(text, 2);
    assertEquals(twoRead, hashAfter("1\ta\n2\tb\n3\tCHANGED\n", 2));
    assertNotEquals(twoRead, hashAfter("1\ta\n2\tCHANGED\n3\tc\n", 2));
    assertNotEquals(twoRead, hashAfter(text, 3));
    try (CorpusReader reader = open(text.getBytes(StandardCharsets.UTF_8))) {
      reader.skip(2);
      assertEquals(twoRead, reader.sha256());
      assertEquals("3", ((CorpusEntry.Document) reader.next()).id());
    }
  }

  private static String hashAfter(String text, int records) throws IOException {
    try (CorpusReader reader = open(text.getBytes(StandardCharsets.UTF_8))) {
      for (int i = 0; i < records; i++) {
        reader.next();
      }
      return reader.sha256();
    }
  }

  private static List<CorpusEntry> read(String text) throws IOException {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<CorpusEntry> read(byte[] bytes) throws IOException {
    return all(open(bytes));
  }

  private static CorpusReader open(byte[] bytes) throws IOException {
    return CorpusReader.open(new ByteArrayInputStream(bytes), "test");
  }

  private static List<CorpusEntry.Document> documents(CorpusReader reader) throws IOException {
    return all(reader).stream().map(CorpusEntry.Document.class::cast).toList();
  }

  private static List<CorpusEntry> all(CorpusReader reader) throws IOException {
    try (reader) {
      List<CorpusEntry> entries = new ArrayList<>();
      reader.forEachRemaining(entries::add);
      return entries;
    }
  }

  @Test
  void readsTrecDocuments() throws IOException {
    assertEquals(
        List.of(
            new CorpusEntry.Document("test", 1, "FT-1", "Pumps & more", "A pump.\n\n It failed."),
            new CorpusEntry.Document("test", 9, "FT-2", "", "today  all of it")),
        read(
            """
            <DOC>
            <DOCNO> FT-1 </DOCNO>
            <HEADLINE>Pumps &amp; more</HEADLINE>
            <DATE>not text</DATE>
            <TEXT>
            A pump.
            </TEXT><TEXT> It failed. </TEXT>
            </DOC>
            <doc><docno>FT-2</docno><date>today</date> all of it</doc>
            """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<DOC><TEXT>x</TEXT></DOC>|the document has no <DOCNO>",
        "<DOC><DOCNO> </DOCNO><TEXT>x</TEXT></DOC>|the id is empty",
        "stray words|<DOC> is missing before: stray words",
        "<DOC><DOCNO>1</DOCNO><TEXT>x</TEXT>|the file ends within the document",
      })
  void badTrecDocumentsAreFaultsWithTheirLine(String lines, String reason) throws IOException {
    List<CorpusEntry> entries = read("<DOC><DOCNO>ok</DOCNO><TEXT>x</TEXT></DOC>\n" + lines + "\n");
    assertEquals(2, entries.size());
    CorpusEntry.Fault fault = (CorpusEntry.Fault) entries.get(1);
    assertEquals(2, fault.line());
    assertTrue(fault.reason().contains(reason), fault.reason());
  }

  @Test
  void readsAFolderOfPartsInTheOrderOfTheirNumbersAndOneOfTrecFiles() throws IOException {
    for (int part : new int[] {10, 2, 0}) {
      Files.writeString(
          folder.resolve("docs-" + part + ".jsonl"),
          "{\"docid\": \"" + part + "#0\", \"title\": \"T\", \"text\": \"x\"}\n");
    }
    try (CorpusReader reader = CorpusReader.open(folder)) {
      List<String> ids = new ArrayList<>();
      while (reader.hasNext()) {
        CorpusEntry.Document document = (CorpusEntry.Document) reader.next();
        ids.add(document.source() + ":" + document.line() + " " + document.id());
      }
      assertEquals(
          List.of(
              folder.resolve("docs-0.jsonl") + ":1 0#0",
              folder.resolve("docs-2.jsonl") + ":1 2#0",
              folder.resolve("docs-10.jsonl") + ":1 10#0"),
          ids);
    }
    Path trec = Files.createDirectories(folder.resolve("trec"));
    Files.writeString(trec.resolve("b"), "<DOC><DOCNO>2</DOCNO><TEXT>y</TEXT></DOC>\n");
    Files.writeString(trec.resolve("a"), "<DOC><DOCNO>1</DOCNO><TEXT>x</TEXT></DOC>\n");
    try (CorpusReader reader = CorpusReader.open(trec)) {
      assertEquals("1", ((CorpusEntry.Document) reader.next()).id());
      assertEquals("2", ((CorpusEntry.Document) reader.next()).id());
      assertEquals(false, reader.hasNext());
    }
  }
}
