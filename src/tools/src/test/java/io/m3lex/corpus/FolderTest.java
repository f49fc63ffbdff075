/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of all kinds of files: every file is read, or named. */
class FolderTest {

  private static final String NO_NOTES = "";

  @TempDir private Path folder;

  @Test
  void aLinkedFolderIsRead() throws IOException {
    write("notes/a.txt", "one");
    write("more/b.txt", "two");
    Files.createSymbolicLink(folder.resolve("link"), Path.of("notes"));
    Files.createSymbolicLink(folder.resolve("notes/more"), Path.of("../more"));
    assertEquals(List.of("a.txt=one", "more/b.txt=two"), read("link", NO_NOTES));
  }

  @Test
  void aFolderOfManyPathsIsReadOnceAndByItsOwn() throws IOException {
    write("notes/z/a.txt", "one");
    write("notes/.hidden/b.txt", "two");
    write("beside/c.txt", "three");
    Files.createSymbolicLink(folder.resolve("notes/again"), Path.of("z"));
    Files.createSymbolicLink(folder.resolve("notes/z/loop"), Path.of("../z"));
    Files.createSymbolicLink(folder.resolve("notes/up"), Path.of(".."));
    Files.createSymbolicLink(folder.resolve("notes/shown"), Path.of(".hidden"));
    Files.createSymbolicLink(folder.resolve("notes/x"), Path.of("../beside"));
    Files.createSymbolicLink(folder.resolve("beside/back"), Path.of("../notes"));
    assertEquals(
        List.of("shown/b.txt=two", "x/c.txt=three", "z/a.txt=one"),
        read(
            "notes",
            """
            notes: left out: again (this folder is read already, by another path), up (the link leads to a folder that this one is in), z/loop (this folder is read already, by another path) and 1 more
            notes: left out, because hidden: .hidden\
            """));
  }

  @Test
  void aLinkThatLeadsNowhereIsAFault() throws IOException {
    write("notes/a.txt", "one");
    Files.createSymbolicLink(folder.resolve("notes/c.txt"), Path.of("missing.txt"));
    Files.createSymbolicLink(folder.resolve("notes/d.txt"), Path.of("d.txt"));
    assertEquals(
        List.of(
            "a.txt=one",
            "notes/c.txt: the link leads nowhere: missing.txt. Remove it, or put back what it"
                + " leads to.",
            "notes/d.txt: the link leads nowhere: d.txt. Remove it, or put back what it leads to."),
        read("notes", NO_NOTES));
  }

  @Test
  void aFolderOfJsonHoldsRecords() throws IOException {
    write(
        "coll/docs00.json",
        "{\"id\":\"1\",\"contents\":\"one\"}\n{\"id\":\"2\",\"contents\":\"two\"}\n");
    write(
        "coll/docs01.json",
        "[{\"id\":\"3\",\"contents\":\"three\"},\n {\"id\":\"4\", \"contents\":\"four\"}]");
    write("coll/docs02.json", "{\n  \"id\": \"5\",\n  \"contents\": \"five\"\n}\n");
    write("coll/part-00000", "{\"_id\":\"6\",\"text\":\"six\"}\n");
    write("coll/sub/more.jsonl.gz", "{\"_id\":\"7\",\"text\":\"seven\"}\n");
    assertEquals(
        List.of("1=one", "2=two", "3=three", "4=four", "5=five", "6=six", "7=seven"),
        read(
            "coll",
            "coll: read as JSON records: docs00.json, docs01.json, docs02.json and 2 more"));
  }

  @Test
  void everyFileOfAMixedFolderIsTakenForWhatItHolds() throws IOException {
    write("d/README", "This disk holds articles.");
    write("d/code.c", "{ braces }");
    write(
        "d/fb1",
        "\n<?xml version=\"1.0\"?>\n<doc id=\"x\"><DOCNO>F-1</DOCNO><TEXT>one</TEXT></doc>\n");
    write("d/fb2.gz", "<DOC>\n<DOCNO>F-2</DOCNO>\n<TEXT>two</TEXT>\n</DOC>\n");
    write("d/page.html", "<!DOCTYPE html><html>three</html>");
    write("d/t.tsv", "4\tfour\n");
    write("d/u.txt", "5\tfive\n");
    assertEquals(
        List.of(
            "README=This disk holds articles.",
            "code.c={ braces }",
            "F-1=one",
            "F-2=two",
            "page.html=<!DOCTYPE html><html>three</html>",
            "4=four",
            "u.txt=5\tfive\n"),
        read(
            "d",
            """
            d: read as records in columns: t.tsv
            d: read as TREC documents: fb1, fb2.gz
            d: read as one document each: README, code.c, page.html and 1 more\
            """));
  }

