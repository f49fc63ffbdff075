/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.SparseVector;
import io.m3lex.util.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.core.xcontent.XContentParser.Token;

/**
 * The value of a sparse field in a document.
 *
 * <pre>
 * [{"model": "0b6c…", "weights": {"2054": 0.31, …}, "texts": {"text": "9f86…"}}]
 * </pre>
 *
 * <p>It is a list because a partial update merges objects: in one, the weights of a new text would
 * stand beside those of the old one, and weights that name no model under the model of the former.
 * A list is replaced as a whole.
 *
 * @param model SHA-256 of the fingerprint of the model that the weights came from, null if unstated
 * @param vector null if there is none: the list is empty
 * @param texts SHA-256 of the text that was encoded, by the name of the field that holds it; empty
 *     if unstated
 */
record StoredVector(String model, SparseVector vector, Map<String, String> texts) {

  static final String MODEL = "model";
  static final String WEIGHTS = "weights";
  private static final String TEXTS = "texts";

  /** The value of a document whose text was encoded, as an ingest pipeline takes it. */
  static List<Map<String, Object>> of(
      String model, SparseVector vector, String field, String text) {
    return List.of(
        Map.of(
            MODEL,
            model,
            WEIGHTS,
            Map.copyOf(vector.toMap()),
            TEXTS,
            Map.of(field, Sha256.of(text))));
  }

  /**
   * Reads a value.
   *
   * @param field its name, for messages
   * @param parser at the value's beginning; afterwards at its end
   * @throws IllegalArgumentException if it is malformed
   */
  static StoredVector parse(String field, XContentParser parser) throws IOException {
    if (parser.currentToken() != Token.START_ARRAY) {
      throw malformed(field);
    }
    Token token = parser.nextToken();
    if (token == Token.END_ARRAY) {
      return new StoredVector(null, null, Map.of());
    }
    if (token != Token.START_OBJECT) {
      throw malformed(field);
    }
    String model = null;
    SparseVector vector = null;
    Map<String, String> texts = Map.of();
    while (parser.nextToken() == Token.FIELD_NAME) {
      String key = parser.currentName();
      token = parser.nextToken();
      if (key.equals(MODEL) && token == Token.VALUE_STRING) {
        model = parser.text();
      } else if (key.equals(WEIGHTS) && token == Token.START_OBJECT) {
        vector = Weights.parse(parser);
      } else if (key.equals(TEXTS) && token == Token.START_OBJECT) {
        texts = parser.mapStrings();
      } else {
        throw malformed(field);
      }
    }
    if (vector == null || parser.nextToken() != Token.END_ARRAY) {
      throw malformed(field);
    }
    return new StoredVector(model, vector, texts);
  }

  private static IllegalArgumentException malformed(String field) {
    return new IllegalArgumentException(
        "Field [%s] of type [%s] takes a list with one object of [%s], the SHA-256 of the model's fingerprint, and [%s], an object of a positive number for each feature. It must be a list, because a partial update merges objects."
            .formatted(field, SparseFieldMapper.TYPE, MODEL, WEIGHTS));
  }

  /**
   * Holds the texts of a document to those that were encoded. A text that the document no longer
   * has contradicts nothing: a pipeline may remove it to save its space.
   *
   * @param field the name of the field of this value, for messages
   * @param source the document
   * @throws IllegalArgumentException if a text is another
   */
  void requireTexts(String field, Map<String, Object> source) {
    texts.forEach(
        (name, hash) -> {
          for (Object text : values(source, name)) {
            if (!(text instanceof String) || !Sha256.of((String) text).equals(hash)) {
              throw new IllegalArgumentException(
                  "Field [%s] has the weights of another text than field [%s] has: one of them was changed and not the other, for instance by a partial update in a bulk request, which runs no pipeline. Write the whole document through the pipeline, or send both."
                      .formatted(field, name));
            }
          }
        });
  }

  /** All that a path leads to, also by names that contain dots. */
  private static List<Object> values(Object node, String path) {
    List<Object> found = new ArrayList<>();
    if (node instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        String place = i + ".";
        found.addAll(
            values(list.get(i), path.startsWith(place) ? path.substring(place.length()) : path));
      }
    } else if (node instanceof Map<?, ?> map) {
      if (map.containsKey(path)) {
        found.add(map.get(path));
      }
      for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
        found.addAll(values(map.get(path.substring(0, dot)), path.substring(dot + 1)));
      }
    }
    return found;
  }
}
