/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import io.m3lex.SparseVector;
import io.m3lex.index.DocumentHit;
import io.m3lex.search.TokenContribution;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A document that was found in a cluster.
 *
 * @param hit as an index in a folder gives it
 * @param weights of the document or its best passage, as they are stored; they state the index's
 *     model
 */
public record ClusterHit(DocumentHit hit, SparseVector weights) {

  /**
   * What each feature adds to the score, the greatest first; among equals in the order of the
   * features.
   *
   * @param query the vector that was searched for
   * @throws io.m3lex.ModelMismatchException if it states another model than the weights
   */
  public List<TokenContribution> contributions(SparseVector query) {
    weights.fingerprint().ifPresent(query::from);
    List<TokenContribution> contributions = new ArrayList<>();
    for (int i = 0; i < query.size(); i++) {
      float weight = weights.weight(query.feature(i));
      if (weight > 0) {
        contributions.add(
            new TokenContribution(
                query.feature(i), query.weight(i), weight, query.weight(i) * weight));
      }
    }
    contributions.sort(
        Comparator.comparingDouble((TokenContribution contribution) -> -contribution.score()));
    return List.copyOf(contributions);
  }
}