  @Test
  void aFormatThatIsNamedHoldsForAllFiles() throws IOException {
    write("d/a.json", "{\"id\":\"1\",\"contents\":\"one\"}");
    write("d/b.jsonl.gz", "{\"id\":\"2\",\"contents\":\"two\"}");
    assertEquals(
        List.of(
            "a.json={\"id\":\"1\",\"contents\":\"one\"}",
            "b.jsonl.gz={\"id\":\"2\",\"contents\":\"two\"}"),
        read(CorpusReader.open(folder.resolve("d"), CorpusFormat.FOLDER), NO_NOTES));
    assertEquals(
        List.of("1=one", "2=two"),
        read(CorpusReader.open(folder.resolve("d"), CorpusFormat.JSONL), NO_NOTES));
  }

  @Test
  void whatStandsBesideACorpusIsNamed() throws IOException {
    write("mixed/docs-0.jsonl", "{\"id\":\"1\",\"contents\":\"one\"}\n");
    write("mixed/a.txt", "two");
    assertEquals(
        List.of("1=one"),
        read("mixed", "mixed: read as JSON records: docs-0.jsonl\nmixed: left out: a.txt"));
    write("beir/corpus.jsonl", "{\"_id\":\"1\",\"text\":\"one\"}\n");
    write("beir/qrels/test.tsv", "");
    write("beir/queries.jsonl", "");
    assertEquals(
        List.of("1=one"),
        read(
            "beir",
            "beir: read as JSON records: corpus.jsonl\nbeir: left out: qrels, queries.jsonl"));
  }

  /** Which of them is meant, nothing tells; both would be every document twice. */
  @Test
  void aCorpusThatIsThereTwiceIsRefused() throws IOException {
    for (String name : List.of("corpus.jsonl", "docs-7.jsonl")) {
      write(name + "/docs-0.jsonl", "{\"id\":\"0\",\"contents\":\"none\"}\n");
      write(name + "/" + name, "{\"_id\":\"1\",\"text\":\"one\"}\n");
      write(name + "/" + name + ".gz", "{\"_id\":\"1\",\"text\":\"another\"}\n");
      Path input = folder.resolve(name);
      assertEquals(
          "There are both %s and %s.gz, and only one of them can be read. Remove or rename the other."
              .formatted(input.resolve(name), input.resolve(name)),
          assertThrows(IOException.class, () -> CorpusReader.open(input)).getMessage());
    }
  }

  /** By its own hash the corpus of a folder is the same as the file alone. */
  @Test
  void theHashOfACorpusInAFolderIsThatOfItsFile() throws IOException {
    write(
        "beir/corpus.jsonl",
        "{\"_id\":\"1\",\"text\":\"one\"}\n{\"_id\":\"2\",\"text\":\"two\"}\n");
    for (int records = 0; records < 4; records++) {
      try (CorpusReader whole = CorpusReader.open(folder.resolve("beir"));
          CorpusReader alone = CorpusReader.open(folder.resolve("beir/corpus.jsonl"))) {
        whole.skip(records);
        alone.skip(records);
        assertEquals(alone.sha256(), whole.sha256());
      }
    }
  }

  @Test
  void packedAndUnreadableFilesAreNamed() throws IOException {
    write("d/a.txt", "one");
    Files.write(folder.resolve("d/b.txt.xz"), new byte[] {(byte) 0xFD, '7', 'z', 'X', 'Z', 0, 0});
    Files.writeString(folder.resolve("d/c.txt.gz"), "plain");
    assertEquals(
        List.of(
            "a.txt=one",
            "d/b.txt.xz: d/b.txt.xz is packed by xz, which m3lex does not read. Unpack it first:"
                + " xz -d d/b.txt.xz",
            "d/c.txt.gz: d/c.txt.gz is not a gzip file, though its name says so. Rename it without"
                + " .gz, or pack it."),
        read("d", NO_NOTES));
    Files.writeString(folder.resolve("d/e.jsonl.gz"), "{}");
    assertThrows(UncheckedIOException.class, () -> read("d", NO_NOTES));
  }

