/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.SparseVector;
import io.m3lex.codec.BlockMaxCodec;
import io.m3lex.codec.PostingWeight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.index.CodecReader;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;

/**
 * The indexes of one corpus: by codec, and by the order of the documents, that in which they come
 * or that of recursive graph bisection. Each has one segment. Those that a folder has are taken as
 * they are.
 */
final class SearchIndexes {

  static final String FIELD = "sparse";
  static final String NUMBER = "number";
  private static final int RATED = 200_000;
  private static final int BATCH = 5_000;
  private static final Set<String> POSTINGS =
      Set.of("doc", "psm", "tim", "tip", "tmd", "bmd", "bmb", "bmm");

  /** An index. */
  enum Kind {
    LUCENE(false, false),
    LUCENE_REORDERED(false, true),
    M3LEX(true, false),
    M3LEX_REORDERED(true, true);

    final boolean bounds;
    final boolean reordered;

    Kind(boolean bounds, boolean reordered) {
      this.bounds = bounds;
      this.reordered = reordered;
    }

    Codec codec() {
      return bounds ? new BlockMaxCodec(FIELD) : Codec.getDefault();
    }
  }

  private final VectorCorpus corpus;
  private final int documents;
  private final Path folder;
  private final boolean reordered;

  SearchIndexes(VectorCorpus corpus, int documents, Path folder, boolean reordered)
      throws IOException {
    this.corpus = corpus;
    this.documents = documents;
    this.folder = folder;
    this.reordered = reordered;
    if (!Files.exists(path(Kind.LUCENE))) {
      build(path(Kind.LUCENE));
    }
    if (reordered && !Files.exists(path(Kind.LUCENE_REORDERED))) {
      reorder();
    }
    if (!Files.exists(path(Kind.M3LEX))) {
      copy(Kind.LUCENE, Kind.M3LEX);
    }
    if (reordered && !Files.exists(path(Kind.M3LEX_REORDERED))) {
      copy(Kind.LUCENE_REORDERED, Kind.M3LEX_REORDERED);
    }
  }

  /** Those that there are. */
  List<Kind> kinds() {
    return Arrays.stream(Kind.values()).filter(kind -> reordered || !kind.reordered).toList();
  }

  /** That with bounds, and reordered if any is. */
  Kind best() {
    return reordered ? Kind.M3LEX_REORDERED : Kind.M3LEX;
  }

  private Path path(Kind kind) {
    String name = kind.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    return folder.resolve(corpus.family() + "-" + documents).resolve(name);
  }

  Directory open(Kind kind) throws IOException {
    return new MMapDirectory(path(kind));
  }

  private static IndexWriterConfig config(Codec codec) {
    IndexWriterConfig config = new IndexWriterConfig().setCodec(codec).setUseCompoundFile(false);
    config.setRAMBufferSizeMB(256).setMergeScheduler(new SerialMergeScheduler());
    LogDocMergePolicy neighbours = new LogDocMergePolicy();
    neighbours.setNoCFSRatio(0);
    return config.setMergePolicy(neighbours);
  }

  private Document document(int number) {
    SparseVector vector = corpus.document(number);
    Document document = new Document();
    document.add(new NumericDocValuesField(NUMBER, number));
    for (int i = 0; i < vector.size(); i++) {
      document.add(
          new FeatureField(FIELD, vector.feature(i), PostingWeight.round(vector.weight(i))));
    }
    return document;
  }

  private void build(Path path) throws IOException {
    Path unfinished = Files.createDirectories(path.resolveSibling(path.getFileName() + ".new"));
    try (Directory directory = new MMapDirectory(unfinished)) {
      add(directory, config(Codec.getDefault()), documents, true);
    }
    Files.move(unfinished, path);
  }

  /** Returns the documents per second, without the time that it takes to make their vectors. */
  private double add(Directory directory, IndexWriterConfig config, int count, boolean merge)
      throws IOException {
    config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
    long nanos = 0;
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      List<Document> batch = new ArrayList<>(BATCH);
      for (int d = 0; d < count; ) {
        batch.clear();
        while (d < count && batch.size() < BATCH) {
          batch.add(document(d++));
        }
        long start = System.nanoTime();
        for (Document document : batch) {
          writer.addDocument(document);
        }
        nanos += System.nanoTime() - start;
      }
      long start = System.nanoTime();
      writer.commit();
      nanos += System.nanoTime() - start;
      if (merge) {
        writer.forceMerge(1);
      }
    }
    return count / (nanos / 1e9);
  }

  /** Documents per second with a codec, merges of small segments included. */
  double buildRate(Kind kind) throws IOException {
    Path path = Files.createTempDirectory(folder, "rate");
    try (Directory directory = new MMapDirectory(path)) {
      double rate = add(directory, config(kind.codec()), Math.min(RATED, documents), false);
      for (String file : directory.listAll()) {
        directory.deleteFile(file);
      }
      return rate;
    }
  }

  private void reorder() throws IOException {
    BPIndexReorderer reorderer = new BPIndexReorderer();
    reorderer.setFields(Set.of(FIELD));
    reorderer.setMinDocFreq(16);
    reorderer.setRAMBudgetMB(Runtime.getRuntime().maxMemory() / (double) (1 << 20) / 2);
    long start = System.nanoTime();
    try (Directory directory = open(Kind.LUCENE);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      CodecReader reordered =
          reorderer.reorder(
              (CodecReader) reader.leaves().getFirst().reader(),
              directory,
              ForkJoinPool.commonPool());
      write(reordered, Kind.LUCENE_REORDERED);
    }
    System.out.printf("Reordered in %.0f s%n", (System.nanoTime() - start) / 1e9);
  }

  private void copy(Kind from, Kind to) throws IOException {
    try (Directory directory = open(from);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      write((CodecReader) reader.leaves().getFirst().reader(), to);
    }
  }

  private void write(CodecReader reader, Kind kind) throws IOException {
    Path unfinished =
        Files.createDirectories(path(kind).resolveSibling(path(kind).getFileName() + ".new"));
    IndexWriterConfig config = config(kind.codec()).setMergePolicy(NoMergePolicy.INSTANCE);
    config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
    try (Directory directory = new MMapDirectory(unfinished);
        IndexWriter writer = new IndexWriter(directory, config)) {
      writer.addIndexes(reader);
      writer.commit();
    }
    Files.move(unfinished, path(kind));
  }

  /** The bytes of the files of postings, terms and bounds. */
  long postingsBytes(Kind kind) throws IOException {
    long bytes = 0;
    try (Directory directory = open(kind)) {
      for (String file : directory.listAll()) {
        String extension = IndexFileNames.getExtension(file);
        if (extension != null && POSTINGS.contains(extension)) {
          bytes += directory.fileLength(file);
        }
      }
    }
    return bytes;
  }

  /** The corpus's number of each of an index's documents. */
  int[] order(Kind kind) throws IOException {
    try (Directory directory = open(kind);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      NumericDocValues numbers = reader.leaves().getFirst().reader().getNumericDocValues(NUMBER);
      int[] order = new int[reader.maxDoc()];
      for (int d = 0; d < order.length; d++) {
        numbers.advanceExact(d);
        order[d] = (int) numbers.longValue();
      }
      return order;
    }
  }
}
