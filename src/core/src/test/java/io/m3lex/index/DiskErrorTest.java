/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.index.CheckIndex;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.tests.store.MockDirectoryWrapper;
import org.apache.lucene.tests.util.LuceneTestCase;

/**
 * A disk becomes full, or fails now and then, at any moment: what was committed stays, and writing
 * goes on from there when the disk is well again. {@code -Dm3lex.kills} tells how often.
 */
public class DiskErrorTest extends LuceneTestCase {

  private static final int ROUNDS = 10 * Integer.getInteger("m3lex.kills", 2);
  private static final ModelFingerprint MODEL = ModelFingerprint.declared("disk");
  private static final int DOCUMENTS = 600;
  private static final String DONE = "done";

  /** Makes a disk fail. */
  private interface Trouble {
    void begin(MockDirectoryWrapper disk, long size) throws IOException;
  }

  public void testFullDisk() throws IOException {
    troubled((disk, size) -> disk.setMaxSizeInBytes(1 + (long) (random().nextDouble() * size)));
  }

  public void testErrorsNowAndThen() throws IOException {
    troubled(
        (disk, size) -> {
          double rate = 0.05 * random().nextDouble();
          disk.setRandomIOExceptionRate(rate);
          disk.setRandomIOExceptionRateOnOpen(rate);
        });
  }

  private void troubled(Trouble trouble) throws IOException {
    long size = size();
    int failures = 0;
    for (int round = 0; round < ROUNDS; round++) {
      try (Directory memory = new ByteBuffersDirectory();
          MockDirectoryWrapper disk = new Disk(memory)) {
        disk.setUseSlowOpenClosers(false);
        // What an error leaves half written is removed by the next writer, not at once.
        disk.setAssertNoUnrefencedFilesOnClose(false);
        trouble.begin(disk, size);
        int[] committed = {0};
        for (int attempt = 0; attempt < 3; attempt++) {
          try {
            write(disk, committed);
            IndexOptimizer.into(1).optimize(IndexGuaranteeTest.unclosed(disk), "disk", bytes -> {});
          } catch (IOException e) {
            failures++;
            assertTrue(e.toString(), isTrouble(e));
          }
          try (Directory view = IndexGuaranteeTest.unclosed(memory)) {
            requireSound(view, committed[0]);
          }
        }
        disk.setMaxSizeInBytes(0);
        disk.setRandomIOExceptionRate(0);
        disk.setRandomIOExceptionRateOnOpen(0);
        write(disk, committed);
        IndexOptimizer.into(1).optimize(IndexGuaranteeTest.unclosed(disk), "disk", bytes -> {});
        requireSound(disk, DOCUMENTS);
      }
    }
    assertTrue("nothing failed", failures > 0);
  }

  /** Notices what is left open, but for one file that Lucene forgets after an error. */
  private static final class Disk extends MockDirectoryWrapper {
    Disk(Directory memory) {
      super(random(), memory);
    }

    @Override
    public synchronized void close() throws IOException {
      try {
        super.close();
      } catch (RuntimeException e) {
        // BPIndexReorderer.buildForwardIndex does not close its temporary file.
        if (!e.getMessage().matches("(?s).*still 1 open files: \\{term-ids_\\w+\\.tmp=1}.*")) {
          throw e;
        }
      }
    }
  }

  /** Lucene takes some errors of the disk for a damaged index, and says why. */
  private static boolean isTrouble(Throwable e) {
    return e != null
        && (String.valueOf(e.getMessage()).matches("(?s).*(fake disk full|random IOException).*")
            || isTrouble(e.getCause()));
  }

  /** What all of it takes on a disk that is well. */
  private static long size() throws IOException {
    try (ByteBuffersDirectory memory = new ByteBuffersDirectory()) {
      write(memory, new int[1]);
      long size = 0;
      for (String file : memory.listAll()) {
        size += memory.fileLength(file);
      }
      return size;
    }
  }

  /** Goes on with what the last commit says is done. */
  private static void write(Directory directory, int[] committed) throws IOException {
    try (SparseIndexWriter writer =
        SparseIndexWriter.openForVectors(IndexGuaranteeTest.unclosed(directory), "disk", MODEL)) {
      int next = Integer.parseInt(writer.progress().getOrDefault(DONE, "0"));
      assertTrue(next + " of " + committed[0], next >= committed[0]);
      while (next < DOCUMENTS) {
        writer.put(SparseDocument.of("" + next, "text"), vector(next).from(MODEL));
        next++;
        if (next % 40 == 0) {
          writer.commit(Map.of(DONE, "" + next));
          committed[0] = next;
        }
      }
    }
  }

  private static SparseVector vector(int document) {
    return SparseVector.of(
        Map.of(
            "all",
            1f,
            "f" + document % 17,
            PostingWeight.round(0.1f + document % 7),
            "d" + document,
            2f));
  }

  private static void requireSound(Directory directory, int least) throws IOException {
    if (least == 0 && !DirectoryReader.indexExists(directory)) {
      return;
    }
    try (CheckIndex check = new CheckIndex(directory)) {
      assertTrue(check.checkIndex().clean);
    }
    try (SparseIndex index =
        SparseIndex.openForVectors(IndexGuaranteeTest.unclosed(directory), "disk", MODEL)) {
      Set<String> ids = new HashSet<>();
      int documents =
          index.using(
              searcher -> {
                IndexReader reader = searcher.getIndexReader();
                StoredFields stored = reader.storedFields();
                for (int i = 0; i < reader.maxDoc(); i++) {
                  ids.add(stored.document(i).get(IndexFields.ID));
                }
                return reader.numDocs();
              });
      assertTrue(documents + " of " + least, documents >= least);
      assertEquals(documents, ids.size());
      for (int i = 0; i < documents; i++) {
        assertTrue("document " + i, ids.contains("" + i));
        assertEquals(
            4f,
            index.search(SparseVector.of(Map.of("d" + i, 2f)).from(MODEL), 1).getFirst().score(),
            0);
      }
    }
  }
}
