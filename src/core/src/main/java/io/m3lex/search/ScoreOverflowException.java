/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.SparseVector;

/**
 * Scores are greater than a float can hold, so that hits cannot be ranked. The weights of a query,
 * of the index, or both, are then far from any that a model gives.
 */
public final class ScoreOverflowException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  ScoreOverflowException(SparseVector query, int document) {
    super(message(query, document));
  }

  private static String message(SparseVector query, int document) {
    SparseVector.Entry greatest = query.entriesByWeight().getFirst();
    return "The score of document number "
        + document
        + " is greater than a float can hold: the query's weights, up to "
        + greatest.weight()
        + " of feature \""
        + greatest.feature()
        + "\", times those that the document has. Divide all weights of the query by the same"
        + " number; that does not change the ranking.";
  }
}
