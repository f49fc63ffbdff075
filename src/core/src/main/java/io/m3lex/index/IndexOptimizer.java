/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.Cancellation;
import io.m3lex.codec.BlockMaxCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SegmentReader;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;

/**
 * Makes a finished index smaller and faster to search: its documents are given new numbers, so that
 * those with the same features lie together, and it is merged into few segments. Needs no model,
 * because no weight changes; the index keeps its identity.
 *
 * <p>The numbers come from recursive graph bisection (Dhulipala et al., <a
 * href="https://arxiv.org/abs/1602.08820">Compressing Graphs and Indexes with Recursive Graph
 * Bisection</a>, KDD 2016; Mackenzie et al., Faster Index Reordering with Bipartite Graph
 * Partitioning, SIGIR 2021), as Lucene implements it.
 *
 * <p>Segments with passages are merged, but their documents keep their numbers, because Lucene
 * keeps a document's passages together.
 *
 * <p>Afterwards documents of equal score come in another order than that in which they were put.
 */
public final class IndexOptimizer {

  private static final double BYTES_PER_MEGABYTE = 1 << 20;

  /** A feature in fewer documents has no say in their order. */
  private static final int LEAST_DOCUMENTS = 16;

  private final int segments;
  private final double megabytes;

  private IndexOptimizer(int segments, double megabytes) {
    this.segments = segments;
    this.megabytes = megabytes;
  }

  /**
   * An optimizer.
   *
   * @param segments greatest number of segments afterwards, at least 1; with several, as many
   *     threads can work on one search
   * @throws IllegalArgumentException if that is less than 1
   */
  public static IndexOptimizer into(int segments) {
    if (segments < 1) {
      throw new IllegalArgumentException("segments must be at least 1: " + segments);
    }
    return new IndexOptimizer(segments, Runtime.getRuntime().maxMemory() / BYTES_PER_MEGABYTE / 2);
  }

  /**
   * An optimizer with a limit for what it holds in memory; half of the heap if none is given.
   *
   * @param limit in MiB, greater than 0
   */
  public IndexOptimizer withMegabytes(double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("megabytes must be greater than 0: " + limit);
    }
    return new IndexOptimizer(segments, limit);
  }

  /**
   * How large an index was and is.
   *
   * @param segmentsBefore number of segments
   * @param bytesBefore all files of the segments
   * @param segmentsAfter number of segments
   * @param bytesAfter all files of the segments
   */
  public record Result(int segmentsBefore, long bytesBefore, int segmentsAfter, long bytesAfter) {}

  /**
   * Optimizes an index. Until this returns, the index is at its last commit, whatever happens; the
   * disk needs room for about twice its size. What is optimized already stays as it is.
   *
   * <p>An interrupt of the calling thread ends it (see {@link Cancellation}), and the index stays
   * as it was.
   *
   * @param progress told the number of bytes written so far
   * @throws IOException if the index is being written by another, is damaged or none of m3lex, or
   *     the disk or the memory is too small
   */
  public Result optimize(Path folder, LongConsumer progress) throws IOException {
    return optimize(IndexFolder.existing(folder), folder.toString(), progress);
  }

  /**
   * Like {@link #optimize(Path, LongConsumer)}, in any Lucene directory.
   *
   * @param directory closed at the end
   * @param location the directory's name in messages
   */
  public Result optimize(Directory directory, String location, LongConsumer progress)
      throws IOException {
    AtomicBoolean cancelled = new AtomicBoolean();
    try (Directory counting = new CountingDirectory(directory, progress, cancelled)) {
      return Shield.callOnce(() -> optimized(counting, location), () -> cancelled.set(true));
    } catch (BPIndexReorderer.NotEnoughRAMException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "Index %s: %.0f MiB of memory are too few to order its documents: %s. Allow more, or more segments.",
              location,
              megabytes,
              e.getMessage()),
          e);
    } catch (IOException e) {
      throw IndexFolder.explained(e, location);
    }
  }

  private Result optimized(Directory directory, String location) throws IOException {
    if (!DirectoryReader.indexExists(directory)) {
      throw new IndexFormatException(
          "There is no index at %s. Build one with m3lex, or name another folder."
              .formatted(location));
    }
    IndexWriterConfig config = new IndexWriterConfig().setCommitOnClose(false);
    config.setOpenMode(IndexWriterConfig.OpenMode.APPEND);
    config.setCodec(new BlockMaxCodec(IndexFields.SPARSE));
    config.setMergePolicy(new ReorderingMergePolicy(this::boundedReorderer));
    // Errors then come to the caller, not to a thread of their own.
    config.setMergeScheduler(new SerialMergeScheduler());
    IndexWriter writer = new IndexWriter(directory, config);
    try {
      Map<String, String> userData = new TreeMap<>();
      Iterable<Map.Entry<String, String>> live = writer.getLiveCommitData();
      if (live != null) {
        live.forEach(entry -> userData.put(entry.getKey(), entry.getValue()));
      }
      // Refuses what is no index of m3lex.
      ModelIdentity identity = ModelIdentity.of(userData, location);
      int segmentsBefore;
      long bytesBefore;
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        identity.requireStatements(reader, IndexFields.OF_MODEL, location);
        segmentsBefore = reader.leaves().size();
        bytesBefore = bytes(reader);
      }
      writer.forceMerge(segments);
      try (DirectoryReader merged = DirectoryReader.open(writer)) {
        // What was merged may have been overwritten meanwhile.
        identity.requireStatements(merged, IndexFields.OF_MODEL, location);
      }
      writer.setLiveCommitData(userData.entrySet());
      writer.commit();
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        return new Result(segmentsBefore, bytesBefore, reader.leaves().size(), bytes(reader));
      }
    } finally {
      writer.rollback();
    }
  }

  private BPIndexReorderer boundedReorderer() {
    BPIndexReorderer reorderer = reorderer();
    reorderer.setRAMBudgetMB(megabytes);
    return reorderer;
  }

  /** Orders documents by their features. */
  static BPIndexReorderer reorderer() {
    BPIndexReorderer reorderer = new BPIndexReorderer();
    reorderer.setFields(Set.of(IndexFields.SPARSE));
    // Lucene's own default leaves out features of fewer than 4,096 documents.
    reorderer.setMinDocFreq(LEAST_DOCUMENTS);
    return reorderer;
  }

  private static long bytes(DirectoryReader reader) throws IOException {
    long bytes = 0;
    for (LeafReaderContext leaf : reader.leaves()) {
      bytes += SegmentSize.of((SegmentReader) leaf.reader()).bytes();
    }
    return bytes;
  }

  /** Tells how many bytes were written, and ends the work when its caller is interrupted. */
  private static final class CountingDirectory extends FilterDirectory {
    private final LongConsumer progress;
    private final AtomicBoolean cancelled;
    private final AtomicLong written = new AtomicLong();

    CountingDirectory(Directory directory, LongConsumer progress, AtomicBoolean cancelled) {
      super(directory);
      this.progress = progress;
      this.cancelled = cancelled;
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      if (cancelled.get()) {
        throw Cancellation.exception();
      }
      IndexOutput output = super.createOutput(name, context);
      return new FilterIndexOutput("counting " + name, name, output) {
        @Override
        public void close() throws IOException {
          long bytes = getFilePointer();
          super.close();
          progress.accept(written.addAndGet(bytes));
        }
      };
    }
  }
}
