/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseVector;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.opensearch.common.xcontent.json.JsonXContent;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.XContentParser;

class WeightsTest {

  @Test
  void weightsAreReadAsTheyStand() throws IOException {
    assertEquals(
        SparseVector.of(Map.of("7", 0.1f, "a.b", 2f)),
        parse("{\"7\": 0.1, \"a.b\": 2, \"c\": 0, \"d\": 1e-60}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"7\": \"0.5\"}|[7] must be a number",
        "{\"7\": null}|[7] must be a number",
        "{\"7\": -1e-60}|\"7\" must be from 0 to",
        "{\"7\": 1e39}|\"7\" must be from 0 to",
        "{\"7\": 1e99999999999}|[7] must be a number",
        "{\"\": 1}|must have a name",
      })
  void whatRecordsRefuseIsRefused(String json, String reason) {
    String message = assertThrows(IllegalArgumentException.class, () -> parse(json)).getMessage();
    assertTrue(message.contains(reason), message);
  }

  @Test
  void aFeatureTwiceIsRefused() {
    assertThrows(Exception.class, () -> parse("{\"7\": 1, \"7\": 2}"));
  }

  private static SparseVector parse(String json) throws IOException {
    try (XContentParser parser =
        JsonXContent.jsonXContent.createParser(
            NamedXContentRegistry.EMPTY, DeprecationHandler.THROW_UNSUPPORTED_OPERATION, json)) {
      parser.nextToken();
      return Weights.parse(parser);
    }
  }
}
