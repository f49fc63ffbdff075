/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.m3lex.ModelFingerprint;
import java.io.PrintWriter;
import java.util.HexFormat;
import java.util.SortedMap;

/** What {@code --json} prints: one value, for programs. */
final class Json {

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .addMixIn(ModelFingerprint.class, FingerprintForm.class);

  /** A fingerprint as JSON; the library's own vocabulary knows nothing of Jackson. */
  private interface FingerprintForm {
    @JsonProperty
    String model();

    @JsonProperty
    SortedMap<String, String> components();
  }

  private Json() {}

  static void print(PrintWriter out, Object value) {
    try {
      out.println(escaped(MAPPER.writeValueAsString(value)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The same JSON without characters that steer a terminal, of which it may hold some in texts. */
  static String escaped(String json) {
    if (json.chars().noneMatch(TerminalOutput::isControl)) {
      return json;
    }
    StringBuilder escaped = new StringBuilder();
    for (char c : json.toCharArray()) {
      if (TerminalOutput.isControl(c)) {
        escaped.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
