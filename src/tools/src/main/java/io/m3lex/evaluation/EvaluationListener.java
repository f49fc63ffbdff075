/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

/**
 * Told how far an evaluation is and what is doubtful, and asked whether to go on. Called by the
 * thread that evaluates.
 */
public interface EvaluationListener {

  /** Something is doubtful; an exception ends the evaluation. */
  default void found(Finding finding) {}

  /** Something is doubtful about a run; an exception ends the evaluation. */
  default void found(RunCheck.Finding finding) {}

  /**
   * Documents are left out of rankings because they are the query itself.
   *
   * @param queries number of queries that this is so of
   * @see IdenticalIds
   */
  default void leftOut(int queries) {}

  /**
   * How far a part of the work is.
   *
   * @param task what is done, in a word or two
   * @param unit what is counted
   * @param done number of units that are done
   * @param total number of units, -1 if that is not known
   */
  default void progress(String task, String unit, long done, long total) {}

  /** Whether the evaluation shall end; it ends with a {@code CancellationException}. */
  default boolean stopped() {
    return false;
  }
}
