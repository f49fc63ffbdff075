/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.SparseVector;
import io.m3lex.util.Sha256;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opensearch.common.xcontent.XContentHelper;

/** A field's value is replaced as a whole or refused, whatever OpenSearch merges it with. */
class StoredVectorTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String OLD = "[{\"model\": \"a\", \"weights\": {\"lease\": 1.5}}]";

  private static StoredVector parse(Object value) throws IOException {
    return DocumentOfNode.parse(value);
  }

  /** What becomes of a document's value by a partial update. */
  private static StoredVector updated(String old, String update) throws IOException {
    Map<String, Object> document =
        new HashMap<>(Map.of("sparse", JSON.readValue(old, Object.class)));
    Map<String, Object> change =
        new HashMap<>(Map.of("sparse", JSON.readValue(update, Object.class)));
    XContentHelper.update(document, change, true);
    return parse(document.get("sparse"));
  }

  @Test
  void anUpdateReplacesAllWeights() throws IOException {
    StoredVector now = updated(OLD, "[{\"model\": \"a\", \"weights\": {\"rent\": 2}}]");
    assertEquals(SparseVector.of(Map.of("rent", 2f)), now.vector());
  }

  /** The weights of another model do not get the name of the former's. */
  @Test
  void anUpdateReplacesTheModelAsWell() throws IOException {
    assertEquals(null, updated(OLD, "[{\"weights\": {\"rent\": 2}}]").model());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"weights\": {\"rent\": 2}}",
        "{\"model\": \"a\", \"weights\": {\"rent\": 2}}",
        "{\"model\": \"b\"}",
        "{\"0\": {\"weights\": {\"rent\": 2}}}"
      })
  void anUpdateThatMergesIsRefused(String update) {
    for (String old : List.of(OLD, "{\"model\": \"a\", \"weights\": {\"lease\": 1.5}}")) {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> updated(old, update));
      assertTrue(refused.getMessage().contains("takes a list with one object"));
    }
  }

  @Test
  void anEmptyListIsNoVector() throws IOException {
    assertEquals(null, updated(OLD, "[]").vector());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text     | {'text': 'new'}                                | false",
        "text     | {'text': 'old'}                                | true",
        "text     | {'title': 'new'}                               | true",
        "text     | {'text': null}                                 | false",
        "text     | {'text': ['old', 'new']}                       | false",
        "a.text   | {'a': {'text': 'old'}, 'a.text': 'new'}        | false",
        "a.text   | {'a': {'text': 'old'}, 'a.text': 'old'}        | true",
        "a.text   | {'a': [{'text': 'old'}, {'text': 'new'}]}      | false",
        "a.0.text | {'a': [{'text': 'old'}, {'text': 'new'}]}      | true",
        "a.1.text | {'a': [{'text': 'old'}, {'text': 'new'}]}      | false",
        "a.b.text | {'a.b': {'text': 'new'}}                       | false",
        "a.b.text | {'a': {'b.text': 'new', 'b': {'text': 'old'}}} | false",
      })
  void anotherTextIsNoticed(String field, String document, boolean same) throws IOException {
    StoredVector vector =
        parse(StoredVector.of("a", SparseVector.of(Map.of("x", 1f)), field, "old"));
    assertEquals(Map.of(field, Sha256.of("old")), vector.texts());
    @SuppressWarnings("unchecked")
    Map<String, Object> source = JSON.readValue(document.replace('\'', '"'), Map.class);
    if (same) {
      assertDoesNotThrow(() -> vector.requireTexts("sparse", source));
    } else {
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> vector.requireTexts("sparse", source));
      assertTrue(refused.getMessage().contains("has the weights of another text"));
    }
  }
}
