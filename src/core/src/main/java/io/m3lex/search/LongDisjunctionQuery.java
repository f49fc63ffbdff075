/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.SparseVector;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.search.Weight;
import org.apache.lucene.util.BytesRef;

/** A disjunction of more feature queries than a {@code BooleanQuery} may have clauses. */
final class LongDisjunctionQuery extends Query {

  private final String field;
  private final SparseVector vector;

  LongDisjunctionQuery(String field, SparseVector vector) {
    this.field = field;
    this.vector = vector;
  }

  @Override
  public Weight createWeight(IndexSearcher searcher, ScoreMode scoreMode, float boost)
      throws IOException {
    if (!scoreMode.needsScores()) {
      return matches(field, vector, searcher, scoreMode, boost);
    }
    List<Weight> weights = new ArrayList<>(vector.size());
    for (int i = 0; i < vector.size(); i++) {
      weights.add(
          SparseQuery.featureQuery(field, vector, i).createWeight(searcher, scoreMode, boost));
    }
    return new LongDisjunctionWeight(this, weights);
  }

  /** Finds the documents that have a feature of a vector, without scores. */
  static Weight matches(
      String field, SparseVector vector, IndexSearcher searcher, ScoreMode scoreMode, float boost)
      throws IOException {
    List<BytesRef> features = new ArrayList<>(vector.size());
    for (int i = 0; i < vector.size(); i++) {
      features.add(new BytesRef(vector.feature(i)));
    }
    Query matches = searcher.rewrite(new TermInSetQuery(field, features));
    return matches.createWeight(searcher, scoreMode, boost);
  }

  @Override
  public void visit(QueryVisitor visitor) {
    if (visitor.acceptField(field)) {
      visitor.visitLeaf(this);
    }
  }

  @Override
  public boolean equals(Object object) {
    return sameClassAs(object)
        && field.equals(((LongDisjunctionQuery) object).field)
        && vector.equals(((LongDisjunctionQuery) object).vector);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * classHash() + field.hashCode()) + vector.hashCode();
  }

  @Override
  public String toString(String defaultField) {
    return new SparseQuery(field, vector).toString(defaultField);
  }
}
