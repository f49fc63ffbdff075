/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Kills commands (signal 9) at random moments, as often as {@code -Dm3lex.kills} says, 2 times if
 * it does not; {@code -Dm3lex.seed} repeats the moments.
 */
final class RandomKills {

  private static final int WANTED = Integer.getInteger("m3lex.kills", 2);

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private double expectedNanos;
  private int count;

  /** A program, and what it prints. */
  private record Program(Process process, CompletableFuture<String> output) {

    static Program start(String... command) throws IOException {
      Process process = InterruptionTest.command(command);
      return new Program(
          process,
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return new String(
                      process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                } catch (IOException e) {
                  return "killed: " + e.getMessage();
                }
              },
              // Waiting for programs must not use up the common pool, which is small.
              task -> Thread.ofPlatform().daemon().start(task)));
    }

    int end() throws Exception {
      output.get();
      return process.waitFor();
    }
  }

  /** Runs a command that must succeed. */
  static void requireGood(String... command) throws Exception {
    Program program = Program.start(command);
    assertEquals(0, program.end(), program.output.get());
  }

  Random random() {
    return random;
  }

  /** Whether more are to be killed. */
  boolean goOn() {
    return count < WANTED;
  }

  /** Runs a command to its end, to learn how long it takes. */
  void undisturbed(String... command) throws Exception {
    long start = System.nanoTime();
    requireGood(command);
    expectedNanos = System.nanoTime() - start;
  }

  /**
   * Runs a command that takes about as long, and kills it at some moment. How long that is follows
   * what the machine has to do besides: shorter whenever one comes to its end, longer whenever one
   * does not, so that two of three are killed.
   *
   * @return false if it came to its end before, and succeeded
   */
  boolean killed(String... command) throws Exception {
    Program program = Program.start(command);
    // Its first fifth is the start of the virtual machine.
    long wait = (long) ((0.2 + random.nextDouble()) * expectedNanos);
    if (goOn() && !program.process.waitFor(wait, TimeUnit.NANOSECONDS)) {
      kill(program.process);
    }
    int code = program.end();
    expectedNanos *= code == 0 ? 0.9 : 1.05;
    assertTrue(code == 0 || code == 128 + 9, this + ": " + program.output.get());
    return code != 0;
  }

  Process kill(Process process) {
    count++;
    return process.destroyForcibly();
  }

  @Override
  public String toString() {
    return "%d programs killed, seed %d".formatted(count, seed);
  }
}
