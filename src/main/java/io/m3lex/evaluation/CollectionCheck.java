package io.m3lex.evaluation;

import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.LineReader;
import io.m3lex.corpus.LineReader.Line;
import io.m3lex.evaluation.Finding.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds what is doubtful in the files of an evaluation. Where a line must be named that nobody
 * kept, the file is read again; that happens only if there is something to name.
 */
final class CollectionCheck {

  private final EvaluationListener listener;

  CollectionCheck(EvaluationListener listener) {
    this.listener = listener;
  }

  /** Judged queries that have no text, or an empty one. */
  void queries(TestCollection collection) throws IOException {
    Set<String> missing = new HashSet<>();
    for (String id : collection.qrels().queries()) {
      if (!collection.queries().containsKey(id)) {
        missing.add(id);
      } else if (collection.queries().get(id).text().isBlank()
          && !collection.queryVectors().containsKey(id)) {
        find(
            Kind.EMPTY_QUERY,
            collection.topicsFile() + ":" + collection.queries().get(id).line(),
            "query %s is empty".formatted(id));
      }
    }
    judgments(
        collection,
        (query, document) ->
            missing.remove(query)
                ? new Found(
                    Kind.QUERY_WITHOUT_TEXT,
                    "query %s is judged, but is not in %s"
                        .formatted(query, collection.topicsFile()))
                : null,
        !missing.isEmpty());
  }

  /** Judgments of documents that are not in the corpus. */
  void judgedDocuments(TestCollection collection, Known known) throws IOException {
    Set<String> missing = new HashSet<>();
    for (String query : collection.qrels().queries()) {
      for (String document : collection.qrels().grades(query).keySet()) {
        if (!known.contains(document)) {
          missing.add(document);
        }
      }
    }
    judgments(
        collection,
        (query, document) ->
            missing.contains(document)
                ? new Found(
                    Kind.JUDGED_BUT_MISSING,
                    "document %s is judged for query %s, but is not in the corpus"
                        .formatted(document, query))
                : null,
        !missing.isEmpty());
  }

  /** Reads the judgments again, to name lines. */
  private void judgments(TestCollection collection, Judge judge, boolean needed)
      throws IOException {
    if (!needed || collection.qrelsFile().isEmpty()) {
      return;
    }
    Path file = collection.qrelsFile().get();
    try (LineReader lines = LineReader.open(file)) {
      boolean beir = false;
      for (Line line = lines.next(); line != Line.END; line = lines.next()) {
        beir |= lines.line() == 1 && line.text().startsWith("query-id\t");
        if (!line.text().isBlank()) {
          String[] columns = beir ? line.text().split("\t", -1) : line.text().strip().split("\\s+");
          Found found = judge.of(columns[0].strip(), columns[columns.length - 2].strip());
          if (found != null) {
            find(found.kind, file + ":" + lines.line(), found.what);
          }
        }
      }
    }
  }

  /** Documents whose id occurs before, of which the corpus is known to have some. */
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
                "document %s occurs before, on line %d".formatted(document.id(), before));
          }
        }
      }
    }
  }

  void find(Kind kind, String place, String what) {
    listener.found(new Finding(kind, place, what));
  }

  /** Whether a document is in the corpus. */
  @FunctionalInterface
  interface Known {
    boolean contains(String document) throws IOException;
  }

  /** What is found about a judgment; null if nothing. */
  @FunctionalInterface
  private interface Judge {
    Found of(String query, String document);
  }

  private record Found(Kind kind, String what) {}
}
