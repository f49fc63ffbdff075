/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import com.sun.management.ThreadMXBean;
import io.m3lex.SparseVector;
import io.m3lex.benchmarks.SearchIndexes.Kind;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.SparseSearcher;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.store.Directory;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Compares searching with m3lex to Lucene's {@code BooleanQuery} of {@code
 * FeatureField.newLinearQuery} and to a full scan: same documents, same queries, one thread, one
 * segment. Every exact result is compared to that of the full scan, score by score. Run by {@code
 * benchmarks/search}.
 */
@CommandLine.Command(name = "search", mixinStandardHelpOptions = true)
public final class SearchBenchmark implements Callable<Integer> {

  private static final int WARM_UP_SECONDS = 5;

  @Mixin private CorpusOptions corpusOptions;

  @Option(names = "--documents", description = "how many (default: 100000)")
  private int documents = 100_000;

  @Option(names = "--folder", required = true, description = "where indexes are kept")
  private Path folder;

  @Option(names = "--queries", description = "how many (default: 500)")
  private int queryCount = 500;

  @Option(names = "--k", split = ",", description = "numbers of hits (default: 10,100,1000)")
  private int[] ks = {10, 100, 1000};

  @Option(names = "--alpha", split = ",", description = "approximations (default: 0.9,0.8,0.7)")
  private float[] alphas = {0.9f, 0.8f, 0.7f};

  @Option(names = "--beta", split = ",", description = "prunings (default: 0.8,0.6)")
  private float[] betas = {0.8f, 0.6f};

  @Option(
      names = "--filter",
      split = ",",
      description = "percents of the documents that filters match (default: 1,50)")
  private double[] filters = {1, 50};

  @Option(names = "--build-rate", description = "measure how fast each codec writes, too")
  private boolean buildRate;

  @Option(names = "--no-scan", description = "leave out the full scan; Lucene is the oracle")
  private boolean noScan;

