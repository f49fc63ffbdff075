/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.m3lex.DocumentId;
import io.m3lex.util.Excerpt;
import io.m3lex.util.JsonFaults;
import io.m3lex.util.Utf8;
import java.util.Arrays;
import java.util.Optional;

/** Reads JSON objects that stand on a line each; what is wrong is said in one line. */
final class JsonLines {

  /**
   * Numbers are kept as they are written, so that one beyond a float is seen and not cut; a string
   * may be as long as a line.
   */
  static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(LineReader.GREATEST_LENGTH)
                          .build())
                  .build())
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .configure(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES, false);

  /** BEIR's, Anserini's and MIRACL's. */
  private static final String[] ID_NAMES = {"_id", "id", "docid"};

  private JsonLines() {}

  /**
   * The object on a line.
   *
   * @throws BadRecordException if there is none
   */
  static JsonNode object(String line) throws BadRecordException {
    try {
      JsonNode node = JSON.readTree(line);
      if (!node.isObject()) {
        throw new BadRecordException("the record holds no JSON object");
      }
      return node;
    } catch (MismatchedInputException e) {
      throw new BadRecordException(
          "broken JSON: something follows the end of the object" + JsonFaults.place(e, 0));
    } catch (JsonProcessingException e) {
      throw new BadRecordException("broken JSON: " + JsonFaults.words(e));
    } catch (NumberFormatException e) {
      // Jackson does not make it one of its own.
      throw new BadRecordException("broken JSON: a number has an exponent that nothing can hold");
    }
  }

  /**
   * The string under the first of some names that the object has.
   *
   * @throws BadRecordException if what is there is no string
   */
  static Optional<String> string(JsonNode object, String... names) throws BadRecordException {
    for (String name : names) {
      JsonNode value = object.get(name);
      if (value != null && !value.isNull()) {
        if (!value.isTextual()) {
          throw new BadRecordException(
              "\"%s\" must be a string: %s".formatted(name, Excerpt.of(value.toString())));
        }
        return Optional.of(requireUnicode(name, value.textValue()));
      }
    }
    return Optional.empty();
  }

  /** Whether an object has an id, or what is none in its place. */
  static boolean hasId(JsonNode object) {
    return Arrays.stream(ID_NAMES).anyMatch(object::has);
  }

  /** The id of a record: a string that is not blank, or a whole number. */
  static String id(JsonNode object) throws BadRecordException {
    for (String name : ID_NAMES) {
      JsonNode value = object.get(name);
      if (value != null && value.isIntegralNumber()) {
        return value.asText();
      }
      if (value != null && value.isNumber()) {
        throw new BadRecordException(
            "\"%s\" must be a string or a whole number: %s".formatted(name, value));
      }
    }
    String id =
        string(object, ID_NAMES)
            .orElseThrow(() -> new BadRecordException("the record has no \"_id\" or \"id\""));
    return requireId(id);
  }

  private static String requireUnicode(String name, String value) throws BadRecordException {
    Optional<String> fault = Utf8.fault(value);
    if (fault.isPresent()) {
      throw new BadRecordException("\"%s\" %s".formatted(name, fault.get()));
    }
    return value;
  }

  static String requireId(String id) throws BadRecordException {
    Optional<String> fault = DocumentId.fault(id);
    if (fault.isPresent()) {
      throw new BadRecordException(fault.get());
    }
    return id;
  }

  /** Why a record cannot be taken. */
  static final class BadRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    BadRecordException(String message) {
      super(message);
    }
  }
}
