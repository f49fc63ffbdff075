/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No index is searched or added to with another model's weights, and none is lost halfway. */
class IndexGuaranteeTest {

  @TempDir private Path folder;

  private final SparseEncoder encoder = new WordEncoder();

  @Test
  void indexOpenedWithAnotherModelIsRefusedNamingWhatDiffers() throws IOException {
    build();
    SparseEncoder other = new WordEncoder("other", 0);
    for (ModelMismatchException e :
        List.of(
            assertThrows(ModelMismatchException.class, () -> SparseIndex.open(folder, other)),
            assertThrows(
                ModelMismatchException.class, () -> SparseIndexWriter.open(folder, other)))) {
      assertTrue(e.getMessage().contains("file:head: expected words, found other"), e.getMessage());
      assertTrue(e.getMessage().contains("build the index again"), e.getMessage());
    }
  }

  @Test
  void weightsThatDriftedAreRefusedWithTheNumbers() throws IOException {
    build();
    SparseEncoder drifted = new WordEncoder("words", 0.01f);
    ModelMismatchException e =
        assertThrows(ModelMismatchException.class, () -> SparseIndex.open(folder, drifted));
    assertTrue(e.getMessage().contains("1.0E-4 is accepted"), e.getMessage());
    assertTrue(e.getMessage().contains("engine=words 0.0"), e.getMessage());
    assertTrue(e.getMessage().contains("engine=words 0.01"), e.getMessage());
    assertThrows(ModelMismatchException.class, () -> SparseIndexWriter.open(folder, drifted));
  }

