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
    EMPTY_QUERY("empty queries: they count as unanswered"),
    /** A run answers a query that is not judged; the ranking does not count. */
    UNJUDGED_QUERY("queries of runs that are not judged: they do not count"),
    /** A run does not answer a judged query, which counts 0. */
    UNANSWERED_QUERY("judged queries that a run does not answer: they count 0"),
    /** A document of a run is not in the corpus; it counts as not relevant. */
    FOUND_BUT_MISSING("documents of runs that are not in the corpus: they count as not relevant"),
    /** A run's ranks are in another order than its scores, which count. */
    RANK_AGAINST_SCORE("lines of runs whose rank contradicts the score: the score counts");

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
