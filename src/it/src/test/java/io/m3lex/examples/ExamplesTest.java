/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The examples run and print what they should. */
@Isolated("captures what the program prints")
class ExamplesTest {

  @TempDir private Path folder;

  @Test
  void langChain4j() throws IOException {
    assertEquals(
        "Limescale in a kettle dissolves in citric acid.", output(LangChain4jExample::main));
  }

  @Test
  void springAi() throws IOException {
    assertEquals(
        "kettle: Limescale in a kettle dissolves in citric acid.", output(SpringAiExample::main));
  }

  @Test
  void ownIndex() throws IOException {
    assertEquals("Limescale in a kettle dissolves in citric acid.", output(OwnIndexExample::main));
  }

  private String output(Example example) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    try (PrintStream captured = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      example.run(new String[] {folder.toString()});
    } finally {
      System.setOut(before);
    }
    return output.toString(StandardCharsets.UTF_8).strip();
  }

  /** The main method of an example. */
  private interface Example {
    void run(String[] args) throws IOException;
  }
}
