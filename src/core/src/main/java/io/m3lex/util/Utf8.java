/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Strict UTF-8. Parsers of JSON take bytes that are none, such as a NUL written in two bytes or
 * half a surrogate pair, and {@link String} replaces them: either way two texts could become one.
 */
public final class Utf8 {

  private Utf8() {}

  /**
   * The text of all of some bytes.
   *
   * @throws CharacterCodingException if they are not UTF-8
   */
  public static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /**
   * Where a text first holds half of a surrogate pair, for which UTF-8 has no bytes; empty if it is
   * whole. JSON can carry such a half: <code>"\\ud83d"</code>.
   */
  public static OptionalInt half(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return OptionalInt.of(i);
        }
        i++;
      }
    }
    return OptionalInt.empty();
  }

  /**
   * Why a text cannot be kept in UTF-8, as the end of a sentence about it; empty if it can. Two
   * texts that it holds for would become the same.
   */
  public static Optional<String> fault(String text) {
    OptionalInt half = half(text);
    return half.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "holds half of a character: \\u%04x without its partner",
                (int) text.charAt(half.getAsInt())));
  }
}
