/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.Footprint;
import io.m3lex.SparseVector;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.evaluation.TestCollection;
import io.m3lex.index.Hit;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * Writes and searches without a pause: texts are encoded and put by one thread, which commits every
 * 200, and searched by others, each for a text of its own. There are so many ids, and old documents
 * make room for new ones, so that the index stays as large as it is when every id has been used.
 * One search in 200 has a hit's score compared to that of its text encoded again. Once a minute it
 * says what it did and holds. Run by {@code benchmarks/soak}.
 */
@CommandLine.Command(name = "soak", mixinStandardHelpOptions = true)
public final class Soak implements Callable<Integer> {

  private static final int COMMIT_EVERY = 200;
  private static final int K = 10;

  @Option(names = "--folder", required = true, description = "in which the index is made")
  private Path parent;

  @Option(names = "--minutes", description = "how long (default: 60)")
  private int minutes = 60;

  @Option(names = "--ids", description = "how many documents there are at once (default: 50000)")
  private int ids = 50_000;

  @Option(names = "--searchers", description = "threads that search (default: 1)")
  private int searchers = 1;

  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final List<String> sentences = new ArrayList<>();
  private long written;
  private List<Long> nanos = new ArrayList<>();
  private long checked;
  private volatile boolean ended;

  private Soak() {}

  /** What was done in a minute, and what the program holds at its end. */
  private record Minute(long written, int searched, double p50, double p99, Footprint footprint) {}

  /** Runs it. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    System.exit(new CommandLine(new Soak()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    try (CorpusReader reader = TestCollection.sample().documents()) {
      while (reader.hasNext()) {
        if (reader.next() instanceof CorpusEntry.Document document) {
          sentences.addAll(List.of(document.text().split("(?<=[.?!]) ")));
        }
      }
    }
    Files.createDirectories(parent);
    Path folder = Files.createTempDirectory(parent, "soak-");
    List<Minute> course = new ArrayList<>();
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("0", sentences.getFirst()));
      writer.commit();
      List<Thread> threads = new ArrayList<>();
      threads.add(started(() -> write(writer)));
      for (int i = 0; i < searchers; i++) {
        int seed = i;
        threads.add(started(() -> search(folder, encoder, new SplittableRandom(seed))));
      }
      System.out.printf(
          "%6s %10s %10s %8s %8s %8s  %s%n",
          "minute", "written/s", "searches/s", "p50 ms", "p99", "MB", "program");
      for (int minute = 1; minute <= minutes && failure.get() == null; minute++) {
        TimeUnit.MINUTES.sleep(1);
        course.add(minute(minute, folder));
      }
      ended = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
    if (failure.get() != null) {
      failure.get().printStackTrace();
      return 1;
    }
    return verdict(course);
  }

  private Minute minute(int number, Path folder) throws IOException {
    Minute minute;
    synchronized (this) {
      long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
      minute =
          new Minute(
              written,
              sorted.length,
              sorted.length == 0 ? 0 : sorted[sorted.length / 2] / 1e6,
              sorted.length == 0 ? 0 : sorted[sorted.length * 99 / 100] / 1e6,
              Footprint.now());
      written = 0;
      nanos = new ArrayList<>();
    }
    long bytes = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        bytes += file.toFile().length();
      }
    }
    System.out.printf(
        "%6d %10.1f %10.1f %8.1f %8.1f %8d  %s%n",
        number,
        minute.written / 60.0,
        minute.searched / 60.0,
        minute.p50,
        minute.p99,
        bytes >> 20,
        minute.footprint);
    return minute;
  }

  /** Compares the last third with the one before: by the end nothing may grow or slow down. */
  private int verdict(List<Minute> course) {
    System.out.printf("%,d scores compared, none wrong%n", checked);
    int third = course.size() / 3;
    if (third == 0) {
      return 0;
    }
    List<Minute> middle = course.subList(course.size() - 2 * third, course.size() - third);
    List<Minute> last = course.subList(course.size() - third, course.size());
    double resident = mean(last, 0) / mean(middle, 0);
    double p99 = mean(last, 1) / mean(middle, 1);
    double rate = mean(last, 2) / mean(middle, 2);
    System.out.printf(
        "last third of the time against the second: resident memory %.3f, p99 %.3f, searches/s %.3f%n",
        resident, p99, rate);
    return resident > 1.05 || p99 > 1.2 || rate < 0.85 ? 1 : 0;
  }

  private static double mean(List<Minute> course, int what) {
    return course.stream()
        .mapToDouble(
            minute ->
                switch (what) {
                  case 0 -> minute.footprint.residentBytes();
                  case 1 -> minute.p99;
                  default -> minute.searched;
                })
        .average()
        .orElseThrow();
  }

  /** A thread's work. */
  private interface Work {
    void run() throws Exception;
  }

  private Thread started(Work work) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                work.run();
              } catch (Exception | AssertionError e) {
                failure.compareAndSet(null, e);
              }
            });
  }

  private boolean goesOn() {
    return failure.get() == null && !ended;
  }

  private void write(SparseIndexWriter writer) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (long number = 0; goesOn(); number++) {
      writer.put(SparseDocument.of("" + number % ids, text(random, 3)));
      if (number % COMMIT_EVERY == 0) {
        writer.commit();
      }
      synchronized (this) {
        written++;
      }
    }
  }

  private void search(Path folder, LexicalEncoder encoder, SplittableRandom random)
      throws IOException {
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      for (long number = 0; goesOn(); number++) {
        String query = text(random, 1);
        long start = System.nanoTime();
        index.refresh();
        List<Hit> hits = index.search(query, K);
        long end = System.nanoTime();
        if (number % COMMIT_EVERY == 0 && !hits.isEmpty()) {
          check(encoder, query, hits.get(random.nextInt(hits.size())));
        }
        synchronized (this) {
          nanos.add(end - start);
        }
      }
    }
  }

  private void check(LexicalEncoder encoder, String query, Hit hit) {
    SparseVector document = encoder.encodeDocument(hit.text());
    float expected = encoder.encodeQuery(query).dot(document);
    // Postings keep about eight bits of a weight.
    if (Math.abs(hit.score() - expected) > 0.01f * expected) {
      throw new AssertionError(
          "document %s: score %s instead of %s".formatted(hit.id(), hit.score(), expected));
    }
    synchronized (this) {
      checked++;
    }
  }

  private String text(SplittableRandom random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(sentences.get(random.nextInt(sentences.size()))).append(' ');
    }
    return text.append(random.nextInt(1_000)).toString();
  }
}
