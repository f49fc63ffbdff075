/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.index.IndexContents;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.StoredDocuments;
import io.m3lex.opensearch.ClusterAddress;
import io.m3lex.opensearch.ClusterIndexWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/**
 * One run of {@code m3lex push}: from where an earlier one stopped to the end, or as far as it
 * goes.
 */
final class ClusterPush {

  /** Keys of the note for an index: its commit, the number of the next document, and the end. */
  private static final String COMMIT = "commit";

  private static final String NEXT = "next";
  private static final String END = "end";

  private final PrintWriter out;
  private final PrintWriter err;
  private final ClusterAddress address;
  private final Interruption interruption;
  private final boolean json;
  private final boolean restart;

  ClusterPush(
      CommandSpec spec,
      ClusterAddress address,
      Interruption interruption,
      boolean json,
      boolean restart) {
    this.out = spec.commandLine().getOut();
    this.err = spec.commandLine().getErr();
    this.address = address;
    this.interruption = interruption;
    this.json = json;
    this.restart = restart;
  }

  /** Pushes an index of m3lex with the weights that it has. */
  int index(ClusterIndexWriter writer, StoredDocuments source) throws IOException {
    long start = System.nanoTime();
    Map<String, String> note = writer.progress();
    boolean same = source.commit().equals(note.get(COMMIT));
    if (source.byPassages() && !same && !writer.created()) {
      throw new CommandException(
          "Index %s holds the passages of another commit, and those that a document no longer has would stay. Push to another index."
              .formatted(address));
    }
    int first = 0;
    if (same && !restart) {
      if (END.equals(note.get(NEXT))) {
        tellOfEarlier();
        return print(writer, counts(0, start));
      }
      first = number(note.get(NEXT));
      if (first > 0) {
        err.println(
            String.format(
                Locale.ROOT,
                "m3lex: going on where an interrupted run stopped, at document %,d of the index",
                first));
      }
    }
    writer.begin(note(source, Integer.toString(first)));
    int[] next = {first};
    long[] documents = {0};
    int total = first == 0 ? source.count() : -1;
    try (Progress progress = Progress.of("Pushing", "documents", total)) {
      source.visit(
          first,
          document -> {
            writer.put(document);
            next[0] = document.number() + 1;
            documents[0]++;
            writer.mark(() -> note(source, Integer.toString(next[0])));
            progress.at(documents[0]);
            return !interruption.requested();
          });
      boolean stopped = interruption.requested();
      writer.finish(note(source, stopped ? Integer.toString(next[0]) : END));
      if (stopped) {
        return interrupted();
      }
    } catch (IOException e) {
      throw kept(writer, e);
    } catch (IllegalArgumentException e) {
      writer.finish(note(source, Integer.toString(next[0])));
      throw refused(e);
    }
    return print(writer, counts(documents[0], start));
  }

  private static Map<String, String> note(StoredDocuments source, String next) {
    return Map.of(COMMIT, source.commit(), NEXT, next);
  }

  private int number(String next) {
    if (next == null || !next.matches("[0-9]{1,9}")) {
      throw new CommandException(
          "There is no readable note of the progress (%s). Add --restart to begin with the first document."
              .formatted(next));
    }
    return Integer.parseInt(next);
  }

  private static Map<String, Object> counts(long documents, long start) {
    Map<String, Object> counts = new LinkedHashMap<>();
    counts.put("documents", documents);
    counts.put("seconds", (System.nanoTime() - start) / 1e9);
    return counts;
  }

