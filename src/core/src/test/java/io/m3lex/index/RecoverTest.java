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
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.lucene.index.IndexWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A writer that goes on with an index goes on with its own, or not at all. */
@Timeout(120)
class RecoverTest {

  @TempDir private Path folder;

  private final SparseEncoder ours = new WordEncoder("ours", 0);
  private final SparseEncoder theirs = new WordEncoder("theirs", 3);
  private Path mine;
  private Path copy;
  private Path other;

  @BeforeEach
  void build() throws IOException {
    mine = folder.resolve("mine");
    other = folder.resolve("other");
    copy = Files.createDirectory(folder.resolve("copy"));
    build(mine, ours, 5);
    build(other, theirs, 7);
    replace(mine, copy);
  }

  private static void build(Path index, SparseEncoder encoder, int documents) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(index, encoder)) {
      for (int i = 0; i < documents; i++) {
        writer.put(SparseDocument.of("d" + i, "pump kettle n" + i));
      }
      writer.commit();
    }
  }

  private static void replace(Path from, Path to) throws IOException {
    for (Path file : files(to)) {
      Files.delete(file);
    }
    for (Path file : files(from)) {
      Files.copy(file, to.resolve(file.getFileName()));
    }
  }

  private static List<Path> files(Path index) throws IOException {
    try (Stream<Path> files = Files.list(index)) {
      return files.filter(file -> !file.endsWith(IndexWriter.WRITE_LOCK_NAME)).toList();
    }
  }

  @Test
  void refusedRecoveryLeavesTheOtherIndexAlone() throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(mine, ours)) {
      replace(other, mine);
      for (int i = 0; i < 2; i++) {
        assertThrows(ModelMismatchException.class, writer::recover);
        assertTrue(writer.failure().orElseThrow() instanceof ModelMismatchException);
        assertEnded(() -> writer.put(SparseDocument.of("mine", "pump kettle")));
        assertEnded(() -> writer.delete("d1"));
        assertEnded(writer::commit);
        assertEnded(writer::mergeToOneSegment);
        assertEnded(() -> writer.openIndex().close());
      }
      assertEquals(theirs.fingerprint(), SparseIndex.fingerprintOf(mine));
      try (SparseIndex index = SparseIndex.open(mine, theirs)) {
        assertEquals(7, index.statistics().documents());
      }
      // The lock is free, so that whoever put it there can write to it.
      SparseIndexWriter.open(mine, theirs).close();

      replace(copy, mine);
      writer.recover();
      writer.put(SparseDocument.of("mine", "pump kettle"));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.open(mine, ours)) {
      assertEquals(6, index.statistics().documents());
    }
  }

  /** Lucene's writer deletes what it does not know when it is closed. */
  @Test
  void closingLeavesTheOtherIndexAlone() throws IOException {
    for (boolean older : List.of(true, false)) {
      if (older) {
        // The other's commits have lower numbers.
        try (SparseIndexWriter writer = SparseIndexWriter.open(mine, ours)) {
          for (int i = 0; i < 3; i++) {
            writer.put(SparseDocument.of("more" + i, "pump"));
            writer.commit();
          }
        }
      }
      SparseIndexWriter writer = SparseIndexWriter.open(mine, ours);
      writer.put(SparseDocument.of("mine", "pump kettle"));
      replace(other, mine);
      writer.close();
      try (SparseIndex index = SparseIndex.open(mine, theirs)) {
        assertEquals(7, index.statistics().documents());
      }
      replace(copy, mine);
    }
    // What was not committed is deleted as ever.
    int before = files(mine).size();
    try (SparseIndexWriter writer = SparseIndexWriter.open(mine, ours)) {
      writer.commit();
      before = files(mine).size();
      writer.put(SparseDocument.of("mine", "pump kettle"));
      assertEquals(6, writer.documents());
      writer.openIndex().close();
    }
    assertEquals(before, files(mine).size());
  }

  private static void assertEnded(Executable change) {
    IOException e = assertThrows(IOException.class, change);
    assertTrue(e.getMessage().contains("cannot be written after an error"), e.getMessage());
    assertFalse(e.getMessage().contains("Its last commit is whole"), e.getMessage());
  }

  @Test
  void nothingIsPutIntoTheOtherIndexWhileItIsLookedAt() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (SparseIndexWriter writer = SparseIndexWriter.open(mine, ours)) {
      replace(other, mine);
      Thread putting =
          new Thread(
              () -> {
                while (!done.get()) {
                  try {
                    writer.put(SparseDocument.of("mine", "pump kettle"));
                    writer.commit();
                  } catch (IOException e) {
                    // It is refused, as it must be.
                  }
                }
              });
      assertThrows(ModelMismatchException.class, writer::recover);
      putting.start();
      try {
        for (int i = 0; i < 20; i++) {
          assertThrows(ModelMismatchException.class, writer::recover);
        }
      } finally {
        done.set(true);
        putting.join();
      }
      assertEquals(theirs.fingerprint(), SparseIndex.fingerprintOf(mine));
      try (SparseIndex index = SparseIndex.open(mine, theirs)) {
        assertEquals(7, index.statistics().documents());
      }
    }
  }
}
