/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Footprint;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.search.SparseQuery;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.lucene.index.MultiBits;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.util.Bits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Threads that write, search, refresh, open and close race. Every document carries its version, and
 * its weights follow from that, so that every score can be reckoned by those who search. {@code
 * -Dm3lex.race=600} races for ten minutes, {@code -Dm3lex.seed} with the same documents.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
@Isolated("open files and memory are counted")
class RaceTest {

  private static final int SECONDS = Integer.getInteger("m3lex.race", 4);
  private static final ModelFingerprint MODEL = ModelFingerprint.declared("race");
  private static final int IDS = 2_000;
  private static final int VOCABULARY = 300;

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Map<String, AtomicLong> rounds = new HashMap<>();

  @TempDir private Path folder;

  /** Something that a thread does again and again. */
  private interface Round {
    void run(SplittableRandom random) throws Exception;
  }

  @Test
  void indexesAnswerRightWhileEverythingChanges() throws Exception {
    Path path = folder.resolve("idx");
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(path, MODEL)) {
      put(writer, 0, 0);
      writer.commit();
      try (SparseIndex committed = SparseIndex.openForVectors(path, MODEL);
          SparseIndex live = writer.openIndex()) {
        AtomicLong version = new AtomicLong(1);
        Map<String, Round> work = new HashMap<>();
        for (int i = 0; i < 2; i++) {
          work.put(
              "writing " + i,
              random -> {
                for (int n = random.nextInt(100); n >= 0; n--) {
                  put(writer, random.nextInt(IDS), version.getAndIncrement());
                }
                writer.delete("" + random.nextInt(IDS));
                writer.commit(Map.of("version", "" + version));
              });
        }
        work.put(
            "merging",
            random -> {
              Thread.sleep(random.nextInt(500));
              writer.mergeToOneSegment();
            });
        for (SparseIndex index : List.of(committed, live)) {
          String name = index == live ? "live" : "committed";
          work.put(
              "refreshing " + name,
              random -> {
                Thread.sleep(random.nextInt(20));
                index.refresh();
              });
          work.put("searching " + name, random -> requireRight(index, random));
        }
        work.put(
            "opening and closing",
            random -> {
              try (SparseIndex index = SparseIndex.openForVectors(path, MODEL)) {
                Thread closing = closing(index, random);
                try {
                  for (int i = 0; i < 20; i++) {
                    requireRight(index, random);
                    index.refresh();
                  }
                } catch (IllegalStateException e) {
                  assertTrue(e.getMessage().contains("closed"), e.toString());
                }
                closing.join();
              }
            });
        race(work);
      }
    }
    try (SparseIndex index = SparseIndex.openForVectors(path, MODEL)) {
      requireRight(index, new SplittableRandom(seed));
    }
  }

  @Test
  void aModelThatIsClosedWhileItEncodesGivesNoWrongWeight() throws Exception {
    List<String> texts = List.of("a pump", "the engine room of a ship", "citric acid ".repeat(40));
    List<SparseVector> expected = new ArrayList<>();
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      texts.forEach(text -> expected.add(encoder.encodeDocument(text)));
    }
    AtomicReference<LexicalEncoder> current = new AtomicReference<>(LexicalEncoder.openDefault());
    Map<String, Round> work = new HashMap<>();
    for (int i = 0; i < 3; i++) {
      work.put(
          "encoding " + i,
          random -> {
            int text = random.nextInt(texts.size());
            SparseVector vector;
            try {
              vector = current.get().encodeDocument(texts.get(text));
            } catch (IllegalStateException e) {
              assertTrue(e.getMessage().contains("closed"), e.toString());
              return;
            }
            assertEquals(expected.get(text), vector);
          });
    }
    work.put(
        "closing",
        random -> {
          Thread.sleep(random.nextInt(200));
          current.getAndSet(LexicalEncoder.openDefault()).close();
        });
    race(work);
    current.get().close();
  }

  /** Lets every kind of work go on in its own thread, and looks for leaks and for locks. */
  private void race(Map<String, Round> work) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    List<Thread> threads = new ArrayList<>();
    SplittableRandom seeds = new SplittableRandom(seed);
    work.forEach((name, round) -> rounds.put(name, new AtomicLong()));
    for (Map.Entry<String, Round> kind : work.entrySet()) {
      SplittableRandom random = seeds.split();
      threads.add(
          Thread.ofPlatform()
              .name(kind.getKey())
              .start(
                  () -> {
                    while (System.nanoTime() < end && failure.get() == null) {
                      try {
                        kind.getValue().run(random);
                        rounds.get(kind.getKey()).incrementAndGet();
                      } catch (Exception | AssertionError e) {
                        failure.compareAndSet(null, e);
                      }
                    }
                  }));
    }
    ThreadMXBean watch = ManagementFactory.getThreadMXBean();
    Footprint early = null;
    for (int tenth = 1; tenth <= 10 && failure.get() == null; tenth++) {
      Thread.sleep(TimeUnit.SECONDS.toMillis(SECONDS) / 11);
      assertNull(watch.findDeadlockedThreads());
      if (tenth == 4) {
        early = footprint();
      }
    }
    Footprint late = footprint();
    for (Thread thread : threads) {
      thread.join(60_000 + TimeUnit.NANOSECONDS.toMillis(Math.max(0, end - System.nanoTime())));
      assertTrue(!thread.isAlive(), thread.getName() + " does not come to an end, seed " + seed);
    }
    if (failure.get() != null) {
      throw new AssertionError("seed " + seed, failure.get());
    }
    System.out.printf("%s%n%s%n%s, seed %d%n", rounds, early, late, seed);
    rounds.forEach((name, count) -> assertTrue(count.get() > 0, name));
    requireLike(early, late);
  }

  /** It varies with what the threads are at, but must not grow with time. */
  private static void requireLike(Footprint earlier, Footprint now) {
    String both = now + " after " + earlier;
    assertTrue(now.heapBytes() < earlier.heapBytes() + (100L << 20), both);
    assertTrue(now.residentBytes() < earlier.residentBytes() + (400L << 20), both);
    assertTrue(now.openFiles() < earlier.openFiles() + 300, both);
  }

  private static Footprint footprint() throws IOException {
    System.gc();
    return Footprint.now();
  }

  private static Thread closing(SparseIndex index, SplittableRandom random) {
    int millis = random.nextInt(50);
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                Thread.sleep(millis);
                index.close();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private void put(SparseIndexWriter writer, int id, long version) throws IOException {
    writer.put(SparseDocument.of("" + id, "" + version, ""), document(id, version).from(MODEL));
  }

  private SparseVector document(int id, long version) {
    return vector(new SplittableRandom(seed + version * IDS + id), 1 + id % 30);
  }

  private static SparseVector vector(SplittableRandom random, int features) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = 0; i < features; i++) {
      weights.put(
          "f" + random.nextInt(VOCABULARY),
          PostingWeight.round(0.01f + (float) random.nextDouble()));
    }
    return SparseVector.of(weights).from(MODEL);
  }

  /** Holds a search to a brute-force search of the same view. */
  private void requireRight(SparseIndex index, SplittableRandom random) throws IOException {
    SparseVector query = vector(random, 1 + random.nextInt(8));
    int k = 1 + random.nextInt(20);
    index.using(
        searcher -> {
          ScoreDoc[] found =
              searcher.search(new SparseQuery(IndexFields.SPARSE, query), k).scoreDocs;
          List<Float> expected = bruteForce(searcher, query);
          assertEquals(Math.min(k, expected.size()), found.length);
          StoredFields stored = searcher.storedFields();
          for (int i = 0; i < found.length; i++) {
            float score = found[i].score;
            assertEquals(expected.get(i), score, 1e-5f * score);
            assertEquals(query.dot(document(stored, found[i].doc)), score, 1e-5f * score);
          }
          return null;
        });
  }

  private SparseVector document(StoredFields stored, int document) throws IOException {
    return document(
        Integer.parseInt(stored.document(document).get(IndexFields.ID)),
        Long.parseLong(stored.document(document).get(IndexFields.TITLE)));
  }

  /** The scores of all matches, the greatest first. */
  private List<Float> bruteForce(IndexSearcher searcher, SparseVector query) throws IOException {
    List<Float> scores = new ArrayList<>();
    Bits live = MultiBits.getLiveDocs(searcher.getIndexReader());
    StoredFields stored = searcher.storedFields();
    for (int i = 0; i < searcher.getIndexReader().maxDoc(); i++) {
      if (live == null || live.get(i)) {
        float score = query.dot(document(stored, i));
        if (score > 0) {
          scores.add(score);
        }
      }
    }
    scores.sort(Comparator.reverseOrder());
    return scores;
  }
}
