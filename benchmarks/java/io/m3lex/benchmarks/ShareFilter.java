/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.search.ConstantScoreScorerSupplier;
import org.apache.lucene.search.ConstantScoreWeight;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BitSetIterator;
import org.apache.lucene.util.FixedBitSet;

/**
 * Matches about a share of the documents, chosen by a hash of their numbers; as fast as a filter
 * that is cached.
 */
final class ShareFilter extends Query {

  private final double percent;
  private final Map<Object, FixedBitSet> matches = new ConcurrentHashMap<>();

  ShareFilter(double percent) {
    this.percent = percent;
  }

  private FixedBitSet documents(LeafReaderContext leaf) throws IOException {
    Object key = leaf.reader().getCoreCacheHelper().getKey();
    FixedBitSet cached = matches.get(key);
    if (cached == null) {
      cached = new FixedBitSet(leaf.reader().maxDoc());
      NumericDocValues numbers = leaf.reader().getNumericDocValues(SearchIndexes.NUMBER);
      for (int d = numbers.nextDoc(); d != NumericDocValues.NO_MORE_DOCS; d = numbers.nextDoc()) {
        // Fibonacci hashing: neighbours lie far apart.
        long hash = numbers.longValue() * 0x9E3779B97F4A7C15L >>> 33;
        if (hash % 100_000 < percent * 1_000) {
          cached.set(d);
        }
      }
      matches.put(key, cached);
    }
    return cached;
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode mode, float boost) {
    return new ConstantScoreWeight(this, boost) {
      @Override
      public ScorerSupplier scorerSupplier(LeafReaderContext leaf) throws IOException {
        FixedBitSet set = documents(leaf);
        return ConstantScoreScorerSupplier.fromIterator(
            new BitSetIterator(set, set.cardinality()), score(), mode, leaf.reader().maxDoc());
      }

      @Override
      public boolean isCacheable(LeafReaderContext leaf) {
        return true;
      }
    };
  }

  @Override
  public void visit(QueryVisitor visitor) {
    visitor.visitLeaf(this);
  }

  @Override
  public String toString(String field) {
    return percent + " % of the documents";
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
