/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

/**
 * Something doubtful in the files of an evaluation. The evaluation goes on; what it does about it
 * stands with the kind.
 *
 * @param kind what is doubtful
 * @param place file and line, such as {@code qrels/test.tsv:17}; the collection's name where there
 *     is no line
 * @param what the case, in a few words
 */
public record Finding(Kind kind, String place, String what) {

  /** What can be doubtful. */
  public enum Kind {
    /** A record of the corpus is no document; it is not indexed. */
    NO_DOCUMENT("records that are no documents: not indexed"),
    /** The corpus has a document of this id before; the later one takes its place. */
    DUPLICATE_DOCUMENT("documents whose id occurs before: the last one counts"),
    /** A judged document is not in the corpus; it counts as relevant, and nobody can find it. */
    JUDGED_BUT_MISSING("judged documents that are not in the corpus: they count as not found"),
    /** A judged query has no text; every system answers it with nothing. */
    QUERY_WITHOUT_TEXT("judged queries without a text: they count as unanswered"),
    /** A query's text is empty; every system answers it with nothing. */
    EMPTY_QUERY("empty queries: they count as unanswered");

    private final String plural;

    Kind(String plural) {
      this.plural = plural;
    }

    /** What is doubtful and what is done about it, in the plural. */
    public String plural() {
      return plural;
    }
  }

  /** Place and case. */
  @Override
  public String toString() {
    return place + ": " + what;
  }
}
