/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.HybridText;
import io.m3lex.index.HybridSearch.Fusion;
import io.m3lex.search.SparseQuery;
import io.m3lex.search.TextTerms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DoubleValues;
import org.apache.lucene.search.DoubleValuesSource;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.LateInteractionFloatValuesSource;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.search.similarities.BM25Similarity;

/**
 * One query by several signals over one state of an index, for use in {@link SparseIndex#using}.
 * Not safe for use by several threads.
 */
public final class HybridSearcher {

  private static final int RANK_CONSTANT = 60;

  private final IndexSearcher searcher;
  private final HybridSearch search;
  private final HybridText vectors;
  private final Query words;
  private final Query filter;

  /**
   * Prepares a query.
   *
   * @param searcher gets BM25's similarity
   * @param search by what the index holds
   * @param text of the query
   * @param vectors of the query, see {@link SparseIndex#encodeQuery}; the sparse one states the
   *     model of all
   * @param analyzer of the text's language; null if the index has no text
   * @param filter null for none
   * @throws io.m3lex.ModelMismatchException if the vectors state another model than the index's, or
   *     none
   */
  public HybridSearcher(
      IndexSearcher searcher,
      HybridSearch search,
      String text,
      HybridText vectors,
      Analyzer analyzer,
      Query filter)
      throws IOException {
    this.searcher = searcher;
    this.search = search;
    this.vectors = vectors;
    this.filter = filter;
    // Also if a signal is not asked for: documents may have vectors of one kind only.
    for (String field : IndexFields.OF_MODEL) {
      new SparseQuery(field, vectors.encoded().vector()).requireModel(searcher.getIndexReader());
    }
    searcher.setSimilarity(new BM25Similarity(IndexFields.K1, IndexFields.B));
    words = analyzer == null ? MatchNoDocsQuery.INSTANCE : words(text, analyzer);
  }

  private static Query words(String text, Analyzer analyzer) throws IOException {
    Collection<Query> terms = TextTerms.of(text, analyzer, IndexFields.ANALYZED).values();
    // The terms of a query as long as that say the same many times.
    return TextTerms.disjunction(terms.stream().limit(IndexSearcher.getMaxClauseCount()).toList());
  }

  /**
   * A document and what the signals say of it.
   *
   * @param document its number in the index
   * @param score the fused one
   * @param scores without the signals that do not match it
   */
  public record Found(int document, double score, Map<Signal, Float> scores) {}

  /** The best documents, the best first; equal ones by their numbers. */
  public List<Found> best(int k) throws IOException {
    Map<Signal, ScoreDoc[]> lists = new EnumMap<>(Signal.class);
    TreeSet<Integer> union = new TreeSet<>();
    for (Signal signal : search.weights().keySet()) {
      if (signal != Signal.TOKENS) {
        ScoreDoc[] list = searcher.search(retrieval(signal), candidates()).scoreDocs;
        lists.put(signal, list);
        Arrays.stream(list).forEach(found -> union.add(found.doc));
      }
    }
    int[] documents = union.stream().mapToInt(document -> document).toArray();
    Map<Signal, float[]> scores = new EnumMap<>(Signal.class);
    for (Signal signal : search.weights().keySet()) {
      scores.put(signal, scores(signal, documents));
    }
    double[] fused =
        search.fusion() == Fusion.RECIPROCAL_RANK
            ? byRank(documents, lists, scores)
            : bySum(documents.length, scores);
    return IntStream.range(0, documents.length)
        .boxed()
        // Stable, so that equal ones stay in the order of the documents.
        .sorted(Comparator.comparingDouble(i -> -fused[i]))
        .limit(k)
        .map(i -> new Found(documents[i], fused[i], scoresOf(i, scores)))
        .toList();
  }

  private int candidates() {
    return Math.min(search.candidates(), Math.max(1, searcher.getIndexReader().maxDoc()));
  }

  private static Map<Signal, Float> scoresOf(int position, Map<Signal, float[]> scores) {
    Map<Signal, Float> own = new EnumMap<>(Signal.class);
    scores.forEach(
        (signal, all) -> {
          if (!Float.isNaN(all[position])) {
            own.put(signal, all[position]);
          }
        });
    return own;
  }

  private Query retrieval(Signal signal) {
    if (signal == Signal.DENSE) {
      return vectors.dense().length == 0
          ? MatchNoDocsQuery.INSTANCE
          : new KnnFloatVectorQuery(IndexFields.DENSE, vectors.dense(), candidates(), filter);
    }
    Query query = matching(signal);
    return filter == null
        ? query
        : new BooleanQuery.Builder().add(query, Occur.MUST).add(filter, Occur.FILTER).build();
  }

  private Query matching(Signal signal) {
    return signal == Signal.SPARSE
        ? new SparseQuery(IndexFields.SPARSE, vectors.encoded().vector())
        : words;
  }

