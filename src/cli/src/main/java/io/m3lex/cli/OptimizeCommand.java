/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.index.IndexOptimizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex optimize}. */
@Command(
    name = "optimize",
    mixinStandardHelpOptions = true,
    description = {
      "Make a finished index smaller and faster to search: documents that share features get numbers"
          + " that lie together, and segments are merged.",
      "Needs no model. The index is at its last commit until the new one is whole; the disk needs room"
          + " for about twice its size. Documents of equal score come in another order afterwards."
    })
final class OptimizeCommand implements Callable<Integer> {

  private static final long MEGABYTE = 1_000_000;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The index.")
  private Path folder;

  @Option(
      names = "--segments",
      paramLabel = "N",
      defaultValue = "1",
      description = "Greatest number of segments afterwards. Default: ${DEFAULT-VALUE}.")
  private int segments;

  @Option(
      names = "--memory",
      paramLabel = "MB",
      description = "Memory for ordering the documents. Default: half of the heap.")
  private Integer memory;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    if (segments < 1 || memory != null && memory < 1) {
      throw new ParameterException(
          spec.commandLine(), "--segments and --memory must be at least 1.");
    }
    IndexOptimizer optimizer = IndexOptimizer.into(segments);
    if (memory != null) {
      optimizer = optimizer.withMegabytes(memory);
    }
    IndexOptimizer.Result result;
    try (Progress progress = Progress.of("Optimizing", "MB", -1)) {
      result = optimizer.optimize(folder, bytes -> progress.at(bytes / MEGABYTE));
    }
    if (json) {
      Json.print(
          spec.commandLine().getOut(),
          Map.of(
              "index", folder.toString(),
              "segmentsBefore", result.segmentsBefore(),
              "bytesBefore", result.bytesBefore(),
              "segmentsAfter", result.segmentsAfter(),
              "bytesAfter", result.bytesAfter()));
      return Main.GOOD;
    }
    spec.commandLine()
        .getOut()
        .println(
            String.format(
                Locale.ROOT,
                "Index %s: %d segment(s) of %,d bytes, %d of %,d before.",
                folder,
                result.segmentsAfter(),
                result.bytesAfter(),
                result.segmentsBefore(),
                result.bytesBefore()));
    return Main.GOOD;
  }
}