  @Test
  void theReadersOutputIsLeftOut() throws IOException {
    write("notes/a.txt", "one");
    write("notes/idx/b.txt", "two");
    Files.createSymbolicLink(folder.resolve("notes/link"), Path.of("idx"));
    Path output = folder.resolve("notes/idx").toRealPath();
    try (CorpusReader reader =
        CorpusReader.open(
            folder.resolve("notes"),
            null,
            path -> Files.isDirectory(path) && real(path).equals(output))) {
      assertEquals(
          List.of("a.txt=one"),
          read(
              reader,
              "notes: left out: idx (this command uses it for something else), link (this command uses it for something"
                  + " else)"));
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Folders of random files are read as what was written, and resumed at every record. */
  @Test
  void randomFoldersAreReadWholeAndResumed() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      TreeSet<String> expected = new TreeSet<>();
      Path top = Files.createDirectories(folder.resolve("round" + round));
      for (int file = random.nextInt(6); file >= 0; file--) {
        writeRandom(random, top, file, expected);
      }
      String message = "seed " + seed + " round " + round;
      List<String> all = read(CorpusReader.open(top), null);
      assertEquals(expected, new TreeSet<>(all), message);
      assertEquals(expected.size(), all.size(), message);
      int done = random.nextInt(all.size() + 1);
      try (CorpusReader first = CorpusReader.open(top);
          CorpusReader second = CorpusReader.open(top)) {
        for (int i = 0; i < done; i++) {
          first.next();
        }
        second.skip(done);
        assertEquals(first.sha256(), second.sha256(), message);
        assertEquals(all.subList(done, all.size()), read(second, null), message);
      }
    }
  }

  private static void writeRandom(Random random, Path top, int file, TreeSet<String> expected)
      throws IOException {
    StringBuilder content = new StringBuilder();
    int kind = random.nextInt(5);
    int count = kind == 4 ? 1 : 1 + random.nextInt(5);
    String name =
        (random.nextBoolean() ? "sub/" : "")
            + file
            + List.of(".jsonl", ".json", "", ".tsv", ".txt").get(kind);
    boolean packed = random.nextBoolean();
    name += packed ? ".gz" : "";
    for (int i = 0; i < count; i++) {
      String id = kind == 4 ? name : file + "-" + i;
      String text = "text " + random.nextInt(1000);
      expected.add(id + "=" + text);
      String json =
          "{\"_id\":\"%s\",%s\"text\":\"%s\"}"
              .formatted(id, random.nextBoolean() ? "" : "\n ", text);
      content.append(
          switch (kind) {
            case 0 -> json.replace("\n", "") + "\n";
            case 1 ->
                (i == 0 ? " [" : ",\n".substring(random.nextInt(2)))
                    + json
                    + (i == count - 1 ? "]" : i == 0 ? "," : "");
            case 2 ->
                "<DOC><DOCNO>%s</DOCNO>%s<TEXT>%s</TEXT></DOC>%s"
                    .formatted(
                        id,
                        random.nextBoolean() ? "\n" : "",
                        text,
                        random.nextBoolean() ? "\n" : "");
            case 3 -> id + "\t" + text + "\n";
            default -> text;
          });
    }
    Path path = top.resolve(name);
    Files.createDirectories(path.getParent());
    try (OutputStream out =
        packed ? new GZIPOutputStream(Files.newOutputStream(path)) : Files.newOutputStream(path)) {
      out.write(content.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  private void write(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (OutputStream out =
        name.endsWith(".gz")
            ? new GZIPOutputStream(Files.newOutputStream(file))
            : Files.newOutputStream(file)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
  }

  private List<String> read(String input, String notes) throws IOException {
    return read(CorpusReader.open(folder.resolve(input)), notes);
  }

  /** Documents as id=text, faults as they are told; with paths in this test's folder. */
  private List<String> read(CorpusReader reader, String notes) throws IOException {
    List<String> entries = new ArrayList<>();
    String here = folder + "/";
    try (reader) {
      while (reader.hasNext()) {
        entries.add(
            switch (reader.next()) {
              case CorpusEntry.Document document -> document.id() + "=" + document.text();
              case CorpusEntry.Fault fault -> fault.toString().replace(here, "");
            });
      }
      if (notes != null) {
        assertEquals(notes, String.join("\n", reader.notes()).replace(here, ""));
      }
      assertTrue(!reader.hasNext());
    }
    return entries;
  }
}