  /**
   * The scores of documents, whichever signal found them.
   *
   * @param documents ascending
   * @return not a number where the signal does not match the document
   */
  private float[] scores(Signal signal, int[] documents) throws IOException {
    float[] scores = new float[documents.length];
    Arrays.fill(scores, Float.NaN);
    boolean none =
        signal == Signal.DENSE && vectors.dense().length == 0
            || signal == Signal.TOKENS && vectors.tokens().length == 0;
    if (none) {
      return scores;
    }
    Weight weight =
        signal == Signal.DENSE || signal == Signal.TOKENS
            ? null
            : searcher.createWeight(searcher.rewrite(matching(signal)), ScoreMode.COMPLETE, 1);
    List<LeafReaderContext> leaves = searcher.getIndexReader().leaves();
    for (int from = 0; from < documents.length; ) {
      LeafReaderContext leaf = leaves.get(ReaderUtil.subIndex(documents[from], leaves));
      int to = from;
      while (to < documents.length && documents[to] < leaf.docBase + leaf.reader().maxDoc()) {
        to++;
      }
      if (weight == null) {
        addSimilarities(signal, leaf, documents, from, to, scores);
      } else {
        addScores(weight, leaf, documents, from, to, scores);
      }
      from = to;
    }
    return scores;
  }

  private static void addScores(
      Weight weight, LeafReaderContext leaf, int[] documents, int from, int to, float[] scores)
      throws IOException {
    ScorerSupplier supplier = weight.scorerSupplier(leaf);
    if (supplier == null) {
      return;
    }
    Scorer scorer = supplier.get(to - from);
    for (int i = from; i < to; i++) {
      int document = documents[i] - leaf.docBase;
      if (scorer.docID() < document) {
        scorer.iterator().advance(document);
      }
      if (scorer.docID() == document) {
        scores[i] = scorer.score();
      }
    }
  }

  private void addSimilarities(
      Signal signal, LeafReaderContext leaf, int[] documents, int from, int to, float[] scores)
      throws IOException {
    DoubleValues values =
        signal == Signal.DENSE
            ? DoubleValuesSource.similarityToQueryVector(leaf, vectors.dense(), IndexFields.DENSE)
            : new LateInteractionFloatValuesSource(
                    IndexFields.TOKEN_VECTORS,
                    vectors.tokens(),
                    VectorSimilarityFunction.DOT_PRODUCT)
                .getValues(leaf, null);
    int parts = signal == Signal.DENSE ? 1 : vectors.tokens().length;
    for (int i = from; i < to; i++) {
      if (values != null && values.advanceExact(documents[i] - leaf.docBase)) {
        // Lucene's similarity of a dot product is half of it and a half.
        scores[i] = (float) (2 * values.doubleValue() / parts - 1);
      }
    }
  }

  private double[] byRank(
      int[] documents, Map<Signal, ScoreDoc[]> lists, Map<Signal, float[]> scores) {
    double[] fused = new double[documents.length];
    search
        .weights()
        .forEach(
            (signal, weight) -> {
              List<Integer> ranking = new ArrayList<>();
              if (signal == Signal.TOKENS) {
                float[] tokens = scores.get(signal);
                IntStream.range(0, documents.length)
                    .filter(i -> !Float.isNaN(tokens[i]))
                    .boxed()
                    .sorted(Comparator.comparingDouble(i -> -tokens[i]))
                    .forEach(ranking::add);
              } else {
                Arrays.stream(lists.get(signal))
                    .forEach(found -> ranking.add(Arrays.binarySearch(documents, found.doc)));
              }
              for (int rank = 1; rank <= ranking.size(); rank++) {
                fused[ranking.get(rank - 1)] += weight / (RANK_CONSTANT + rank);
              }
            });
    return fused;
  }

  private double[] bySum(int documents, Map<Signal, float[]> scores) {
    double[] fused = new double[documents];
    boolean normalized = search.fusion() == Fusion.NORMALIZED_SUM;
    double total = search.weights().values().stream().mapToDouble(weight -> weight).sum();
    search
        .weights()
        .forEach(
            (signal, weight) -> {
              float[] own = scores.get(signal);
              double least = Double.POSITIVE_INFINITY;
              double greatest = Double.NEGATIVE_INFINITY;
              for (float score : own) {
                if (!Float.isNaN(score)) {
                  least = Math.min(least, score);
                  greatest = Math.max(greatest, score);
                }
              }
              for (int i = 0; i < own.length; i++) {
                if (!Float.isNaN(own[i])) {
                  double share = greatest > least ? (own[i] - least) / (greatest - least) : 1;
                  fused[i] += normalized ? weight * share / total : weight * own[i];
                }
              }
            });
    return fused;
  }
}
