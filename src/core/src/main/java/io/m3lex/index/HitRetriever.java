/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.IOException;
import java.util.List;

/**
 * Finds the hits for a text, in one way that was chosen before: what adapters to frameworks take.
 */
@FunctionalInterface
public interface HitRetriever {

  /**
   * The best hits, the best first.
   *
   * @param query any text; one without features finds nothing
   */
  List<Hit> retrieve(String query) throws IOException;

  /**
   * Finds by sparse vectors.
   *
   * @param index opened with an encoder; stays open
   * @param k greatest number of hits, at least 1
   * @param minScore hits of a lower score are left out; 0 for none
   * @throws IllegalArgumentException if k is less than 1
   */
  static HitRetriever of(SparseIndex index, int k, float minScore) {
    requirePositive(k);
    return query -> index.search(query, k).stream().filter(hit -> hit.score() >= minScore).toList();
  }

  /**
   * Finds by several signals together.
   *
   * @param index opened with an encoder; stays open
   * @param k greatest number of hits, at least 1 and at most the search's candidates
   * @throws IllegalArgumentException if k is less than 1
   */
  static HitRetriever of(SparseIndex index, HybridSearch search, int k) {
    requirePositive(k);
    return query -> index.search(query, search, k, null).stream().map(HybridHit::hit).toList();
  }

  private static void requirePositive(int k) {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
  }
}
