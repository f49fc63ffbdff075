/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.lucene.search.DisiWrapper;
import org.apache.lucene.search.DisjunctionDISIApproximation;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.Scorer;

/** Goes through a long disjunction document by document: what conjunctions with it need. */
final class LongDisjunctionScorer extends Scorer {

  private final DisjunctionDISIApproximation iterator;

  LongDisjunctionScorer(List<Scorer> clauses, long leadCost) {
    List<DisiWrapper> wrappers = new ArrayList<>(clauses.size());
    for (Scorer clause : clauses) {
      wrappers.add(new DisiWrapper(clause, false));
    }
    this.iterator = DisjunctionDISIApproximation.of(wrappers, leadCost);
  }

  @Override
  public int docID() {
    return iterator.docID();
  }

  @Override
  public DocIdSetIterator iterator() {
    return iterator;
  }

  @Override
  public float score() throws IOException {
    double sum = 0;
    for (DisiWrapper clause = iterator.topList(); clause != null; clause = clause.next) {
      sum += clause.scorer.score();
    }
    return (float) sum;
  }

  @Override
  public float getMaxScore(int upTo) throws IOException {
    return Float.POSITIVE_INFINITY;
  }

  @Override
  public Collection<ChildScorable> getChildren() throws IOException {
    List<ChildScorable> children = new ArrayList<>();
    for (DisiWrapper clause = iterator.topList(); clause != null; clause = clause.next) {
      children.add(new ChildScorable(clause.scorer, "SHOULD"));
    }
    return children;
  }
}
