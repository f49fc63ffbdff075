/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.corpus.LineReader.Line;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineReaderTest {

  @Test
  void linesAreThoseThatTheTextWasJoinedFromWhereverTheBufferEnds() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 30; round++) {
      List<String> expected = new ArrayList<>();
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "\uFEFF" : "");
      for (int i = random.nextInt(40); i >= 0; i--) {
        // Around the size of the buffer, and often 0.
        int length = random.nextInt(3) == 0 ? 65_530 + random.nextInt(12) : random.nextInt(4);
        String line = (random.nextBoolean() ? "x" : "é").repeat(length) + random.nextInt(10);
        expected.add(line);
        text.append(line).append(random.nextBoolean() ? "\n" : "\r\n");
      }
      if (random.nextBoolean()) {
        expected.add("unended");
        text.append("unended");
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      assertEquals(expected, lines(new ByteArrayInputStream(bytes)), "seed " + seed);
    }
  }

  @Test
  void aLineThatIsTooLongIsAFaultAndYetCountsInTheHash() throws IOException {
    byte[] longLine = new byte[LineReader.GREATEST_LENGTH + 2];
    Arrays.fill(longLine, (byte) 'x');
    longLine[longLine.length - 1] = '\n';
    String before;
    try (LineReader reader = open(longLine)) {
      Line line = reader.next();
      assertTrue(line.fault().contains("more than 64 MiB"), line.fault());
      assertEquals("next", reader.next().text());
      assertEquals(Line.END, reader.next());
      before = reader.sha256();
    }
    longLine[longLine.length - 2] = 'y';
    try (LineReader reader = open(longLine)) {
      reader.next();
      reader.next();
      assertNotEquals(before, reader.sha256());
    }
  }

  @Test
  void foldersAreRefused(@TempDir Path folder) throws IOException {
    Path inside = Files.createDirectory(folder.resolve("inner"));
    IOException e = assertThrows(IOException.class, () -> LineReader.open(inside));
    assertTrue(e.getMessage().contains("inner is a folder"), e.getMessage());
  }

  private static LineReader open(byte[] line) throws IOException {
    InputStream next = new ByteArrayInputStream("next".getBytes(StandardCharsets.UTF_8));
    return LineReader.open(new SequenceInputStream(new ByteArrayInputStream(line), next), "test");
  }

  private static List<String> lines(InputStream stream) throws IOException {
    List<String> lines = new ArrayList<>();
    try (LineReader reader = LineReader.open(stream, "test")) {
      for (Line line = reader.next(); line != Line.END; line = reader.next()) {
        lines.add(line.text());
      }
    }
    return lines;
  }
}
