/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

/**
 * How often a random test goes round: as often as it says, or {@code -Dm3lex.rounds} percent of
 * that, for instance when mutation testing runs it again for every mutant.
 */
public final class Rounds {

  private static final int PERCENT = Integer.getInteger("m3lex.rounds", 100);

  private Rounds() {}

  /** The rounds instead of so many, at least one. */
  public static int of(int usual) {
    return Math.max(1, usual * PERCENT / 100);
  }
}
