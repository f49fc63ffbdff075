/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.BulkScorer;
import org.apache.lucene.search.Explanation;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.ScorerSupplier;
import org.apache.lucene.search.Weight;

/**
 * The weight of a disjunction with more clauses than a {@code BooleanQuery} may have. Scores are
 * sums in double over the clauses' float scores, cast to float, as in Lucene's own disjunctions;
 * nesting these instead would round each partial sum to float.
 */
final class LongDisjunctionWeight extends Weight {

  private final List<Weight> clauses;

  LongDisjunctionWeight(Query query, List<Weight> clauses) {
    super(query);
    this.clauses = clauses;
  }

  @Override
  public ScorerSupplier scorerSupplier(LeafReaderContext leaf) throws IOException {
    List<ScorerSupplier> suppliers = new ArrayList<>();
    long cost = 0;
    for (Weight clause : clauses) {
      ScorerSupplier supplier = clause.scorerSupplier(leaf);
      if (supplier != null) {
        suppliers.add(supplier);
        cost += supplier.cost();
      }
    }
    return suppliers.isEmpty() ? null : new Supplier(suppliers, cost);
  }

  @Override
  public Explanation explain(LeafReaderContext leaf, int document) throws IOException {
    List<Explanation> matches = new ArrayList<>();
    double sum = 0;
    for (Weight clause : clauses) {
      Explanation explanation = clause.explain(leaf, document);
      if (explanation.isMatch()) {
        matches.add(explanation);
        sum += explanation.getValue().floatValue();
      }
    }
    return matches.isEmpty()
        ? Explanation.noMatch("No feature of the query is in the document")
        : Explanation.match((float) sum, "sum of:", matches);
  }

  @Override
  public boolean isCacheable(LeafReaderContext leaf) {
    return true;
  }

  private static final class Supplier extends ScorerSupplier {
    private final List<ScorerSupplier> clauses;
    private final long cost;

    Supplier(List<ScorerSupplier> clauses, long cost) {
      this.clauses = clauses;
      this.cost = cost;
    }

    @Override
    public Scorer get(long leadCost) throws IOException {
      List<Scorer> scorers = scorers(leadCost);
      return scorers.size() == 1 ? scorers.get(0) : new LongDisjunctionScorer(scorers, leadCost);
    }

    @Override
    public BulkScorer bulkScorer() throws IOException {
      return new LongDisjunctionBulkScorer(scorers(Long.MAX_VALUE), cost);
    }

    private List<Scorer> scorers(long leadCost) throws IOException {
      List<Scorer> scorers = new ArrayList<>(clauses.size());
      for (ScorerSupplier clause : clauses) {
        scorers.add(clause.get(leadCost));
      }
      return scorers;
    }

    @Override
    public long cost() {
      return cost;
    }
  }
}
