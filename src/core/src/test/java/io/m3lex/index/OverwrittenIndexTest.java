/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.WordEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.NIOFSDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An index that another is put over while it is open. */
class OverwrittenIndexTest {

  private static final int DOCUMENTS = 3_000;

  @TempDir private Path folder;

  private final SparseEncoder ours = new WordEncoder("ours", 0);
  private final SparseEncoder theirs = new WordEncoder("theirs", 3);
  private Path open;
  private Path foreign;

  /** Both have as many commits and as many files of the same names. */
  @BeforeEach
  void buildTwo() throws IOException {
    open = folder.resolve("open");
    foreign = folder.resolve("foreign");
    build(open, ours, "pump", true);
    build(foreign, theirs, "pump", true);
  }

  private static void build(Path index, SparseEncoder encoder, String word, boolean merged)
      throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(index, encoder)) {
      for (int i = 0; i < DOCUMENTS; i++) {
        writer.put(SparseDocument.of("" + i, word + " kettle n" + i % 100));
        if (i == DOCUMENTS / 2) {
          writer.commit();
        }
      }
      if (merged) {
        writer.mergeToOneSegment();
      }
      writer.commit();
    }
  }

  /** Java's error for a mapped page that is gone, wherever it is met. */
  @Test
  void fileThatIsCutOffWhileItIsOpenedIsTold() throws IOException {
    AtomicBoolean cutOff = new AtomicBoolean();
    try (Directory files = FSDirectory.open(open);
        Directory directory =
            new FilterDirectory(files) {
              @Override
              public IndexInput openInput(String name, IOContext context) throws IOException {
                if (cutOff.get()) {
                  throw new InternalError("a fault occurred in an unsafe memory access operation");
                }
                return super.openInput(name, context);
              }

              @Override
              public void close() {
                // Opened again below.
              }
            }) {
      try (SparseIndex index = SparseIndex.open(directory, "open", ours)) {
        cutOff.set(true);
        assertOverwritten(index::refresh);
        assertOverwritten(() -> SparseIndex.open(directory, "open", ours).close());
        cutOff.set(false);
        assertFalse(index.refresh());
        assertEquals(3, index.search("pump kettle", 3).size());
      }
    }
  }

  @Test
  void indexThatIsCopiedOverIsNotSearchedAndTakenIfItIsOfTheSameModel() throws IOException {
    for (boolean mapped : new boolean[] {true, false}) {
      try (SparseIndex index =
          SparseIndex.open(
              mapped ? FSDirectory.open(open) : new NIOFSDirectory(open), "open", ours)) {
        List<Hit> before = index.search("pump kettle", 3);
        index.requireUnchangedFiles();
        copyOver(foreign, open);
        for (int i = 0; i < 2; i++) {
          assertOverwritten(() -> index.search("pump kettle", 3));
          assertOverwritten(() -> index.document("1"));
          assertOverwritten(index::statistics);
          assertOverwritten(index::requireUnchangedFiles);
          assertThrows(ModelMismatchException.class, index::refresh);
        }
        Path again = folder.resolve("again" + mapped);
        build(again, ours, "pump", true);
        copyOver(again, open);
        assertOverwritten(() -> index.search("pump kettle", 3));
        assertTrue(index.refresh());
        assertEquals(before, index.search("pump kettle", 3));
        assertFalse(index.refresh());
      }
    }
  }

  @Test
  void singleFilesThatAreOverwrittenAreNoticed() throws IOException {
    for (String name : names(open)) {
      Path file = open.resolve(name);
      Path other = foreign.resolve(name);
      if (name.startsWith("segments") || !Files.exists(other)) {
        continue;
      }
      byte[] whole = Files.readAllBytes(file);
      for (byte[] content :
          List.of(Files.readAllBytes(other), new byte[0], new byte[whole.length])) {
        try (SparseIndex index = SparseIndex.open(open, ours)) {
          index.search("pump kettle", 3);
          overwrite(file, content);
          assertOverwritten(() -> index.search("pump kettle", 3));
          assertThrows(IndexFormatException.class, index::refresh, name);
          overwrite(file, whole);
          // It could have been half of another in between.
          assertOverwritten(() -> index.search("pump kettle", 3));
          assertTrue(index.refresh());
          assertEquals(3, index.search("pump kettle", 3).size());
        }
      }
    }
  }

  @Test
  void resultsOfASearchDuringWhichTheIndexIsOverwrittenAreThrownAway() throws IOException {
    try (SparseIndex index = SparseIndex.open(open, ours)) {
      assertOverwritten(
          () ->
              index.using(
                  searcher -> {
                    copyOver(foreign, open);
                    return searcher.getIndexReader().numDocs();
                  }));
    }
  }

  @Test
  void documentsThatAreCopiedElsewhereStopWhenTheIndexIsOverwritten() throws IOException {
    List<String> seen = new ArrayList<>();
    try (StoredDocuments documents = StoredDocuments.open(open)) {
      assertOverwritten(
          () ->
              documents.visit(
                  0,
                  document -> {
                    seen.add(document.id());
                    if (seen.size() == 10) {
                      copyOver(foreign, open);
                    }
                    return true;
                  }));
    }
    assertEquals(10, seen.size());
  }

  @Test
  void indexInWhoseFolderAnotherLiesIsSearchedOnAndTheOtherRefused() throws IOException {
    try (SparseIndex index = SparseIndex.open(open, ours)) {
      List<Hit> before = index.search("pump kettle", 3);
      Files.move(open, folder.resolve("old"));
      Files.move(foreign, open);
      assertThrows(ModelMismatchException.class, index::refresh);
      assertEquals(before, index.search("pump kettle", 3));
      index.requireUnchangedFiles();
    }
  }

  /** Lucene compares the number of commits. */
  @Test
  void indexInWhoseFolderANewOneOfTheSameModelLiesIsReplaced() throws IOException {
    for (boolean merged : new boolean[] {true, false}) {
      Path place = folder.resolve("place" + merged);
      Path next = folder.resolve("next" + merged);
      build(place, ours, "pump", merged);
      build(next, ours, "valve", merged);
      try (SparseIndex index = SparseIndex.open(place, ours)) {
        Files.move(place, folder.resolve("old" + merged));
        Files.move(next, place);
        assertTrue(index.refresh());
        assertFalse(index.refresh());
        assertEquals(0, index.search("pump", 3).size());
        assertEquals(3, index.search("valve", 3).size());
      }
    }
  }

  /** Copies of one index have the same segments, but each its own deletions of the same names. */
  @Test
  void otherDeletionsOfTheSameSegmentsAreTaken() throws IOException {
    for (int furtherCommits = 0; furtherCommits < 2; furtherCommits++) {
      Path copy = folder.resolve("copy" + furtherCommits);
      Files.createDirectory(copy);
      copyOver(open, copy);
      Path place = folder.resolve("place" + furtherCommits);
      Files.createDirectory(place);
      copyOver(open, place);
      delete(place, "1");
      delete(copy, "2");
      for (int i = 0; i < furtherCommits; i++) {
        delete(copy, "none");
        try (SparseIndexWriter writer = SparseIndexWriter.open(copy, ours)) {
          writer.put(SparseDocument.of("more", "valve"));
          writer.commit();
        }
      }
      try (SparseIndex index = SparseIndex.open(place, ours)) {
        assertTrue(index.document("1").isEmpty());
        Files.move(place, folder.resolve("old" + furtherCommits));
        Files.move(copy, place);
        assertTrue(index.refresh());
        assertTrue(index.document("1").isPresent());
        assertTrue(index.document("2").isEmpty());
      }
    }
  }

  private static void delete(Path index, String id) throws IOException {
    try (Directory directory = FSDirectory.open(index);
        IndexWriter writer =
            new IndexWriter(
                directory, new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE))) {
      writer.deleteDocuments(new Term(IndexFields.ID, id));
    }
  }

  @Test
  void viewOfAWriterIsNotSearchedEither() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(open, ours);
        SparseIndex index = writer.openIndex()) {
      assertEquals(3, index.search("pump kettle", 3).size());
      copyOver(foreign, open);
      assertOverwritten(() -> index.search("pump kettle", 3));
      assertOverwritten(index::refresh);
    }
  }

  @Test
  void indexOfAnApplicationIsNotVerifiedOverForeignFiles() throws IOException {
    SparseField field = SparseField.of("body", ours);
    for (SparseField each : List.of(field, SparseField.of("body", theirs))) {
      try (Directory directory = FSDirectory.open(folder.resolve(each == field ? "a" : "b"));
          IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
        each.begin(writer);
        org.apache.lucene.document.Document document = new org.apache.lucene.document.Document();
        each.fields("a pump").forEach(document::add);
        writer.addDocument(document);
      }
    }
    try (Directory directory = FSDirectory.open(folder.resolve("a"));
        DirectoryReader reader = DirectoryReader.open(directory)) {
      field.verify(reader);
      copyOver(folder.resolve("b"), folder.resolve("a"));
      assertOverwritten(() -> field.verify(reader));
    }
  }

  private static void assertOverwritten(org.junit.jupiter.api.function.Executable action) {
    String message = assertThrows(IndexFormatException.class, action).getMessage();
    assertTrue(message.contains("was overwritten while it was open"), message);
  }

  private static List<String> names(Path index) throws IOException {
    try (Stream<Path> files = Files.list(index)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.equals(IndexWriter.WRITE_LOCK_NAME))
          .sorted()
          .toList();
    }
  }

  /** Keeps the files and changes what is in them, as {@code cp} does. */
  private static void copyOver(Path from, Path to) throws IOException {
    for (String name : names(from)) {
      overwrite(to.resolve(name), Files.readAllBytes(from.resolve(name)));
    }
  }

  private static void overwrite(Path file, byte[] content) throws IOException {
    Files.write(file, content, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
  }
}
