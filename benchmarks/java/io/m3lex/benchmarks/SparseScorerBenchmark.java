/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.SparseVector;
import io.m3lex.benchmarks.SearchIndexes.Kind;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.store.Directory;
import org.apache.lucene.util.IOUtils;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One query of 4 to 16 features at a time on generated documents, none of them reordered: {@link
 * SparseSearcher} on the format with bounds beside Lucene's {@code BooleanQuery} on its default
 * codec. Run by {@code benchmarks/jmh}; {@code benchmarks/search} compares more, and checks what is
 * found.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
public class SparseScorerBenchmark {

  /** The number of documents. */
  @Param("100000")
  public int documents;

  /** The number of hits. */
  @Param({"10", "100", "1000"})
  public int k;

  private Path folder;
  private Directory[] directories;
  private DirectoryReader[] readers;
  private IndexSearcher lucene;
  private SparseSearcher m3lex;
  private List<SparseVector> queries;
  private int next;

  /** Writes the indexes. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    VectorCorpus corpus = new LexicalVectors(TokenPassages.generate(documents, 1));
    queries = corpus.queries(500);
    folder = Files.createTempDirectory("m3lex-jmh");
    SearchIndexes indexes = new SearchIndexes(corpus, documents, folder, false);
    directories = new Directory[] {indexes.open(Kind.LUCENE), indexes.open(Kind.M3LEX)};
    readers = new DirectoryReader[directories.length];
    for (int i = 0; i < readers.length; i++) {
      readers[i] = DirectoryReader.open(directories[i]);
    }
    lucene = new IndexSearcher(readers[0]);
    m3lex = new SparseSearcher(readers[1]);
  }

  /** Deletes them. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    IOUtils.close(readers);
    IOUtils.close(directories);
    IOUtils.rm(folder);
  }

  private SparseVector query() {
    next = (next + 1) % queries.size();
    return queries.get(next);
  }

  /** A query by m3lex. */
  @Benchmark
  public TopDocs m3lex() throws IOException {
    return m3lex.search(new SparseQuery(SearchIndexes.FIELD, query()), k);
  }

  /** A query by Lucene. */
  @Benchmark
  public TopDocs lucene() throws IOException {
    return lucene.search(
        SearchBenchmark.lucene(query()), new TopScoreDocCollectorManager(k, null, k));
  }
}