  @Option(names = "--no-reorder", description = "leave out the reordered indexes")
  private boolean noReorder;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private SearchBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SearchBenchmark()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    VectorCorpus corpus = corpusOptions.corpus(documents);
    Files.createDirectories(folder);
    SearchIndexes indexes = new SearchIndexes(corpus, documents, folder, !noReorder);
    List<SparseVector> queries = corpus.queries(queryCount);
    System.out.printf(
        "%s, %,d documents of %s; %d queries of %.1f features%n",
        corpus.family(),
        documents,
        corpus.description(),
        queries.size(),
        queries.stream().mapToInt(SparseVector::size).average().orElse(0));
    sizes(indexes);
    Map<Kind, DirectoryReader> readers = new EnumMap<>(Kind.class);
    List<Directory> directories = new ArrayList<>();
    try {
      for (Kind kind : indexes.kinds()) {
        directories.add(indexes.open(kind));
        readers.put(kind, DirectoryReader.open(directories.getLast()));
      }
      FullScan scan = noScan ? null : new FullScan(corpus, indexes.order(indexes.best()));
      for (int k : ks) {
        measure(k, queries, methods(readers, scan, indexes.best()));
        for (double percent : filters) {
          measure(k, queries, filtered(readers, indexes.best(), new ShareFilter(percent)));
        }
      }
    } finally {
      for (DirectoryReader reader : readers.values()) {
        reader.close();
      }
      for (Directory directory : directories) {
        directory.close();
      }
    }
    return 0;
  }

  private void sizes(SearchIndexes indexes) throws IOException {
    long postings;
    try (Directory directory = indexes.open(Kind.LUCENE);
        DirectoryReader reader = DirectoryReader.open(directory)) {
      postings = reader.leaves().getFirst().reader().terms(SearchIndexes.FIELD).getSumDocFreq();
    }
    System.out.printf(
        "%,d postings, %.1f of a document%n%n%-28s %14s %18s %10s",
        postings,
        (double) postings / documents,
        "index",
        "bytes",
        "bytes per posting",
        "of Lucene");
    System.out.println(buildRate ? "  documents per s, while not optimizing" : "");
    double rate = 0;
    for (Kind kind : indexes.kinds()) {
      long bytes = indexes.postingsBytes(kind);
      System.out.printf(
          "%-28s %,14d %18.3f %10.3f",
          name(kind),
          bytes,
          (double) bytes / postings,
          (double) bytes / indexes.postingsBytes(Kind.LUCENE));
      if (buildRate && !kind.reordered) {
        // Once more, because the first one warms up.
        indexes.buildRate(kind);
        double measured = indexes.buildRate(kind);
        rate = rate == 0 ? measured : rate;
        System.out.printf("  %,.0f (%.2f)", measured, measured / rate);
      }
      System.out.println();
    }
  }

  private static String name(Kind kind) {
    return kind.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** One way to search. */
  private interface Method {
    ScoreDoc[] search(SparseVector query, int k) throws IOException;
  }

  private Map<String, Method> methods(
      Map<Kind, DirectoryReader> readers, FullScan scan, Kind best) {
    Map<String, Method> methods = new LinkedHashMap<>();
    methods.put("lucene", collecting(readers.get(Kind.LUCENE), SearchBenchmark::lucene));
    if (!noReorder) {
      methods.put(
          "lucene reordered",
          collecting(readers.get(Kind.LUCENE_REORDERED), SearchBenchmark::lucene));
    }
    if (scan != null) {
      methods.put("full scan", scan::search);
    }
    DirectoryReader reordered = readers.get(best);
    methods.put("m3lex", knowing(reordered, query -> query));
    if (!noReorder) {
      methods.put("m3lex not reordered", knowing(readers.get(Kind.M3LEX), query -> query));
    }
    methods.put("m3lex, any collector", collecting(reordered, SearchBenchmark::sparse));
    methods.put("m3lex's index, lucene", collecting(reordered, SearchBenchmark::lucene));
    for (float alpha : alphas) {
      methods.put("m3lex alpha " + alpha, knowing(reordered, query -> query.approximate(alpha)));
    }
    for (float beta : betas) {
      methods.put("m3lex beta " + beta, knowing(reordered, query -> query.pruned(beta)));
    }
    return methods;
  }

  /** With a filter; the first row is Lucene's again. */
  private Map<String, Method> filtered(
      Map<Kind, DirectoryReader> readers, Kind best, Query filter) {
    DirectoryReader reordered = readers.get(best);
    Map<String, Method> methods = new LinkedHashMap<>();
    methods.put(
        "lucene, " + filter, collecting(readers.get(Kind.LUCENE), v -> both(lucene(v), filter)));
    if (!noReorder) {
      methods.put(
          "lucene reordered",
          collecting(readers.get(Kind.LUCENE_REORDERED), v -> both(lucene(v), filter)));
    }
    SparseSearcher searcher = new SparseSearcher(reordered);
    methods.put("m3lex", (v, k) -> searcher.search(both(sparse(v), filter), k).scoreDocs);
    methods.put("m3lex, any collector", collecting(reordered, v -> both(sparse(v), filter)));
    return methods;
  }

  private static Query both(Query scoring, Query filter) {
    return new BooleanQuery.Builder().add(scoring, Occur.MUST).add(filter, Occur.FILTER).build();
  }

  private static SparseQuery sparse(SparseVector vector) {
    return new SparseQuery(SearchIndexes.FIELD, vector);
  }

  private void measure(int k, List<SparseVector> queries, Map<String, Method> methods)
      throws IOException {
    System.out.printf(
        "%n%-28s %9s %9s %9s %9s %7s %7s %10s %9s%n",
        "k = " + k + ", ms", "mean", "p50", "p90", "p99", "x mean", "x p99", "KiB/query", "recall");
    // The last that is there of: Lucene, Lucene in the same order, the full scan.
    Method oracle = methods.values().iterator().next();
    for (String name : List.of("lucene reordered", "full scan")) {
      oracle = methods.getOrDefault(name, oracle);
    }
    List<ScoreDoc[]> expected = new ArrayList<>();
    for (SparseVector query : queries) {
      expected.add(oracle.search(query, k));
    }
    double[] first = null;
    for (Map.Entry<String, Method> method : methods.entrySet()) {
      String name = method.getKey();
      boolean exact = !name.contains("alpha") && !name.contains("beta");
      boolean sameOrder =
          !name.startsWith("lucene,")
              && !name.equals("lucene")
              && !name.equals("m3lex not reordered");
      double recall = 0;
      for (int q = 0; q < queries.size(); q++) {
        ScoreDoc[] found = method.getValue().search(queries.get(q), k);
        if (exact) {
          requireEqual(name, expected.get(q), found, sameOrder);
        }
        recall += recall(expected.get(q), found) / queries.size();
      }
      double[] millis = new double[queries.size()];
      long warm = System.nanoTime() + TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS);
      do {
        for (SparseVector query : queries) {
          method.getValue().search(query, k);
        }
      } while (System.nanoTime() - warm < 0);
      long allocated = threads.getCurrentThreadAllocatedBytes();
      for (int q = 0; q < millis.length; q++) {
        long start = System.nanoTime();
        method.getValue().search(queries.get(q), k);
        millis[q] = (System.nanoTime() - start) / 1e6;
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
      double mean = Arrays.stream(millis).average().orElse(0);
      Arrays.sort(millis);
      if (first == null) {
        first = new double[] {mean, percentile(millis, 99)};
      }
      System.out.printf(
          "%-28s %9.3f %9.3f %9.3f %9.3f %7.1f %7.1f %10.0f %9s%n",
          name,
          mean,
          percentile(millis, 50),
          percentile(millis, 90),
          percentile(millis, 99),
          first[0] / mean,
          first[1] / percentile(millis, 99),
          allocated / 1024.0 / millis.length,
          exact ? "exact" : "%.4f".formatted(recall));
    }
  }

  private static double percentile(double[] sorted, int percent) {
    return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
  }

  /** What Lucene has for the dot product. */
  static Query lucene(SparseVector vector) {
    BooleanQuery.Builder clauses = new BooleanQuery.Builder();
    for (int i = 0; i < vector.size(); i++) {
      clauses.add(
          new BoostQuery(
              FeatureField.newLinearQuery(SearchIndexes.FIELD, vector.feature(i), 1),
              vector.weight(i)),
          Occur.SHOULD);
    }
    return clauses.build();
  }

  private static Method collecting(DirectoryReader reader, Function<SparseVector, Query> query) {
    IndexSearcher searcher = new IndexSearcher(reader);
    // No total hit count, so that it need not go on once the best are certain.
    return (vector, k) ->
        searcher.search(query.apply(vector), new TopScoreDocCollectorManager(k, null, k)).scoreDocs;
  }

  private static Method knowing(DirectoryReader reader, UnaryOperator<SparseQuery> mode) {
    SparseSearcher searcher = new SparseSearcher(reader);
    return (vector, k) -> searcher.search(mode.apply(sparse(vector)), k).scoreDocs;
  }

  private static void requireEqual(
      String name, ScoreDoc[] expected, ScoreDoc[] found, boolean sameOrder) {
    boolean equal = expected.length == found.length;
    for (int i = 0; equal && i < found.length; i++) {
      equal =
          expected[i].score == found[i].score && (!sameOrder || expected[i].doc == found[i].doc);
    }
    if (!equal) {
      throw new IllegalStateException(name + " does not find what the full scan finds");
    }
  }

  private static double recall(ScoreDoc[] expected, ScoreDoc[] found) {
    if (expected.length == 0) {
      return 1;
    }
    Set<Integer> documents = new HashSet<>();
    for (ScoreDoc hit : found) {
      documents.add(hit.doc);
    }
    return Arrays.stream(expected).filter(hit -> documents.contains(hit.doc)).count()
        / (double) expected.length;
  }
}
