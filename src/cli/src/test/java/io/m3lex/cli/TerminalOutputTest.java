/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.Rounds;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nothing that a document holds steers the terminal. */
class TerminalOutputTest {

  private static final int[] CHARACTERS = {
    0x1B, 0x7, 0x0, 0x7F, 0x80, 0x85, 0x9B, 0x9F, 0xA0, 0xE4, 0xC2, 0x202A, 0x202E, 0x2029, 0x202F,
    0x2066, 0x2069, 0x206A, 0x2065, 0x20AC, 0x2603, 0x4E2D, 0x1F600, 0xE202E, 'a', ' ', '\\', '\n',
    '\t', '\r', '\b'
  };

  @Test
  void controlCharactersAreShown() throws IOException {
    assertEquals(
        "a\\x1b[31m\\x9b31m\\x00\\x7f\\x0d\\u202eb\\u2066\tä–中😀\n",
        printed("a\u001B[31m\u009B31m\0\u007F\r\u202Eb\u2066\tä–中😀\n", new Random(1)));
  }

  /** In whatever pieces the bytes come. */
  @Test
  void charactersAreFoundInPieces() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < Rounds.of(500); round++) {
      StringBuilder text = new StringBuilder();
      StringBuilder expected = new StringBuilder();
      for (int i = random.nextInt(30); i > 0; i--) {
        int c = CHARACTERS[random.nextInt(CHARACTERS.length)];
        text.appendCodePoint(c);
        boolean steers =
            c < 0x20 && c != '\n' && c != '\t'
                || c >= 0x7F && c <= 0x9F
                || c >= 0x202A && c <= 0x202E
                || c >= 0x2066 && c <= 0x2069;
        expected.append(
            !steers
                ? Character.toString(c)
                : String.format(Locale.ROOT, c < 0x100 ? "\\x%02x" : "\\u%04x", c));
      }
      assertEquals(expected.toString(), printed(text.toString(), random), "seed " + seed);
      assertEquals(expected.toString(), TerminalOutput.visible(text.toString()), "seed " + seed);
    }
  }

  @Test
  void jsonEscapesThemByItsOwnRules() throws IOException {
    String text = "\u001B \u009B \u007F \u202E \u2066 \n ä";
    StringWriter out = new StringWriter();
    Json.print(new PrintWriter(out), text);
    assertFalse(out.toString().strip().chars().anyMatch(TerminalOutput::isControl));
    assertEquals(text, new ObjectMapper().readValue(out.toString(), String.class));
  }

  private static String printed(String text, Random random) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] written = text.getBytes(StandardCharsets.UTF_8);
    try (TerminalOutput out = new TerminalOutput(bytes)) {
      for (int i = 0; i < written.length; ) {
        int length = Math.min(1 + random.nextInt(4), written.length - i);
        out.write(written, i, length);
        i += length;
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
