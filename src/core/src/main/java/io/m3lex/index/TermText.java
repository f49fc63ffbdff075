/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.lucene.index.IndexWriter;

/** What text can be a term of Lucene, such as an id or a feature. */
final class TermText {

  private TermText() {}

  /**
   * Refuses text that is too long for a term.
   *
   * @param what what the text is, for the message
   * @throws IllegalArgumentException with a message that begins with what the text is
   */
  static void require(String what, String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > IndexWriter.MAX_TERM_LENGTH) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s that begins with \"%s\" has %d bytes, more than %d",
              what,
              text.substring(0, 40),
              bytes,
              IndexWriter.MAX_TERM_LENGTH));
    }
  }
}
