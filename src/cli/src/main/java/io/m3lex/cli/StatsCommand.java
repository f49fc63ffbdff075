/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.index.IndexStatistics;
import io.m3lex.index.Signal;
import io.m3lex.index.SparseIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex stats}. */
@Command(
    name = "stats",
    mixinStandardHelpOptions = true,
    description =
        "Show what is in an index, and which model it was built with. Needs no model unless --check is"
            + " given.")
final class StatsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Parameters(paramLabel = "DIR", description = "The index.")
  private Path folder;

  @Option(
      names = "--check",
      description =
          "Hold all files to their checksums, encode the witness texts again and show how far the"
              + " weights drifted.")
  private boolean check;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ModelFingerprint fingerprint = SparseIndex.fingerprintOf(folder);
    if (!check) {
      try (SparseIndex index = SparseIndex.openForVectors(folder, fingerprint)) {
        show(index.statistics(), feature -> feature);
      }
      return Main.GOOD;
    }
    try (SparseEncoder encoder = encoderOptions.open(fingerprint);
        SparseIndex index = SparseIndex.open(folder, encoder)) {
      index.verifyFiles();
      show(index.statistics(), encoder::describe);
      spec.commandLine()
          .getErr()
          .println(
              "Checked: all files are whole, the model is the one that the index was built with; greatest"
                  + " drift of a witness's weight: "
                  + index.witnessDrift());
    }
    return Main.GOOD;
  }

  private void show(IndexStatistics statistics, UnaryOperator<String> names) {
    if (json) {
      Json.print(spec.commandLine().getOut(), statistics);
    } else {
      print(spec.commandLine().getOut(), statistics, names);
    }
  }

  private void print(PrintWriter out, IndexStatistics statistics, UnaryOperator<String> names) {
    Table table = new Table("index", folder.toString());
    table.add("documents", String.format(Locale.ROOT, "%,d", statistics.documents()));
    if (statistics.passages() > 0) {
      table.add("passages", String.format(Locale.ROOT, "%,d", statistics.passages()));
    }
    table.add(
        "  deleted, not merged away",
        String.format(Locale.ROOT, "%,d", statistics.deletedDocuments()));
    table.add(
        "  without features",
        String.format(Locale.ROOT, "%,d", statistics.documentsWithoutFeatures()));
    table.add("segments", statistics.segments());
    table.add("features", String.format(Locale.ROOT, "%,d", statistics.features()));
    table.add("postings", String.format(Locale.ROOT, "%,d", statistics.postings()));
    table.add("bytes", String.format(Locale.ROOT, "%,d", statistics.bytes()));
    table.add(
        "  of postings and terms",
        String.format(
            Locale.ROOT,
            "%,d (%.2f for each posting)",
            statistics.postingsBytes(),
            statistics.bytesPerPosting()));
    table.add(
        "holds",
        statistics.contents().signals().stream()
            .map(Signal::label)
            .collect(Collectors.joining(", ")));
    table.add("model", statistics.fingerprint().model());
    table.add("fingerprint", statistics.fingerprint().sha256());
    table.add(
        "witnesses",
        statistics.witnesses() == 0
            ? "none: the vectors were made elsewhere"
            : String.format(
                Locale.ROOT,
                "%d, tolerance %s",
                statistics.witnesses(),
                statistics.witnessTolerance()));
    statistics.environment().forEach((name, value) -> table.add("begun with " + name, value));
    table.print(out);
    out.println();
    out.println("What decides a weight:");
    statistics
        .fingerprint()
        .components()
        .forEach((name, value) -> out.println("  " + name + " = " + value));
    out.println();
    out.println("Commonest features:");
    for (IndexStatistics.FeatureFrequency f : statistics.commonest()) {
      out.println(
          String.format(
              Locale.ROOT,
              "  %-12s %,d %s",
              names.apply(f.feature()),
              f.documents(),
              statistics.passages() > 0 ? "passages" : "documents"));
    }
  }
}
