/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a long text into overlapping windows. Neighbours share {@link #OVERLAP} tokens; the first
 * half of these is taken from the earlier window, the second from the later one, so that every
 * token is used once and with context on both sides. The last window is moved back to full length.
 */
final class TextWindows {

  /** Number of tokens that two neighbouring windows share at least. */
  static final int OVERLAP = 64;

  private TextWindows() {}

  /**
   * The windows over a text.
   *
   * @param tokens length of the text
   * @param capacity most tokens that one window may hold, more than {@link #OVERLAP}
   */
  static List<Window> over(int tokens, int capacity) {
    if (capacity <= OVERLAP) {
      throw new IllegalArgumentException(
          "windows of " + capacity + " tokens cannot overlap by " + OVERLAP);
    }
    List<Window> windows = new ArrayList<>();
    if (tokens == 0) {
      return windows;
    }
    int used = 0;
    for (int start = 0; ; start += capacity - OVERLAP) {
      boolean last = start + capacity >= tokens;
      int from = last ? Math.max(0, tokens - capacity) : start;
      int to = Math.min(tokens, from + capacity);
      int usedTo = last ? tokens : to - OVERLAP / 2;
      windows.add(new Window(from, to, used, usedTo));
      if (last) {
        return windows;
      }
      used = usedTo;
    }
  }

  /**
   * One window.
   *
   * @param start first token read
   * @param end token after the last one read
   * @param usedStart first token whose state is used, at least {@code start}
   * @param usedEnd token after the last one whose state is used, at most {@code end}
   */
  record Window(int start, int end, int usedStart, int usedEnd) {}
}
