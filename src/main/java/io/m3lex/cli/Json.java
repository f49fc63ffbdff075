package io.m3lex.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;
import java.util.HexFormat;

/** What {@code --json} prints: one value, for programs. */
final class Json {

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

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
