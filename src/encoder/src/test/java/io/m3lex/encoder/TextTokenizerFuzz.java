/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import java.io.IOException;

/** Fuzzes {@link TextTokenizer}: an input is a tokenizer.json. */
public final class TextTokenizerFuzz {

  private static final String[] TEXTS = {
    "a", "pump the kettle", "", "\u00e9\ud83d\ude00 x", "[MASK] ##a"
  };

  private TextTokenizerFuzz() {}

  /** Whether an input is a tokenizer; fails if it neither splits texts nor is refused. */
  public static boolean fuzzerTestOneInput(byte[] input) {
    try (TextTokenizer tokenizer = new TextTokenizer(input)) {
      for (String text : TEXTS) {
        check(tokenizer, text);
      }
      return true;
    } catch (IOException | IllegalStateException e) {
      // The second, if it is a text that cannot be split.
      if (!e.getMessage().contains("tokenizer.json")) {
        throw new AssertionError("not a message for people: " + e.getMessage(), e);
      }
      return false;
    }
  }

  private static void check(TextTokenizer tokenizer, String text) {
    TextTokenizer.Tokens tokens = tokenizer.tokenize(text);
    int[] bounds = tokenizer.bounds(text);
    if (tokens.special().length != tokens.ids().length
        || bounds.length != 2 * tokens.ids().length) {
      throw new AssertionError("not one place for each token of " + text);
    }
    for (int i = 0; i < bounds.length; i += 2) {
      if (bounds[i] < 0 || bounds[i] > bounds[i + 1] || bounds[i + 1] > text.length()) {
        throw new AssertionError("token %d of %s lies outside".formatted(i / 2, text));
      }
    }
    long[] framed = tokenizer.frame(tokens.ids(), 0, tokens.ids().length);
    if (framed.length != tokens.ids().length + tokenizer.frameLength()) {
      throw new AssertionError("the frame does not fit");
    }
  }
}
