/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.evaluation.EvaluationListener;
import io.m3lex.evaluation.Finding;
import io.m3lex.evaluation.RunCheck;
import java.io.PrintWriter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Tells on the terminal how far an evaluation is, and what is doubtful in its files. */
final class EvaluationConsole implements EvaluationListener, AutoCloseable {

  /** More findings of a kind are counted, but not printed. */
  private static final int PRINTED = 5;

  private final PrintWriter err;
  private final boolean strict;
  private final Interruption interruption;
  private final Map<Finding.Kind, Long> counts = new EnumMap<>(Finding.Kind.class);
  private Progress progress;
  private String task = "";

  /**
   * Tells nothing yet.
   *
   * @param strict whether the first finding ends the command
   */
  EvaluationConsole(PrintWriter err, boolean strict, Interruption interruption) {
    this.err = err;
    this.strict = strict;
    this.interruption = interruption;
  }

  @Override
  public void found(Finding finding) {
    if (strict) {
      throw new CommandException(finding + " (stopped, because of --strict)");
    }
    if (counts.merge(finding.kind(), 1L, Long::sum) <= PRINTED) {
      err.println("m3lex: " + finding);
    }
  }

  @Override
  public void found(RunCheck.Finding finding) {
    if (strict) {
      throw new CommandException(finding.message() + " (stopped, because of --strict)");
    }
    err.println("m3lex: " + finding.message());
  }

  @Override
  public void leftOut(int queries) {
    endTask();
    err.println(
        "m3lex: %s queries are documents of the collection; each is left out of its own ranking (--identical-ids keep keeps it)"
            .formatted(queries));
  }

  @Override
  public void progress(String now, String unit, long done, long total) {
    if (!now.equals(task)) {
      endTask();
      task = now;
      progress = Progress.of(now, unit, total);
    }
    progress.at(done);
  }

  @Override
  public boolean stopped() {
    return interruption.requested();
  }

  private void endTask() {
    if (progress != null) {
      progress.close();
      progress = null;
    }
    task = "";
  }

  /** Prints how many there were of each kind, and begins to count anew. */
  void endCollection(String name) {
    endTask();
    counts.forEach(
        (kind, count) ->
            err.println(
                String.format(Locale.ROOT, "m3lex: %s: %,d %s", name, count, kind.plural())));
    err.flush();
    counts.clear();
  }

  @Override
  public void close() {
    endTask();
  }
}