  /** Pushes texts, which are encoded on the way. */
  int texts(
      ClusterIndexWriter writer,
      InputRun run,
      SparseEncoder encoder,
      int threads,
      EncodingReport report)
      throws IOException {
    Map<String, String> note = restart ? Map.of() : writer.progress();
    InputProgress done = InputProgress.of(note, run.inputs());
    if (done.isAtEnd(run)) {
      if (done.isFinished(run)) {
        tellOfEarlier();
        return print(writer, report);
      }
      err.println(
          run.inputs().stream().anyMatch(InputRun::isReadOnce)
              ? "m3lex: what was pushed before cannot be compared with a pipe; all of it is pushed"
              : "m3lex: the inputs have changed since they were pushed; all of them are pushed");
      done = InputProgress.of(Map.of(), run.inputs());
    } else if (done.isResumed()) {
      err.println("m3lex: going on where an interrupted run stopped: " + done);
    }
    encode(writer, run, done, encoder, threads, report);
    if (interruption.requested()) {
      return interrupted();
    }
    return print(writer, report);
  }

  private void encode(
      ClusterIndexWriter writer,
      InputRun run,
      InputProgress done,
      SparseEncoder encoder,
      int threads,
      EncodingReport report)
      throws IOException {
    long total = Progress.isShown() ? run.remaining(done) : -1;
    writer.begin(done.note());
    try (Progress progress = Progress.of("Pushing", "documents", total)) {
      run.encode(
          done,
          report,
          encoder,
          IndexContents.SPARSE,
          null,
          threads,
          interruption,
          item -> {
            EncodedRecord record = item.record();
            if (report.take(record.entry(), record.encoded())) {
              writer.put(record.document(), record.encoded().vector());
            }
            done.advance(item.sha256());
            writer.mark(done::note);
            progress.at(report.records());
          });
      writer.finish(done.note());
    } catch (IOException e) {
      throw kept(writer, e);
    } catch (IllegalArgumentException e) {
      writer.finish(done.note());
      throw refused(e);
    }
  }

  /** Pushes vectors that were made elsewhere; an interrupted run is begun again. */
  int vectors(
      ClusterIndexWriter writer, InputRun run, ModelFingerprint declared, EncodingReport report)
      throws IOException {
    writer.begin(Map.of());
    try (Progress progress = Progress.of("Pushing", "documents", -1)) {
      run.vectors(
          report,
          interruption,
          progress,
          record -> {
            writer.put(
                SparseDocument.of(record.id(), record.contents()), record.vector().from(declared));
            writer.mark(Map::of);
          });
      writer.finish(Map.of());
    } catch (IllegalArgumentException e) {
      throw refused(e);
    }
    if (interruption.requested()) {
      err.println(
          "m3lex: interrupted; a part of the vectors is in the index. Run the command again.");
      err.flush();
      return Main.PROBLEM;
    }
    return print(writer, report);
  }

  private void tellOfEarlier() {
    err.println(
        "m3lex: all of this was pushed to %s before; --restart pushes it again".formatted(address));
    err.flush();
  }

  private static CommandException refused(IllegalArgumentException e) {
    return new CommandException(e.getMessage() + " What comes before it is in the index.");
  }

  /** The failure, after what the cluster has acknowledged is noted as far as that is possible. */
  private static IOException kept(ClusterIndexWriter writer, IOException failure) {
    try {
      writer.keep();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  private int interrupted() {
    err.println(
        "m3lex: interrupted; the cluster holds what was done. Run the same command again to go"
            + " on.");
    err.flush();
    return Main.PROBLEM;
  }

  private int print(ClusterIndexWriter writer, EncodingReport report) {
    if (!json) {
      report.print(out);
    }
    print(writer, report.asMap());
    return report.outcome();
  }

  private int print(ClusterIndexWriter writer, Map<String, Object> counts) {
    if (json) {
      counts.put("index", address.toString());
      counts.put("acknowledged", writer.documents());
      counts.put("plugin", writer.usesPlugin());
      counts.put("fingerprint", writer.fingerprint().sha256());
      Json.print(out, counts);
      return Main.GOOD;
    }
    double seconds = (double) counts.get("seconds");
    out.println(
        String.format(
            Locale.ROOT,
            "%,d documents in %.1f s (%,.0f documents/s) pushed to %s, from model %s",
            writer.documents(),
            seconds,
            writer.documents() / seconds,
            address,
            writer.fingerprint()));
    return Main.GOOD;
  }
}
