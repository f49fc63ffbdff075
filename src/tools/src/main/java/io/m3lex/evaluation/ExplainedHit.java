/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.List;
import java.util.OptionalInt;

/**
 * A document that was found, and why.
 *
 * @param rank from 1; 0 if it is not in the ranking
 * @param document its id
 * @param score what it is ranked by; 0 if it shares nothing with the query
 * @param grade how relevant it was judged; empty if it was not judged
 * @param text title and text
 * @param contributions what each shared token adds to the score, the greatest first
 */
public record ExplainedHit(
    int rank,
    String document,
    double score,
    OptionalInt grade,
    String text,
    List<Contribution> contributions) {

  /**
   * What a token adds.
   *
   * @param token as people read it
   * @param score its part of the score
   */
  public record Contribution(String token, double score) {}
}
