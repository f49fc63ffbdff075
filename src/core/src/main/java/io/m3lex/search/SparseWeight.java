/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.SparseVector;
import java.io.IOException;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.apache.lucene.index.FilterLeafReader;
import org.apache.lucene.index.IndexReader.CacheHelper;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.Terms;
import org.apache.lucene.search.BulkScorer;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.Unwrappable;

/**
 * The weight of a query on an index with bounds. Segments without them are searched by Lucene's
 * queries; these also explain.
 */
final class SparseWeight extends Weight {

  /** Where fewer than one of so many documents are asked for, they are scored one by one. */
  private static final int FEW = 64;

  private final String field;
  private final BytesRef[] features;
  private final float[] weights;
  private final float factor;
  private final Fallback fallback;

  SparseWeight(SparseQuery query, IndexSearcher searcher, ScoreMode mode, float boost) {
    super(query);
    SparseVector vector = query.vector();
    field = query.field();
    factor = query.alpha();
    features = new BytesRef[vector.size()];
    weights = new float[vector.size()];
    for (int i = 0; i < vector.size(); i++) {
      features[i] = new BytesRef(vector.feature(i));
      weights[i] = boosted(vector, i, boost);
    }
    fallback = new Fallback(query.withoutBounds(), searcher, mode, boost);
  }

  private static float boosted(SparseVector vector, int index, float boost) {
    float weight = boost * vector.weight(index);
    if (weight == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "feature \"%s\" of the query has weight %s, which a boost of %s makes greater than a"
                  + " float can hold: use a lower boost",
              vector.feature(index),
              vector.weight(index),
              boost));
    }
    return weight;
  }

  /**
   * The query's terms in a segment.
   *
   * @return null if there are none, or they have no bounds
   */
  BlockMaxTerms terms(LeafReaderContext leaf) throws IOException {
    Terms dictionary = leaf.reader().terms(field);
    if (dictionary == null || features.length > BlockMaxTerms.GREATEST_NUMBER) {
      return null;
    }
    return BlockMaxTerms.of(
        leaf.reader().maxDoc(),
        dictionary,
        sameContent(leaf.reader()) ? Unwrappable::unwrapAll : UnaryOperator.identity(),
        features,
        weights,
        factor);
  }

  /**
   * Whether what wraps a segment changes nothing but which of its documents are live. That is what
   * readers promise that share the segment's key: those that end a search in time, for instance.
   */
  private static boolean sameContent(LeafReader reader) {
    CacheHelper outer = reader.getCoreCacheHelper();
    CacheHelper inner = FilterLeafReader.unwrap(reader).getCoreCacheHelper();
    return outer != null && inner != null && outer.getKey() == inner.getKey();
  }

  @Override
  public ScorerSupplier scorerSupplier(LeafReaderContext leaf) throws IOException {
    if (leaf.reader().terms(field) == null) {
      return null;
    }
    BlockMaxTerms terms = terms(leaf);
    if (terms == null) {
      return fallback.weight().scorerSupplier(leaf);
    }
    return terms.cost() == 0 ? null : new Supplier(terms);
  }

  @Override
  public Explanation explain(LeafReaderContext leaf, int document) throws IOException {
    return fallback.weight().explain(leaf, document);
  }

  @Override
  public boolean isCacheable(LeafReaderContext leaf) {
    return true;
  }

  private static final class Supplier extends ScorerSupplier {
    private final BlockMaxTerms terms;

    Supplier(BlockMaxTerms terms) {
      this.terms = terms;
    }

    @Override
    public Scorer get(long leadCost) throws IOException {
      boolean few = leadCost < Math.min(terms.cost(), terms.maxDoc() / FEW);
      return few ? new BlockMaxTwoPhaseScorer(terms) : new BlockMaxScorer(terms);
    }

    @Override
    public BulkScorer bulkScorer() {
      return new BlockMaxBulkScorer(terms);
    }

    @Override
    public long cost() {
      return terms.cost();
    }
  }

  /** Lucene's queries, made when they are needed. */
  private static final class Fallback {
    private final Query query;
    private final IndexSearcher searcher;
    private final ScoreMode mode;
    private final float boost;
    private Weight weight;

    Fallback(Query query, IndexSearcher searcher, ScoreMode mode, float boost) {
      this.query = query;
      this.searcher = searcher;
      this.mode = mode;
      this.boost = boost;
    }

    synchronized Weight weight() throws IOException {
      if (weight == null) {
        weight = searcher.rewrite(query).createWeight(searcher, mode, boost);
      }
      return weight;
    }
  }
}
