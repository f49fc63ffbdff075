/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

/** Is told how far a training is. Called by the thread that trains. */
public interface TrainingListener {
  /**
   * A phase begins.
   *
   * @param total number of units in it, -1 if that is not known
   */
  void begin(String phase, long total);

  /** So many units of the phase are done. */
  void advance(long done);
}
