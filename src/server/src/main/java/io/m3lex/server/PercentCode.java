/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.util.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Percent-encoding of UTF-8 in paths (RFC 3986, section 2.1). */
final class PercentCode {

  private PercentCode() {}

  /**
   * Decodes a part of a path; a plus sign is one. U+FFFD must be encoded.
   *
   * @throws RequestException 400 if it is not well-formed
   */
  static String decode(String encoded) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < encoded.length(); ) {
      char c = encoded.charAt(i);
      if (c == '%') {
        int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
        int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw malformed();
        }
        bytes.write(high << 4 | low);
        i += 3;
      } else {
        int point = encoded.codePointAt(i);
        if (point == 0xFFFD) {
          // Bytes that are not UTF-8 arrive as this one if they were not encoded.
          throw malformed();
        }
        bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
        i += Character.charCount(point);
      }
    }
    try {
      return Utf8.text(bytes.toByteArray());
    } catch (CharacterCodingException e) {
      throw malformed();
    }
  }

  private static RequestException malformed() {
    return new RequestException(
        400, "The document's id in the path must be percent-encoded UTF-8.");
  }
}
