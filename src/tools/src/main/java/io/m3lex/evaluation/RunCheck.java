/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Looks for what is doubtful about a run and its judgments, though they can be measured: whoever
 * prints the figures should print it too.
 */
public final class RunCheck {

  /** What may be doubtful. */
  public enum Kind {
    /** A document has a better rank in the file than one with a higher score. Scores decide. */
    RANK_CONTRADICTS_SCORE,
    /** A query of the run has no judgment, and does not count. */
    QUERY_WITHOUT_JUDGMENT,
    /** A judged query has no ranking; it counts as 0, or with {@link Queries#ANSWERED} not. */
    QUERY_WITHOUT_RANKING,
    /** A document of the run is not in the collection. It counts as it was judged, mostly not. */
    UNKNOWN_DOCUMENT_IN_RUN,
    /** A judged document is not in the collection, so that no system can find it. */
    UNKNOWN_DOCUMENT_IN_QRELS
  }

  /**
   * Something that was found.
   *
   * @param kind what it is
   * @param count how often it was found, at least 1
   * @param message what it is, how often, and where first: the file and, where it has one, the line
   */
  public record Finding(Kind kind, long count, String message) {}

  private final String source;
  private final Qrels qrels;
  private final Predicate<String> inCollection;
  private final Set<String> answered = new HashSet<>();
  private final Tally contradictions = new Tally();
  private final Tally unjudged = new Tally();
  private final Tally unknown = new Tally();

  /**
   * Starts a check to which rankings are added one by one.
   *
   * @param source the run's name in messages
   */
  RunCheck(String source, Qrels qrels, Predicate<String> inCollection) {
    this.source = source;
    this.qrels = qrels;
    this.inCollection = inCollection;
  }

  /** Checks a run and its judgments, where the collection's documents are not known. */
  public static List<Finding> of(Run run, Qrels qrels) {
    return of(run, qrels, document -> true);
  }

  /**
   * Checks a run and its judgments.
   *
   * @param inCollection whether a document's id is one of the collection's
   * @return at most one finding of each kind, in the order of the kinds; empty if all is well
   */
  public static List<Finding> of(Run run, Qrels qrels, Predicate<String> inCollection) {
    String source = run.source().isEmpty() ? run.name() : run.source();
    RunCheck check = new RunCheck(source, qrels, inCollection);
    run.queries().forEach(query -> check.add(query, run.rankingOrNull(query)));
    return check.findings();
  }

  /** Checks the ranking of a query. */
  void add(String query, Ranking ranking) {
    answered.add(query);
    if (!qrels.queries().contains(query)) {
      int first = ranking.isEmpty() ? 0 : ranking.line(0);
      for (int i = 1; i < ranking.size(); i++) {
        first = Math.min(first, ranking.line(i));
      }
      unjudged.add(query, first);
    }
    boolean[] contradict = ranking.contradictions();
    for (int i = 0; i < ranking.size(); i++) {
      if (contradict[i]) {
        contradictions.add(ranking.id(i), ranking.line(i));
      }
      if (!inCollection.test(ranking.id(i))) {
        unknown.add(ranking.id(i), ranking.line(i));
      }
    }
  }

  /** What was found in the rankings so far, taken for the whole run, and in the judgments. */
  List<Finding> findings() {
    Tally unanswered = new Tally();
    Tally unknownJudged = new Tally();
    for (String query : qrels.queries()) {
      List<Long> lines = qrels.lines(query);
      if (!answered.contains(query)) {
        unanswered.add(query, lines.getFirst());
      }
      int i = 0;
      for (String document : qrels.grades(query).keySet()) {
        if (!inCollection.test(document)) {
          unknownJudged.add(document, lines.get(i));
        }
        i++;
      }
    }
    List<Finding> findings = new ArrayList<>();
    contradictions.addTo(
        findings,
        Kind.RANK_CONTRADICTS_SCORE,
        source,
        "%d ranks contradict the scores, first that of document %s; the scores decide, as with trec_eval");
    unjudged.addTo(
        findings,
        Kind.QUERY_WITHOUT_JUDGMENT,
        source,
        "%d queries of the run have no judgment and do not count, first %s");
    unanswered.addTo(
        findings,
        Kind.QUERY_WITHOUT_RANKING,
        qrels.source(),
        "%d judged queries have no ranking in " + source.replace("%", "%%") + ", first %s");
    unknown.addTo(
        findings,
        Kind.UNKNOWN_DOCUMENT_IN_RUN,
        source,
        "%d documents of the run are not in the collection, first %s");
    unknownJudged.addTo(
        findings,
        Kind.UNKNOWN_DOCUMENT_IN_QRELS,
        qrels.source(),
        "%d judged documents are not in the collection, first %s");
    return findings;
  }

  /** How often something was found, and where first. */
  private static final class Tally {
    private long count;
    private long firstLine;
    private String first;

    void add(String id, long line) {
      if (count == 0 || line < firstLine) {
        first = id;
        firstLine = line;
      }
      count++;
    }

    void addTo(List<Finding> findings, Kind kind, String source, String message) {
      if (count > 0) {
        String place = firstLine > 0 ? source + ":" + firstLine : source;
        String found = String.format(Locale.ROOT, message, count, first);
        findings.add(new Finding(kind, count, place + ": " + found));
      }
    }
  }
}
