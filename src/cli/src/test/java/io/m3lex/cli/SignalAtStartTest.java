/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A command that a signal ends while it starts has nothing to say about that. */
@Execution(ExecutionMode.CONCURRENT)
class SignalAtStartTest {

  @TempDir private Path folder;

  @Test
  @Timeout(300)
  void aSignalIsNoFault() throws Exception {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    Path corpus = Files.writeString(folder.resolve("corpus.tsv"), "1\ta kettle\n");
    String[][] commands = {
      {"encode", "a kettle"},
      {"model", "verify"},
      {"index", corpus.toString(), "--to", folder.resolve("index").toString()}
    };
    for (int i = 0; i < 9; i++) {
      Process process = InterruptionTest.command(commands[i % commands.length]);
      // At whatever it is by then: any moment is a good one.
      process.waitFor(200 + random.nextInt(1_500), TimeUnit.MILLISECONDS);
      // Not by the process itself, which would close its output.
      process.toHandle().destroy();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "seed " + seed);
      assertFalse(output.contains("fault of m3lex"), output + "seed " + seed);
      assertFalse(output.contains("Shutdown in progress"), output + "seed " + seed);
    }
  }
}
