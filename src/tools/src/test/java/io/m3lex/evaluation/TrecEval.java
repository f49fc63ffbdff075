/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The real trec_eval, as jtreceval has it for some platforms. */
public final class TrecEval {

  /** What stands for the mean in the place of a query. */
  public static final String MEAN = "all";

  private final Path program;

  private TrecEval(Path program) {
    this.program = program;
  }

  /**
   * Unpacks the program.
   *
   * @return empty if there is none for this platform
   */
  public static Optional<TrecEval> unpack(Path folder) throws IOException {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name =
        switch (System.getProperty("os.arch")) {
          case "amd64", "x86_64" -> os.startsWith("mac") ? "macosx-x86_64" : os + "-amd64";
          default -> "none";
        };
    try (InputStream stream = TrecEval.class.getResourceAsStream("/trec_eval-" + name)) {
      if (stream == null) {
        return Optional.empty();
      }
      Path program = folder.resolve("trec_eval");
      Files.copy(stream, program);
      if (!program.toFile().setExecutable(true)) {
        throw new IOException(program + " cannot be made executable");
      }
      return Optional.of(new TrecEval(program));
    }
  }

  /** Its values by measure and query, as it prints them; the mean is that of {@link #MEAN}. */
  public Map<String, Map<String, Double>> values(Path qrels, Path run, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(options));
    command.add(qrels.toString());
    command.add(run.toString());
    Path output = Files.createTempFile(program.getParent(), "values", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int status = process.waitFor();
    List<String> lines = Files.readAllLines(output);
    if (status != 0) {
      throw new IOException("trec_eval ended with " + status + ": " + lines);
    }
    Map<String, Map<String, Double>> values = new HashMap<>();
    for (String line : lines) {
      String[] columns = line.split("\t");
      if (!columns[0].startsWith("runid")) {
        values
            .computeIfAbsent(columns[0].strip(), measure -> new HashMap<>())
            .put(columns[1], Double.valueOf(columns[2]));
      }
    }
    return values;
  }
}
