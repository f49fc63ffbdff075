/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.GeneratedModel;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program is ended in the middle of forward passes: by a signal, or because its main thread
 * exits. It must end as it was told to, without a crash in native code. {@code -Dm3lex.kills=100}
 * for more rounds.
 */
class EndedProgramTest {

  private static final int KILLS = Integer.getInteger("m3lex.kills", 6);
  private static final int TERMINATED = 128 + 15;

  @TempDir private Path folder;

  @Test
  void aProgramEndsCleanlyInTheMiddleOfForwardPasses() throws Exception {
    Path model = folder.resolve("model");
    GeneratedModel.writeSmall(model, 1);
    GeneratedModel.lock(model);
    Random random = new Random(KILLS);
    for (int round = 0; round < KILLS; round++) {
      boolean exits = round % 3 == 2;
      Process process = start(model, exits ? random.nextInt(300) : -1);
      StringBuilder output = new StringBuilder();
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          output.append(line).append('\n');
          if (line.equals("ready") && !exits) {
            Thread.sleep(random.nextInt(300));
            process.toHandle().destroy();
          }
        }
      }
      process.waitFor();
      assertEquals(exits ? 7 : TERMINATED, process.exitValue(), "round " + round + ": " + output);
      assertTrue(output.toString().contains("ready"), output.toString());
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(model), files.toList(), "a crash leaves a log");
    }
  }

  private Process start(Path model, int exitAfterMillis) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            EndedProgramTest.class.getName(),
            model.toString(),
            Integer.toString(exitAfterMillis))
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .start();
  }

  /** The program: encodes on several threads until it is ended. */
  public static void main(String[] arguments) throws Exception {
    LexicalEncoder encoder = LexicalEncoder.open(Path.of(arguments[0]));
    String text = "index the tokens ".repeat(500);
    for (int i = 0; i < 3; i++) {
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  while (true) {
                    encoder.encodeDocument(text);
                  }
                } catch (IllegalStateException e) {
                  // Closed, because the program ends.
                }
              });
    }
    Thread.sleep(100);
    System.out.println("ready");
    int exitAfterMillis = Integer.parseInt(arguments[1]);
    if (exitAfterMillis >= 0) {
      Thread.sleep(exitAfterMillis);
      System.exit(7);
    }
    Thread.sleep(60_000);
  }
}
