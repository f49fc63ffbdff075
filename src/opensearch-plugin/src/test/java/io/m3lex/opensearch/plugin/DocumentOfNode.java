/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.SparseVector;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.common.xcontent.json.JsonXContent;
import org.opensearch.core.xcontent.DeprecationHandler;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.core.xcontent.XContentParser;

/** A document with a sparse field, as a node merges a partial update into it and reads it again. */
public final class DocumentOfNode {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Object> source = new HashMap<>();

  /** A document whose text an ingest pipeline has encoded. */
  public static DocumentOfNode encoded(String text, SparseVector vector) {
    DocumentOfNode document = new DocumentOfNode();
    document.source.put("text", text);
    document.source.put("sparse", StoredVector.of("model", vector, "text", text));
    return document;
  }

  /** Merges a partial update into it, as OpenSearch does. */
  public void update(String change) throws IOException {
    @SuppressWarnings("unchecked")
    Map<String, Object> changes = JSON.readValue(change, Map.class);
    XContentHelper.update(source, changes, false);
  }

  /** The weights that its field gets. */
  public SparseVector vector() throws IOException {
    StoredVector value = parse(source.get("sparse"));
    value.requireTexts("sparse", source);
    return value.vector();
  }

  static StoredVector parse(Object value) throws IOException {
    try (XContentParser parser =
        JsonXContent.jsonXContent.createParser(
            NamedXContentRegistry.EMPTY,
            DeprecationHandler.THROW_UNSUPPORTED_OPERATION,
            JSON.writeValueAsString(value))) {
      parser.nextToken();
      StoredVector vector = StoredVector.parse("sparse", parser);
      assertNull(parser.nextToken());
      return vector;
    }
  }
}
