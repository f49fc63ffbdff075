package io.m3lex.benchmarks;

import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.evaluation.BeirCollection;
import io.m3lex.evaluation.Bm25Ranker;
import io.m3lex.evaluation.Evaluation;
import io.m3lex.evaluation.IndexRanker;
import io.m3lex.evaluation.Measure;
import io.m3lex.evaluation.Ranker;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Prints nDCG@10 of the default model, or the one in the folder that the environment variable
 * {@code M3LEX_MODEL} names, beside Lucene's BM25 (k1 0.9, b 0.4, EnglishAnalyzer), for collections
 * in BEIR layout. Run by {@code benchmarks/relevance}.
 */
public final class Relevance {

  private Relevance() {}

  /** Measures the collections whose folders are given. */
  public static void main(String[] folders) throws IOException {
    String model = System.getenv("M3LEX_MODEL");
    try (LexicalEncoder encoder =
        model == null ? LexicalEncoder.openDefault() : LexicalEncoder.open(Path.of(model))) {
      System.out.println("Model " + encoder.fingerprint() + ", " + encoder.environment());
      System.out.printf(
          "%-12s %9s %9s %9s %9s %8s%n",
          "nDCG@10", "documents", "queries", "m3lex", "BM25", "seconds");
      for (String folder : folders) {
        measure(BeirCollection.open(Path.of(folder)), encoder);
      }
    }
  }

  private static void measure(BeirCollection collection, LexicalEncoder encoder)
      throws IOException {
    long start = System.nanoTime();
    int threads = Runtime.getRuntime().availableProcessors();
    try (CorpusReader documents = collection.documents();
        CorpusReader again = collection.documents();
        SparseIndexWriter writer =
            SparseIndexWriter.open(new ByteBuffersDirectory(), "in memory", encoder, 0);
        Ranker bm25 = new Bm25Ranker(again, new EnglishAnalyzer())) {
      IndexRanker.index(documents, encoder, writer, threads, done -> {});
      int count = writer.documents();
      try (SparseIndex index = writer.openIndex();
          Ranker m3lex = new IndexRanker(index)) {
        System.out.printf(
            Locale.ROOT,
            "%-12s %9d %9d %9.3f %9.3f %8.0f%n",
            collection.name(),
            count,
            collection.judgedQueries().size(),
            Evaluation.mean(m3lex, collection, Measure.NDCG_10),
            Evaluation.mean(bm25, collection, Measure.NDCG_10),
            (System.nanoTime() - start) / 1e9);
      }
    }
  }
}
