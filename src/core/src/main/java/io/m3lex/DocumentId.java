/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * What a document, or a query of a collection, can be called: any text of 1 to 32,766 bytes in
 * UTF-8 that is not blank and stands on one line, without control characters. It is the same
 * everywhere, so that what one way of writing takes no other refuses to read, delete or print.
 */
public final class DocumentId {

  /** The most bytes in UTF-8 that an id can have; so long can a term of Lucene be. */
  public static final int MOST_BYTES = 32_766;

  private static final int SHOWN = 40;

  private DocumentId() {}

  /** Why a text cannot be an id, as the end of a sentence about it; empty if it can. */
  public static Optional<String> fault(String id) {
    if (id.isBlank()) {
      return Optional.of("the id is empty");
    }
    int bytes = id.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_BYTES) {
      return Optional.of(
          "the id that begins with \"%s\" has %s bytes, more than %s"
              .formatted(id.substring(0, SHOWN), bytes, MOST_BYTES));
    }
    for (int i = 0; i < id.length(); i += Character.charCount(id.codePointAt(i))) {
      int c = id.codePointAt(i);
      switch (Character.getType(c)) {
        case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> {
          return Optional.of(
              "the id holds the control character U+%s at position %s".formatted(hex(c), i));
        }
        case Character.SURROGATE -> {
          // UTF-8 has no bytes for it, so that two ids would become one.
          return Optional.of(
              "the id holds half of a character, U+%s without its partner, at position %s"
                  .formatted(hex(c), i));
        }
        default -> {
          // Any other character.
        }
      }
    }
    return Optional.empty();
  }

  private static String hex(int c) {
    String digits = Integer.toHexString(c);
    return "0".repeat(Math.max(0, 4 - digits.length())) + digits.toUpperCase(Locale.ROOT);
  }
}
