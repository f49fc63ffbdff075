/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.store.MMapDirectory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interrupts, as {@code Future.cancel(true)} sends them, at every work on an index. */
class InterruptTest {

  private static final SparseVector KETTLE = SparseVector.of(Map.of("kettle", 1f));

  @TempDir Path folder;
  private final SparseEncoder encoder = new WordEncoder();

  @AfterEach
  void clear() {
    Thread.interrupted();
  }

  private static <T> T interrupted(Callable<T> work) throws Exception {
    Thread.currentThread().interrupt();
    try {
      return work.call();
    } finally {
      assertTrue(Thread.interrupted(), "the interrupt is lost");
    }
  }

  @Test
  void worksOnFilesAreFinished() throws Exception {
    try (SparseIndexWriter writer = interrupted(() -> SparseIndexWriter.open(folder, encoder))) {
      interrupted(() -> put(writer, "1"));
      interrupted(
          () -> {
            writer.commit();
            return null;
          });
      try (SparseIndex index = interrupted(() -> SparseIndex.open(folder, encoder));
          SparseIndex live = interrupted(writer::openIndex)) {
        assertEquals(encoder.fingerprint(), interrupted(() -> SparseIndex.fingerprintOf(folder)));
        put(writer, "2");
        writer.commit();
        try (StoredDocuments stored = interrupted(() -> StoredDocuments.open(folder))) {
          List<String> ids = new ArrayList<>();
          interrupted(
              () -> {
                stored.visit(0, document -> ids.add(document.id()));
                return null;
              });
          assertEquals(List.of("1", "2"), ids);
        }
        interrupted(
            () -> {
              writer.delete("1");
              put(writer, "3");
              put(writer, "4");
              writer.mergeToOneSegment();
              writer.commit();
              return null;
            });
        assertTrue(interrupted(index::refresh));
        assertTrue(interrupted(live::refresh));
        assertEquals(3, index.search("kettle", 10).size());
        assertEquals(3, live.search("kettle", 10).size());
        assertEquals(3, interrupted(writer::documents));
        interrupted(
            () -> {
              writer.recover();
              return null;
            });
        put(writer, "5");
        writer.commit();
        index.refresh();
        assertEquals(4, index.search("kettle", 10).size());
      }
    }
  }

  private static Void put(SparseIndexWriter writer, String id) throws IOException {
    writer.put(SparseDocument.of(id, "kettle"), KETTLE.from(writer.fingerprint()));
    return null;
  }

