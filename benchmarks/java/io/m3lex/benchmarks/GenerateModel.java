/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.GeneratedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes a model of BGE-M3's full size in its official layout, with made-up numbers: 2.27 GB. For
 * measuring time and memory, which do not depend on what the numbers are.
 */
public final class GenerateModel {

  private GenerateModel() {}

  /** Takes the tokenizer.json to copy and the folder to write. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("usage: benchmarks/generate-model TOKENIZER.json FOLDER");
      System.exit(2);
    }
    Path folder = Path.of(arguments[1]);
    GeneratedModel.write(
        folder, GeneratedModel.bgeM3Config(), Files.readAllBytes(Path.of(arguments[0])), 1);
    System.out.println("Wrote " + folder + ". Next: ./m3lex model lock " + folder);
  }
}
