/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.Locale;

/**
 * What becomes of a document whose id is the query's. In collections such as ArguAna and Quora the
 * query is itself a document; BEIR leaves it out of the ranking before it measures.
 */
public enum IdenticalIds {
  /** Leave it out where it has the query's text, so that it is the query and not a namesake. */
  AUTO,
  /** Leave it out of every ranking, as BEIR does. */
  LEAVE_OUT,
  /** Keep it, as trec_eval does. */
  KEEP;

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
