/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.m3lex.util.JsonFaults;
import io.m3lex.util.Utf8;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** JSON in and out. What comes in is taken literally: nothing unknown, doubled or converted. */
final class Json {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              config ->
                  config
                      .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private Json() {}

  static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads a request.
   *
   * @throws RequestException 400, saying what is wrong and where
   */
  static <T> T read(byte[] body, Class<T> type) {
    if (body.length == 0) {
      throw new RequestException(400, "The body is empty; send a JSON object.");
    }
    T value;
    try {
      String json = Utf8.text(body);
      requireUnicode(json);
      value = MAPPER.readValue(json, type);
    } catch (UnrecognizedPropertyException e) {
      throw new RequestException(
          400,
          "Unknown field \"%s\"; known are %s."
              .formatted(
                  field(e),
                  e.getKnownPropertyIds().stream()
                      .map(Object::toString)
                      .sorted()
                      .collect(Collectors.joining(", "))));
    } catch (MismatchedInputException e) {
      String where = field(e);
      throw new RequestException(
          400,
          "%s must be %s."
              .formatted(
                  where.isEmpty() ? "The body" : "Field \"%s\"".formatted(where),
                  kind(e.getTargetType())));
    } catch (JsonProcessingException e) {
      throw new RequestException(400, "The body is not JSON: %s.".formatted(JsonFaults.words(e)));
    } catch (NumberFormatException e) {
      // Jackson does not make it one of its own.
      throw new RequestException(
          400, "The body is not JSON: a number has an exponent that nothing can hold.");
    } catch (CharacterCodingException e) {
      throw new RequestException(400, "The body is not UTF-8.");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (value == null) {
      throw new RequestException(400, "The body is null; send a JSON object.");
    }
    return value;
  }

  /**
   * Refuses half a surrogate pair, wherever it stands: texts, queries and terms of filters are kept
   * and looked up in UTF-8. In bytes that are UTF-8, only an escape can write one. Names are left
   * to the parser, which refuses it there itself.
   */
  private static void requireUnicode(String json) throws IOException {
    if (!json.contains("\\ud") && !json.contains("\\uD")) {
      return;
    }
    try (JsonParser parser = MAPPER.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          Optional<String> fault = Utf8.fault(parser.getText());
          if (fault.isPresent()) {
            throw new RequestException(
                400, "Field \"%s\" %s.".formatted(field(parser.getParsingContext()), fault.get()));
          }
        }
      }
    }
  }

  /** Where a parser stands, as {@code documents[3].id}. */
  private static String field(JsonStreamContext place) {
    if (place == null || place.inRoot()) {
      return "";
    }
    String parent = field(place.getParent());
    return place.inArray()
        ? parent + "[" + place.getCurrentIndex() + "]"
        : parent + (parent.isEmpty() ? "" : ".") + place.getCurrentName();
  }

  /** What JSON a type is read from. */
  private static String kind(Class<?> type) {
    if (type == String.class) {
      return "a text";
    }
    if (type == Integer.class) {
      return "an integer of 32 bits";
    }
    if (type == Float.class || type == BigDecimal.class) {
      return "a number";
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    return type != null && List.class.isAssignableFrom(type) ? "an array" : "one JSON object";
  }

  /** Where in the body it is, as {@code documents[3].id}. */
  private static String field(JsonMappingException e) {
    StringBuilder path = new StringBuilder();
    for (JsonMappingException.Reference part : e.getPath()) {
      if (part.getFieldName() == null) {
        path.append('[').append(part.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(part.getFieldName());
      }
    }
    return path.toString();
  }
}
