/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.corpus.CorpusReader;
import io.m3lex.index.IndexContents;
import io.m3lex.util.OrderedPipeline;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A file with the vectors of an input's records: whole or not there, and gone on with after an
 * interruption.
 *
 * @param file where it shall be
 * @param err where it is told what happens
 * @param stop whether the command shall end
 */
record VectorFile(VectorEncoding encoding, Path file, PrintWriter err, BooleanSupplier stop) {

  /** Records between notes of the progress. */
  private static final int COMMIT_EVERY = 200;

  /**
   * Encodes.
   *
   * @param reader at the beginning of the input
   * @param range which of its records
   * @param restart whether to begin with the first of them, though an interrupted run got farther
   * @param report gets the records of this run
   * @return empty if the command shall end, and the next run can go on
   * @throws CommandException if the input changed meanwhile
   */
  Optional<FileContent> write(
      CorpusReader reader, InputRange range, boolean restart, EncodingReport report)
      throws IOException {
    try (ResumableLines lines = new ResumableLines(file, encoding.purpose(range), restart)) {
      InputProgress done = InputProgress.of(lines.note(), range.input());
      if (done.isResumed()) {
        err.println("m3lex: going on where an interrupted run stopped: " + done);
        done.resume(reader, 0);
      } else {
        if (lines.hasDiscarded()) {
          err.println(
              "m3lex: beginning with the first record, because an interrupted run of another input,"
                  + " model or machine left %s".formatted(ResumableLines.part(file)));
        }
        done.begin(reader, range.first());
      }
      encode(reader, range, done, lines, report);
      report.tell(reader);
      if (stop.getAsBoolean()) {
        lines.commit(done.note());
        err.println("m3lex: interrupted. Run the same command again to go on.");
        err.flush();
        return Optional.empty();
      }
      requireUnchanged(reader, range);
      return Optional.of(lines.finish());
    }
  }

  private void encode(
      CorpusReader reader,
      InputRange range,
      InputProgress done,
      ResumableLines lines,
      EncodingReport report)
      throws IOException {
    long left = range.end() - done.records();
    try (Progress progress =
        Progress.of("Encoding", "documents", range.sha256() == null ? -1 : left)) {
      OrderedPipeline.runInBatches(
          new HashedRecords(reader, left),
          read -> EncodedRecord.characters(read.entry()),
          reads ->
              HashedRecords.encode(
                  reads, encoding.encoder(), encoding.role(), IndexContents.SPARSE, null),
          item -> {
            if (report.take(item.record().entry(), item.record().encoded())) {
              lines.write(VectorEncoding.line(encoding.format(), item.record()));
            }
            done.advance(item.sha256());
            progress.at(report.records());
            if (report.records() % COMMIT_EVERY == 0) {
              lines.commit(done.note());
            }
          },
          encoding.threads(),
          stop);
    }
  }

  /** A part of an input is only of use beside the other parts of the same one. */
  private static void requireUnchanged(CorpusReader reader, InputRange range) {
    if (range.sha256() == null) {
      return;
    }
    reader.skip(Long.MAX_VALUE);
    if (!reader.sha256().equals(range.sha256())) {
      throw new CommandException(
          "The input changed while it was read. Run the command again when nothing writes to it.");
    }
  }
}
