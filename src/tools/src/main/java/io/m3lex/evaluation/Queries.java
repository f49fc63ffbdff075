/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.List;

/** The queries that a mean is taken over. Queries without a judgment are in neither. */
public enum Queries {
  /**
   * All that have a judgment; those that the run does not answer count as 0, as with trec_eval's
   * {@code -c}. The means of two systems are over the same queries then, and leaving out hard
   * queries does not pay.
   */
  JUDGED,
  /** Those that have a judgment and that the run answers: trec_eval's default. */
  ANSWERED;

  /** These queries, in the order of the judgments. */
  List<String> of(Run run, Qrels qrels) {
    return qrels.queries().stream()
        .filter(query -> this == JUDGED || run.queries().contains(query))
        .toList();
  }
}