  @Test
  void weightsThatDriftedLessThanTheIndexAcceptsPass() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder, 0.02f)) {
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(folder, new WordEncoder("words", 0.01f))) {
      assertEquals(0.01f, index.witnessDrift(), 1e-6f);
    }
  }

  @Test
  void foreignVectorsAreRefusedNamingTheDocument() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      ModelMismatchException e =
          assertThrows(
              ModelMismatchException.class,
              () ->
                  writer.put(
                      SparseDocument.of("doc-7", "text"),
                      SparseVector.of(Map.of("text", 1f))
                          .from(ModelFingerprint.declared("somebody else's"))));
      assertTrue(e.getMessage().contains("doc-7"), e.getMessage());
      assertTrue(e.getMessage().contains("somebody else's"), e.getMessage());
      assertEquals(0, writer.documents());
    }
  }

  @Test
  void declaredVectorsAreHeldToTheirDeclaration() throws IOException {
    ModelFingerprint declared = ModelFingerprint.declared("BAAI/bge-m3 fp32");
    SparseVector vector = SparseVector.of(Map.of("7", 0.25f)).from(declared);
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, declared)) {
      writer.put(SparseDocument.of("1", "x"), vector.from(declared));
      assertThrows(IllegalStateException.class, () -> writer.put(SparseDocument.of("2", "y")));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.openForVectors(folder, declared)) {
      assertEquals(0.0625f, index.search(vector, 1).get(0).score());
      assertThrows(IllegalStateException.class, () -> index.search("x", 1));
    }
    assertThrows(
        ModelMismatchException.class,
        () -> SparseIndex.openForVectors(folder, ModelFingerprint.declared("BAAI/bge-m3 fp16")));
    assertThrows(ModelMismatchException.class, () -> SparseIndex.open(folder, encoder));
  }

  @Test
  void copiedAndMergedIndexesKeepTheirIdentity(@TempDir Path copy) throws IOException {
    for (int i = 0; i < 5; i++) {
      build();
    }
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.mergeToOneSegment();
      writer.commit();
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    assertEquals(encoder.fingerprint(), SparseIndex.fingerprintOf(copy));
    try (SparseIndex index = SparseIndex.open(copy, encoder)) {
      assertEquals(1, index.search("pump", 10).size());
      assertEquals(1, index.statistics().segments());
    }
  }

  @Test
  void indexReplacedByAnotherModelsIsRefusedOnRefresh() throws IOException {
    try (Directory directory = new ByteBuffersDirectory()) {
      SparseEncoder other = new WordEncoder("other", 0);
      SparseIndexWriter.open(unclosed(directory), "memory", encoder, 0).close();
      try (SparseIndex index = SparseIndex.open(unclosed(directory), "memory", encoder)) {
        try (IndexWriter raw =
            new IndexWriter(
                directory,
                new IndexWriterConfig().setOpenMode(IndexWriterConfig.OpenMode.CREATE))) {
          raw.setLiveCommitData(ModelIdentity.of(other, 0).toUserData().entrySet());
          raw.addDocument(new Document());
        }
        assertThrows(ModelMismatchException.class, index::refresh);
        assertEquals(0, index.statistics().documents());
      }
    }
  }

  /** By Lucene's own means, which ask for no model. */
  @Test
  void indexToWhichAnotherModelsWasAddedIsRefused(@TempDir Path other) throws IOException {
    build();
    try (SparseIndex open = SparseIndex.open(folder, encoder)) {
      build(other, encoder);
      add(other);
      assertTrue(open.refresh());
      assertEquals(2, open.search("pump", 10).size());

      try (SparseIndexWriter writer =
          SparseIndexWriter.open(other.resolve("theirs"), new WordEncoder("other", 0))) {
        writer.put(SparseDocument.of("2", "the pump"));
        writer.commit();
      }
      add(other.resolve("theirs"));
      assertTrue(
          assertThrows(ModelMismatchException.class, open::refresh)
              .getMessage()
              .contains("field _sparse came from elsewhere: 1 with the fingerprint "));
      assertEquals(2, open.search("pump", 10).size());
    }
    assertThrows(ModelMismatchException.class, () -> SparseIndex.open(folder, encoder));
    assertThrows(
        ModelMismatchException.class,
        () -> SparseIndex.openForVectors(folder, encoder.fingerprint()));
    assertThrows(
        ModelMismatchException.class, () -> IndexOptimizer.into(1).optimize(folder, bytes -> {}));
    assertThrows(ModelMismatchException.class, () -> SparseIndexWriter.open(folder, encoder));
    assertThrows(ModelMismatchException.class, () -> StoredDocuments.open(folder));
  }

  /** Nor does Lucene ask for one when documents are added. */
  @Test
  void weightsOfWhichNothingSaysTheModelAreRefused() throws IOException {
    build();
    try (SparseIndex open = SparseIndex.open(folder, encoder)) {
      try (Directory target = FSDirectory.open(folder);
          IndexWriter raw =
              new IndexWriter(
                  target, new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE))) {
        Document document = new Document();
        document.add(new FeatureField(IndexFields.SPARSE, "pump", 1));
        raw.addDocument(document);
      }
      String message = assertThrows(ModelMismatchException.class, open::refresh).getMessage();
      assertTrue(
          message.contains(
              "field _sparse came from elsewhere: at least 1 of which nothing states the model"),
          message);
      assertEquals(1, open.search("pump", 10).size());
    }
    assertThrows(ModelMismatchException.class, () -> SparseIndex.open(folder, encoder));
    assertThrows(ModelMismatchException.class, () -> SparseIndexWriter.open(folder, encoder));
  }

  private void add(Path other) throws IOException {
    try (Directory source = FSDirectory.open(other);
        Directory target = FSDirectory.open(folder);
        IndexWriter raw =
            new IndexWriter(
                target, new IndexWriterConfig().setMergePolicy(NoMergePolicy.INSTANCE))) {
      raw.addIndexes(source);
    }
  }

  @Test
  void damagedWeightsAreFoundWhenTheFilesAreVerified() throws IOException {
    build();
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      index.verifyFiles();
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> !f.endsWith("write.lock")).toList()) {
        byte[] whole = Files.readAllBytes(file);
        byte[] damaged = whole.clone();
        damaged[whole.length / 2] ^= 1;
        Files.write(file, damaged);
        IOException e =
            assertThrows(
                IOException.class,
                () -> {
                  try (SparseIndex index = SparseIndex.open(folder, encoder)) {
                    index.verifyFiles();
                  }
                },
                file.toString());
        assertTrue(e.getMessage().contains("is damaged"), e.getMessage());
        Files.write(file, whole);
      }
    }
  }

  @Test
  void folderWithoutAnIndexOfOursIsRefused(@TempDir Path other) throws IOException {
    Path missing = other.resolve("missing");
    assertMessage("does not exist", () -> SparseIndex.open(missing, encoder));
    assertMessage("There is no index", () -> SparseIndex.open(other, encoder));
    Path file = Files.writeString(other.resolve("letter.txt"), "dear");
    assertMessage("not a folder", () -> SparseIndex.open(file, encoder));
    assertMessage("letter.txt", () -> SparseIndexWriter.open(other, encoder));
    assertMessage("cannot be made", () -> SparseIndexWriter.open(file, encoder));
    Files.delete(file);
    try (IndexWriter raw = new IndexWriter(FSDirectory.open(other), new IndexWriterConfig())) {
      raw.addDocument(new Document());
    }
    assertMessage("not one of m3lex", () -> SparseIndex.open(other, encoder));
    assertMessage("not one of m3lex", () -> SparseIndexWriter.open(other, encoder));
  }

  @Test
  void otherFormatsAndDamagedIdentityAreRefused() throws IOException {
    build();
    rewriteUserData(Map.of("m3lex.format", "99"));
    assertMessage("format 99", () -> SparseIndex.open(folder, encoder));
    rewriteUserData(
        Map.of("m3lex.format", "1", "m3lex.rounding", "nearest, 8 bits", "m3lex.identity", "{}"));
    assertMessage("format 1", () -> SparseIndex.open(folder, encoder));
    rewriteUserData(
        Map.of("m3lex.format", "3", "m3lex.rounding", "nearest, 8 bits", "m3lex.identity", "{"));
    assertMessage("is damaged", () -> SparseIndex.open(folder, encoder));
    rewriteUserData(
        Map.of("m3lex.format", "3", "m3lex.rounding", "nearest, 8 bits", "m3lex.identity", "{}"));
    assertMessage("is damaged", () -> SparseIndex.open(folder, encoder));
  }

  private void rewriteUserData(Map<String, String> userData) throws IOException {
    try (Directory directory = FSDirectory.open(folder);
        IndexWriter raw = new IndexWriter(directory, new IndexWriterConfig())) {
      raw.setLiveCommitData(userData.entrySet());
      raw.commit();
    }
  }

  @Test
  void secondWriterIsToldThatTheIndexIsLocked() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.commit();
      assertMessage("being written by another", () -> SparseIndexWriter.open(folder, encoder));
      assertEquals(0, writer.documents());
    }
  }

  @Test
  void truncatedFilesAreReportedAsDamage() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    build();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> !f.endsWith("write.lock")).toList()) {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, random.nextInt(whole.length)));
        IOException e =
            assertThrows(
                IOException.class,
                () -> SparseIndex.open(folder, encoder).close(),
                file + ", seed " + seed);
        assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
        Files.write(file, whole);
      }
    }
    SparseIndex.open(folder, encoder).close();
  }

  @Test
  void diskThatFillsUpAnywhereLeavesWholeCommits() throws Exception {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      String message = "seed " + seed + ", round " + round;
      ByteBuffersDirectory memory = new ByteBuffersDirectory();
      SmallDisk disk = new SmallDisk(memory, 40_000 + random.nextInt(60_000));
      int committed = 0;
      try (SparseIndexWriter writer = SparseIndexWriter.open(disk, "memory", encoder, 0)) {
        for (int i = 0; ; i++) {
          writer.put(SparseDocument.of("d" + i, "pump w" + i));
          if (i % 5 == 4) {
            writer.commit(Map.of("documents", Integer.toString(i + 1)));
            committed = i + 1;
          }
        }
      } catch (IOException full) {
        assertTrue(full.getMessage().contains("No space left"), message + ": " + full);
      }
      try (CheckIndex check = new CheckIndex(memory)) {
        assertTrue(check.checkIndex().clean, message);
      }
      disk.free = Long.MAX_VALUE;
      try (SparseIndexWriter writer = SparseIndexWriter.open(disk, "memory", encoder, 0)) {
        int noted = Integer.parseInt(writer.progress().getOrDefault("documents", "0"));
        assertTrue(noted >= committed, message);
        assertEquals(noted, writer.documents(), message);
      }
    }
  }

  @Test
  void fullDiskLeavesTheLastCommit() throws IOException {
    ByteBuffersDirectory memory = new ByteBuffersDirectory();
    try (SparseIndexWriter writer =
        SparseIndexWriter.open(unclosed(memory), "memory", encoder, 0)) {
      writer.put(SparseDocument.of("1", "pump"));
      writer.commit();
    }
    FullDisk full = new FullDisk(memory);
    assertThrows(
        IOException.class,
        () -> {
          try (SparseIndexWriter writer = SparseIndexWriter.open(full, "memory", encoder, 0)) {
            writer.put(SparseDocument.of("2", "valve"));
            full.isFull = true;
            writer.commit();
          }
        });
    try (SparseIndex index = SparseIndex.open(memory, "memory", encoder)) {
      assertEquals(1, index.search("pump valve", 10).size());
    }
  }

  private void build() throws IOException {
    build(folder, encoder);
  }

  private static void build(Path folder, SparseEncoder encoder) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("1", "the pump failed"));
      writer.commit();
    }
  }

  private static void assertMessage(
      String expected, org.junit.jupiter.api.function.Executable action) {
    IOException e = assertThrows(IOException.class, action);
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }

  /** The same directory, which stays open when an index or writer closes it. */
  static Directory unclosed(Directory directory) {
    return new FilterDirectory(directory) {
      @Override
      public void close() {
        // Belongs to the test.
      }
    };
  }

  private static final class FullDisk extends FilterDirectory {
    private boolean isFull;

    FullDisk(Directory directory) {
      super(directory);
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      if (isFull) {
        throw new IOException("No space left on device");
      }
      return super.createOutput(name, context);
    }

    @Override
    public void close() {
      // Belongs to the test.
    }
  }

  /** A directory that takes a number of bytes and then fails every write, merges included. */
  private static final class SmallDisk extends FilterDirectory {
    private volatile long free;

    SmallDisk(Directory directory, long free) {
      super(directory);
      this.free = free;
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      IndexOutput out = super.createOutput(name, context);
      return new FilterIndexOutput("on a small disk: " + name, name, out) {
        @Override
        public void writeByte(byte b) throws IOException {
          take(1);
          super.writeByte(b);
        }

        @Override
        public void writeBytes(byte[] b, int offset, int length) throws IOException {
          take(length);
          super.writeBytes(b, offset, length);
        }
      };
    }

    private synchronized void take(int bytes) throws IOException {
      if (free < bytes) {
        throw new IOException("No space left on device");
      }
      free -= bytes;
    }

    @Override
    public void close() {
      // Belongs to the test.
    }
  }
}
