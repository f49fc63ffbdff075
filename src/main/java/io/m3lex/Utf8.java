package io.m3lex;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Strict reading of UTF-8. Parsers of JSON take bytes that are none, such as a NUL written in two
 * bytes or half a surrogate pair, and {@link String} replaces them: either way two texts could
 * become one.
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
}
