/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.EncodedText;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.corpus.VectorLines;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Counts what became of the records of an input, and tells of those that are no documents. */
final class EncodingReport {

  /** More faults are counted, but not printed. */
  private static final int PRINTED_FAULTS = 20;

  private final PrintWriter err;
  private final boolean strict;
  private final long start = System.nanoTime();
  private long documents;
  private long faults;
  private long tokens;
  private long withoutFeatures;
  private long windowed;
  private long truncated;
  private long droppedTokens;

  /**
   * Counts nothing yet.
   *
   * @param strict whether the first fault ends the command
   */
  EncodingReport(PrintWriter err, boolean strict) {
    this.err = err;
    this.strict = strict;
  }

  /**
   * Counts a record.
   *
   * @param encoded null for a fault
   * @return whether it is a document
   */
  boolean take(CorpusEntry entry, EncodedText encoded) {
    if (entry instanceof CorpusEntry.Fault fault) {
      take(fault);
      return false;
    }
    documents++;
    tokens += encoded.tokens();
    withoutFeatures += encoded.vector().isEmpty() ? 1 : 0;
    windowed += encoded.windows() > 1 ? 1 : 0;
    truncated += encoded.droppedTokens() > 0 ? 1 : 0;
    droppedTokens += encoded.droppedTokens();
    return true;
  }

  void take(CorpusEntry.Fault fault) {
    faults++;
    if (strict) {
      throw new CommandException(fault + " (stopped, because of --strict)");
    }
    if (faults <= PRINTED_FAULTS) {
      err.println("m3lex: " + fault);
    } else if (faults == PRINTED_FAULTS + 1) {
      err.println("m3lex: further records that are not documents are only counted");
    }
  }

  /**
   * Counts a record of a file of vectors.
   *
   * @return null for a fault
   */
  VectorLines.VectorDocument take(VectorLines.Entry entry) {
    if (entry instanceof VectorLines.VectorFault fault) {
      take(fault.fault());
      return null;
    }
    VectorLines.VectorDocument record = (VectorLines.VectorDocument) entry;
    take(
        new CorpusEntry.Document(
            record.source(), record.line(), record.id(), "", record.contents()),
        new EncodedText(record.vector(), 0, 1, 0));
    return record;
  }

  /** Tells what should be known about an input that has been read. */
  void tell(CorpusReader reader) {
    reader.notes().forEach(note -> err.println("m3lex: " + note));
  }

  /** Inputs that hold records, but not one document, are a mistake. */
  int outcome() {
    return documents == 0 && faults > 0 ? Main.PROBLEM : Main.GOOD;
  }

  long records() {
    return documents + faults;
  }

  /** The counts by name, for {@code --json}. */
  Map<String, Object> asMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("documents", documents);
    map.put("tokens", tokens);
    map.put("seconds", (System.nanoTime() - start) / 1e9);
    map.put("withoutFeatures", withoutFeatures);
    map.put("windowed", windowed);
    map.put("truncated", truncated);
    map.put("droppedTokens", droppedTokens);
    map.put("faults", faults);
    return map;
  }

  void print(PrintWriter out) {
    double seconds = (System.nanoTime() - start) / 1e9;
    out.println(
        String.format(
            Locale.ROOT,
            "%s, %s in %.1f s (%,.0f documents/s, %,.0f tokens/s)",
            Plural.of(documents, "document", "documents"),
            Plural.of(tokens, "token", "tokens"),
            seconds,
            documents / seconds,
            tokens / seconds));
    if (withoutFeatures > 0) {
      out.println(
          Plural.of(
              withoutFeatures,
              "document has no features: it is stored, but nothing finds it",
              "documents have no features: they are stored, but nothing finds them"));
    }
    if (windowed > 0) {
      out.println(
          Plural.of(
              windowed,
              "document was longer than the model takes and was read through windows",
              "documents were longer than the model takes and were read through windows"));
    }
    if (truncated > 0) {
      out.println(
          Plural.of(
                  truncated,
                  "document was longer than the model takes and was cut: ",
                  "documents were longer than the model takes and were cut: ")
              + Plural.of(droppedTokens, "token was left out", "tokens were left out"));
    }
    if (faults > 0) {
      out.println(
          Plural.of(
              faults,
              "record is not a document and was skipped",
              "records are not documents and were skipped"));
    }
  }
}
