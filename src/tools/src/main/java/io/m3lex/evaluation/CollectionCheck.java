/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.evaluation.Finding.Kind;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Finds what is doubtful in the files of an evaluation, tells it, and counts it. */
final class CollectionCheck {

  private final EvaluationListener listener;
  private final Map<String, Long> counts = new LinkedHashMap<>();

  CollectionCheck(EvaluationListener listener) {
    this.listener = listener;
  }

  /** Judged queries that have no text, or an empty one. */
  void queries(TestCollection collection) {
    Qrels qrels = collection.qrels();
    for (String id : qrels.queries()) {
      if (!collection.queries().containsKey(id)) {
        find(
            Kind.QUERY_WITHOUT_TEXT,
            qrels.source() + ":" + qrels.lines(id).getFirst(),
            "query %s is judged, but is not in %s".formatted(id, collection.topicsFile()));
      } else if (collection.queries().get(id).text().isBlank()
          && !collection.queryVectors().containsKey(id)) {
        find(
            Kind.EMPTY_QUERY,
            collection.topicsFile() + ":" + collection.queries().get(id).line(),
            "query %s is empty".formatted(id));
      }
    }
  }

  /** Judgments of documents that are not in the corpus. */
  void judgedDocuments(Qrels qrels, Predicate<String> inCollection) {
    for (String query : qrels.queries()) {
      List<Long> lines = qrels.lines(query);
      int i = 0;
      for (String document : qrels.grades(query).keySet()) {
        if (!inCollection.test(document)) {
          find(
              Kind.JUDGED_BUT_MISSING,
              qrels.source() + ":" + lines.get(i),
              "document %s is judged for query %s, but is not in the corpus"
                  .formatted(document, query));
        }
        i++;
      }
    }
  }

  /** Names the documents whose id occurs before; the corpus is read for it, once more. */
  void duplicates(TestCollection collection) throws IOException {
    Map<String, Long> lines = new HashMap<>();
    try (CorpusReader documents = collection.documents()) {
      while (documents.hasNext()) {
        if (documents.next() instanceof CorpusEntry.Document document) {
          Long before = lines.putIfAbsent(document.id(), document.line());
          if (before != null) {
            find(
                Kind.DUPLICATE_DOCUMENT,
                document.source() + ":" + document.line(),
                String.format(
                    Locale.ROOT, "document %s occurs before, on line %d", document.id(), before));
          }
        }
      }
    }
  }

  /** What is doubtful in a run. What is so in the judgments is told without it. */
  void run(Run run, Qrels qrels, Predicate<String> inCollection) {
    for (RunCheck.Finding finding : RunCheck.of(run, qrels, inCollection)) {
      if (finding.kind() != RunCheck.Kind.UNKNOWN_DOCUMENT_IN_QRELS) {
        counts.merge(finding.message(), finding.count(), Long::sum);
        listener.found(finding);
      }
    }
  }

  void find(Kind kind, String place, String what) {
    counts.merge(kind.plural(), 1L, Long::sum);
    listener.found(new Finding(kind, place, what));
  }

  /** What was found so far, in words, with how often. */
  Map<String, Long> counts() {
    return counts;
  }
}
