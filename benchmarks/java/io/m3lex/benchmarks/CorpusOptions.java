/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Which vectors a benchmark works on. */
final class CorpusOptions {

  @Option(names = "--family", description = "lexical (like BGE-M3's) or expansion (like SPLADE's)")
  private String family = "lexical";

  @Option(names = "--tokens", description = "passages, files of benchmarks/tokenize-passages")
  private List<Path> tokens = List.of();

  @Option(names = "--expansions", description = "encoded queries, gzipped: id, tab, features")
  private Path expansions;

  /**
   * The vectors; what no option names is made up.
   *
   * @param documents how many are going to be asked for
   */
  VectorCorpus corpus(int documents) throws IOException {
    return switch (family) {
      case "lexical" ->
          new LexicalVectors(
              tokens.isEmpty()
                  ? TokenPassages.generate(Math.min(documents, 1_000_000), 1)
                  : TokenPassages.read(tokens));
      case "expansion" ->
          expansions == null ? ExpansionVectors.generate(1) : ExpansionVectors.read(expansions);
      default -> throw new IllegalArgumentException("unknown family: " + family);
    };
  }
}
