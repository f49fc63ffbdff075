/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
import java.util.HexFormat;
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
        "{\"_id\":\"1\",\"text\":  NaN}|broken JSON: NaN is not a number in JSON (column 21)",
        "{\"_id\": -Infinity}|broken JSON: -Infinity is not a number in JSON (column 9)",
        "nonsense|broken JSON: \"nonsense\" is not a JSON value (column 1)",
        "{\"_id\": \"1|broken JSON: it ends within a string (column",
        "{\"_id\": [1|broken JSON: it ends before it is complete (column",
        "{\"_id\": +1}|broken JSON: Unexpected character ('+' (code 43)) (column 10)",
        "{\"_id\" // x|broken JSON: Unexpected character ('/' (code 47)) (column 8)",
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
            .contains("not a gzip file"));
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
            new CorpusEntry.Document(
                "test", 1, "FT-1", "Pumps & more", "3 May\n\nA pump.\n\n It failed."),
            new CorpusEntry.Document("test", 9, "FT-2", "", "today  all of it")),
        read(
            """
            <DOC>
            <DOCNO> FT-1 </DOCNO>
            <HEADLINE>Pumps &amp; more</HEADLINE>
            <DATE>3 May</DATE>
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
        "</DOC>|<DOC> is missing before: </DOC>",
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

  /** They once became one document, with the first id. */
  @Test
  void trecDocumentsAreToldApartWhereverOnALineTheyMeet() throws IOException {
    List<CorpusEntry> expected =
        List.of(
            new CorpusEntry.Document("test", 1, "1", "", "one"),
            new CorpusEntry.Document("test", 1, "2", "", "two"),
            new CorpusEntry.Document("test", 1, "3", "", "three"));
    String documents =
        "<DOC><DOCNO>1</DOCNO><TEXT>one</TEXT></DOC><doc id=\"x\"><docno>\n2\n</docno><TEXT>two"
            + "</TEXT></Doc > <DOC ><DOCNO>3</DOCNO><TEXT>three</TEXT></DOC>";
    assertEquals(expected, read(documents.replace("\n", " ")));
    List<CorpusEntry> overLines = read(documents.replace("><", ">\n<"));
    assertEquals(
        List.of("1=one", "2=two", "3=three"),
        overLines.stream()
            .map(CorpusEntry.Document.class::cast)
            .map(document -> document.id() + "=" + document.text())
            .toList());
  }

  @Test
  void aTrecDocumentThatIsNotEndedIsAFaultAndTheNextIsRead() throws IOException {
    assertEquals(
        List.of(
            new CorpusEntry.Fault("test", 1, "</DOC> is missing before the next <DOC>, on line 4"),
            new CorpusEntry.Document("test", 4, "2", "", "two"),
            new CorpusEntry.Fault("test", 5, "<DOC> is missing before: words between"),
            new CorpusEntry.Document("test", 5, "3", "", "three")),
        read(
            """
            <DOC>
            <DOCNO>1</DOCNO>
            <TEXT>one</TEXT>
            <DOC><DOCNO>2</DOCNO><TEXT>two</TEXT></DOC>
            words between <DOC><DOCNO>3</DOCNO><TEXT>three</TEXT></DOC>
            """));
  }

  /** The elements that Anserini takes; its headline and lead were once left out beside a text. */
  @Test
  void trecElementsBesideTheTextAreText() throws IOException {
    assertEquals(
        List.of(
            new CorpusEntry.Document(
                "test",
                1,
                "W-1",
                "Pump maker sues rival",
                "1 May\nA maker went to court.\nThe company wants damages.\nLast words."),
            new CorpusEntry.Document("test", 2, "W-2", "second", "first\nlead"),
            new CorpusEntry.Document("test", 3, "W-3", "a head", "7 May all words")),
        read(
            "<DOC><DOCNO>W-1</DOCNO><DD>1 May</DD><SO>Wall Street</SO><HL> Pump maker sues rival"
                + " </HL><LP>A maker went to court.</LP><TEXT>The company wants damages.</TEXT>"
                + "<LEADPARA>Last words.</LEADPARA></DOC>\n"
                + "<DOC><DOCNO>W-2</DOCNO><HL>first</HL><TITLE> </TITLE><HEAD>second</HEAD>"
                + "<LP>lead</LP></DOC>\n"
                + "<DOC><DOCNO>W-3</DOCNO><HL>a head</HL><DATE>7 May</DATE>all words</DOC>\n"));
  }

  @Test
  void jsonThatIsNotOneALineIsRead() throws IOException {
    List<CorpusEntry> expected =
        List.of(
            new CorpusEntry.Document("test", 1, "1", "[", "a \" , ] } b"),
            new CorpusEntry.Document("test", 1, "2", "", "{"));
    String array =
        "[{\"_id\":\"1\",\"title\":\"[\",\"text\":\"a \\\" , ] } b\"},%s{\"id\":2,\"text\":\"{\"}]";
    assertEquals(expected, read(array.formatted("")));
    assertEquals(
        List.of("1", "2"),
        read("\uFEFF\n " + array.replaceAll("\\{\"(_?id)", "{\n\"$1").formatted("\n\n")).stream()
            .map(CorpusEntry.Document.class::cast)
            .map(CorpusEntry.Document::id)
            .toList());
    assertEquals(List.of(), read("[]"));
  }

  @Test
  void faultsInAnArrayAreFaultsAndTheNextIsRead() throws IOException {
    List<CorpusEntry> entries =
        read(
            """
            [
            {"_id": "1", "text": "x"},
            {"_id": "2"},
            5, "a, b", [{}],
            {"_id": "3", "text": {"a": [1]}},
            {"_id": "4", "text": "x" "y"},
            {"_id": "5", "text": "x"}
            ] {"_id": "6"}
            """);
    List<String> told = new ArrayList<>();
    for (CorpusEntry entry : entries) {
      told.add(
          switch (entry) {
            case CorpusEntry.Document document -> document.line() + " " + document.id();
            case CorpusEntry.Fault fault -> fault.toString();
          });
    }
    assertEquals(
        List.of(
            "2 1",
            "test:3: the record has no \"text\" or \"contents\"",
            "test:4: the record holds no JSON object",
            "test:4: the record holds no JSON object",
            "test:4: the record holds no JSON object",
            "test:5: \"text\" must be a string: {\"a\":[1]}",
            told.get(6),
            "7 5",
            "test:8: something stands behind the end of the JSON array"),
        told);
    assertTrue(told.get(6).startsWith("test:6: broken JSON: "), told.get(6));
  }

  /** Of what is cut off, nobody knows what is missing. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{'_id':'1','text':'x'}|2|the file ends within its JSON array: it is cut off",
        "[{'_id':'1','text':'x'},|2|the file ends within its JSON array: it is cut off",
        "[{'_id':'1','text':'x'},{'_id':|2|the file ends within the JSON that begins on line 2",
        "[{'_id':'1','text':'x'},{'_id':'2|2|a string of the JSON that begins on line 2 is not"
            + " ended",
      })
  void anArrayThatIsCutOffIsAnError(String json, int line, String reason) throws IOException {
    byte[] bytes = ("\n" + json.replace('\'', '"')).getBytes(StandardCharsets.UTF_8);
    try (CorpusReader reader = open(bytes)) {
      assertEquals("1", ((CorpusEntry.Document) reader.next()).id());
      UncheckedIOException e = assertThrows(UncheckedIOException.class, reader::hasNext);
      assertTrue(e.getMessage().startsWith("test:" + line + ": " + reason), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FD377A585A0000, by xz",
    "28B52FFD0458, by zstd",
    "425A683931415926535990, by bzip2",
    "504B030414000000, in a zip archive",
    "1F9D90, by compress",
    "04224D186440, by lz4",
    "377ABCAF271C0004, in a 7z archive",
  })
  void whatIsPackedOtherwiseIsNamed(String bytes, String how) throws IOException {
    byte[] packed = HexFormat.of().parseHex(bytes);
    assertPacked(packed, how);
    assertPacked(gzip(packed), how);
  }

  @Test
  void anArchiveOfFilesIsNamed() throws IOException {
    byte[] tar = new byte[1024];
    System.arraycopy("docs.tsv".getBytes(StandardCharsets.UTF_8), 0, tar, 0, 8);
    System.arraycopy("ustar  \0".getBytes(StandardCharsets.UTF_8), 0, tar, 257, 8);
    System.arraycopy("1\tone\n".getBytes(StandardCharsets.UTF_8), 0, tar, 512, 6);
    assertPacked(tar, "in a tar archive");
    byte[] once = gzip(tar);
    assertPacked(once, "in a tar archive");
    assertPacked(gzip(once), "by gzip twice");
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      out.write(content);
    }
    return gzip.toByteArray();
  }

  private static void assertPacked(byte[] packed, String how) {
    IOException e = assertThrows(IOException.class, () -> open(packed));
    assertTrue(
        e.getMessage()
            .startsWith("test is packed " + how + ", which m3lex does not read. Unpack it first: "),
        e.getMessage());
  }
}