  @Test
  void closesWithoutLosingTheLock() throws Exception {
    SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder);
    put(writer, "1");
    writer.commit();
    interrupted(
        () -> {
          writer.close();
          return null;
        });
    SparseIndexWriter.open(folder, encoder).close();
  }

  @Test
  void interruptsAtAnyMomentLoseNothing() throws Exception {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    int committed = 0;
    try (ExecutorService threads = Executors.newSingleThreadExecutor();
        SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (int round = 0; round < 60; round++) {
        int first = committed;
        int count = 1 + random.nextInt(50);
        CountDownLatch started = new CountDownLatch(1);
        Future<?> work =
            threads.submit(
                () -> {
                  started.countDown();
                  for (int i = first; i < first + count; i++) {
                    put(writer, "" + i);
                  }
                  writer.commit();
                  return null;
                });
        started.await();
        for (int i = random.nextInt(2_000); i > 0; i--) {
          Thread.onSpinWait();
        }
        work.cancel(true);
        // The one thread has finished what it had begun when it takes the next.
        threads.submit(() -> {}).get();
        writer.commit();
        committed = writer.documents();
      }
      try (SparseIndex index = SparseIndex.open(folder, encoder)) {
        int shown = index.using(searcher -> searcher.getIndexReader().numDocs());
        assertEquals(committed, shown, "seed " + seed);
      }
    }
  }

  /** Lucene's directory, watched for what an interrupt of a caller could close. */
  private static final class WatchedDirectory extends MMapDirectory {
    private final Queue<String> exposed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger segments = new AtomicInteger();

    WatchedDirectory(Path folder) throws IOException {
      super(folder);
    }

    private void requireNoCaller(String work) {
      if (Thread.currentThread().getName().startsWith("caller")) {
        exposed.add(work);
      }
    }

    @Override
    public IndexInput openInput(String name, IOContext context) throws IOException {
      requireNoCaller("read " + name);
      return super.openInput(name, context);
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      if (name.endsWith(".si")) {
        requireNoCaller("segment " + name);
        segments.incrementAndGet();
      }
      return super.createOutput(name, context);
    }

    @Override
    public void sync(Collection<String> names) throws IOException {
      requireNoCaller("sync " + names);
      super.sync(names);
    }
  }

  @Test
  void interruptsAtAnyMomentOfPutsThatWriteSegmentsLoseNothing() throws Exception {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    for (boolean inPlace : new boolean[] {true, false}) {
      WatchedDirectory disk = new WatchedDirectory(folder.resolve("" + inPlace));
      // What Lucene does not bring itself is written by other threads.
      Directory directory = inPlace ? disk : new FilterDirectory(disk) {};
      try (SparseIndexWriter writer = SparseIndexWriter.open(directory, "disk", encoder, 0)) {
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          callers.add(new Caller(i, writer, new Random(seed + i)));
        }
        callers.forEach(Thread::start);
        Random random = new Random(seed);
        while (callers.stream().anyMatch(Thread::isAlive)) {
          callers.get(random.nextInt(callers.size())).interrupt();
          LockSupport.parkNanos(random.nextInt(200_000));
        }
        for (Caller caller : callers) {
          caller.join();
          if (caller.error != null) {
            throw new AssertionError("seed " + seed, caller.error);
          }
        }
        assertEquals(Optional.empty(), writer.failure(), "seed " + seed);
        assertEquals(List.of(), List.copyOf(disk.exposed), "seed " + seed);
        assertTrue(disk.segments.get() > 10, disk.segments + " segments, seed " + seed);
        writer.commit();
        Map<String, String> expected = new HashMap<>();
        callers.forEach(caller -> expected.putAll(caller.put));
        try (SparseIndex index = writer.openIndex()) {
          assertEquals(expected.size(), writer.documents(), "seed " + seed);
          for (Map.Entry<String, String> document : expected.entrySet()) {
            assertEquals(
                Optional.of(document.getValue()),
                index.document(document.getKey()).map(SparseDocument::text),
                "seed " + seed);
          }
        }
      }
      SparseIndexWriter.open(folder.resolve("" + inPlace), encoder).close();
    }
  }

  /** Puts documents, again and again under the same ids, deletes some, and commits now and then. */
  private static final class Caller extends Thread {
    private final Map<String, String> put = new HashMap<>();
    private final SparseIndexWriter writer;
    private final Random random;
    private Throwable error;

    Caller(int number, SparseIndexWriter writer, Random random) {
      super("caller " + number);
      this.writer = writer;
      this.random = random;
    }

    @Override
    public void run() {
      try {
        for (int i = 0; i < 250; i++) {
          String id = getName() + "-" + random.nextInt(100);
          if (random.nextInt(10) == 0) {
            writer.delete(id);
            put.remove(id);
          } else {
            String text = "version " + i + " " + "kettle ".repeat(random.nextInt(100));
            writer.put(SparseDocument.of(id, text), KETTLE.from(writer.fingerprint()));
            put.put(id, text);
          }
          if (random.nextInt(50) == 0) {
            writer.commit();
          }
          if (i % 20 == 0) {
            // A segment for nearly every document, or for many.
            writer.setBufferBytes(random.nextBoolean() ? 50_000 : 500_000);
          }
          if (random.nextBoolean()) {
            Thread.interrupted();
          }
        }
      } catch (IOException | RuntimeException | Error e) {
        error = e;
      }
    }
  }

  @Test
  void optimizingEndsAndLeavesTheIndex() throws Exception {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (int i = 0; i < 5; i++) {
        put(writer, "" + i);
        writer.commit();
      }
    }
    CancellationException e =
        assertThrows(
            CancellationException.class,
            () -> interrupted(() -> IndexOptimizer.into(1).optimize(folder, bytes -> {})));
    assertEquals("Cancelled: the thread was interrupted.", e.getMessage());
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      assertEquals(5, index.search("kettle", 10).size());
    }
    assertEquals(1, IndexOptimizer.into(1).optimize(folder, bytes -> {}).segmentsAfter());
  }

  @Test
  void searchesEnd() throws Exception {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      for (int i = 0; i < 10; i++) {
        put(writer, "" + i);
      }
      writer.commit();
    }
    Query term = new TermQuery(new Term(IndexFields.ID, "1"));
    Query all = new PrefixQuery(new Term(IndexFields.ID, ""));
    SparseVector query = KETTLE.from(encoder.fingerprint());
    try (SparseIndex index = SparseIndex.open(folder, encoder);
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Callable<?>> searches = new ArrayList<>();
      searches.add(() -> index.search(query, 3));
      searches.add(() -> index.search(query, 3, all));
      searches.add(() -> index.searchDocuments(query, 3, term));
      searches.add(() -> index.explain(query, "1"));
      searches.add(() -> index.document("1"));
      searches.add(index::statistics);
      searches.add(() -> index.using(searcher -> searcher.search(all, 5)));
      searches.add(
          () ->
              index.using(
                  searcher ->
                      new SparseSearcher(searcher.getIndexReader(), threads).search(all, 5)));
      for (Callable<?> search : searches) {
        assertInstanceOf(
            CancellationException.class,
            assertThrows(RuntimeException.class, () -> interrupted(search)));
        search.call();
      }
    }
  }
}
