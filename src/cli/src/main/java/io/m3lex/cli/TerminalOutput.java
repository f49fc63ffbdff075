/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Output for people, in UTF-8, in which no document, name or answer can steer the terminal: control
 * characters are shown as {@code \x1b}, and those that turn the direction of writing around as
 * {@code \u202e}. Line ends and tabs stay. Safe for several threads.
 */
final class TerminalOutput extends FilterOutputStream {

  private static final HexFormat HEX = HexFormat.of();

  /** Bytes of a character that may be such a one, but is not whole yet. */
  private final byte[] begun = new byte[2];

  private int length;

  TerminalOutput(OutputStream out) {
    super(out);
  }

  /** Whether a character does something to a terminal other than standing there. */
  static boolean isControl(int c) {
    return Character.isISOControl(c) && c != '\t' && System.lineSeparator().indexOf(c) < 0
        || c >= 0x202A && c <= 0x202E
        || c >= 0x2066 && c <= 0x2069;
  }

  /** A text as this would print it. */
  static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    for (char c : text.toCharArray()) {
      visible.append(isControl(c) ? visible(c) : c);
    }
    return visible.toString();
  }

  private static String visible(int c) {
    return c < 0x100 ? "\\x" + HEX.toHexDigits((byte) c) : "\\u" + HEX.toHexDigits((char) c);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int count) throws IOException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream(count + Long.BYTES);
    for (int i = offset; i < offset + count; i++) {
      take(bytes[i] & 0xFF, shown);
    }
    shown.writeTo(out);
  }

  /** The characters meant have one byte, or two that begin with C2, or three that do with E2. */
  private void take(int b, ByteArrayOutputStream shown) {
    if (length > 0 && (b & 0xC0) != 0x80) {
      endBegun(shown);
    }
    if (length == 0 && (b == 0xC2 || b == 0xE2) || length == 1 && begun[0] == (byte) 0xE2) {
      begun[length++] = (byte) b;
      return;
    }
    int c =
        switch (length) {
          case 0 -> b < 0x80 ? b : ' ';
          case 1 -> b;
          default -> 0x2000 | (begun[1] & 0x3F) << 6 | b & 0x3F;
        };
    if (isControl(c)) {
      length = 0;
      shown.writeBytes(visible(c).getBytes(StandardCharsets.US_ASCII));
    } else {
      endBegun(shown);
      shown.write(b);
    }
  }

  private void endBegun(ByteArrayOutputStream shown) {
    shown.write(begun, 0, length);
    length = 0;
  }
}
