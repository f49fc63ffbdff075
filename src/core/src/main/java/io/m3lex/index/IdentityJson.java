/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The form of an {@link ModelIdentity} in a commit. Floats survive it exactly, in their shortest
 * exact decimals. Streamed, so that an index needs no more of Jackson than its core.
 */
final class IdentityJson {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private IdentityJson() {}

  static String write(ModelIdentity identity) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("model", identity.fingerprint().model());
      write(json, "components", identity.fingerprint().components());
      write(json, "environment", identity.environment());
      json.writeNumberField("tolerance", identity.tolerance());
      json.writeArrayFieldStart("witnesses");
      for (WitnessText witness : identity.witnesses()) {
        json.writeStartObject();
        json.writeStringField("text", witness.text());
        json.writeStringField("role", witness.role().name());
        json.writeObjectFieldStart("weights");
        for (Map.Entry<String, Float> weight : witness.vector().toMap().entrySet()) {
          json.writeNumberField(weight.getKey(), weight.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new AssertionError("a text takes everything", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, String name, SortedMap<String, String> values)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, String> value : values.entrySet()) {
      json.writeStringField(value.getKey(), value.getValue());
    }
    json.writeEndObject();
  }

  /**
   * Reads an identity.
   *
   * @throws IOException if the text is not JSON, or something is missing, unknown or of another
   *     type
   * @throws IllegalArgumentException if a value is out of its range
   */
  static ModelIdentity read(String text) throws IOException {
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      String model = null;
      SortedMap<String, String> components = null;
      SortedMap<String, String> environment = null;
      Float tolerance = null;
      List<WitnessText> witnesses = null;
      require(json, JsonToken.START_OBJECT);
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "model" -> model = string(json);
          case "components" -> components = strings(json);
          case "environment" -> environment = strings(json);
          case "tolerance" -> tolerance = number(json);
          case "witnesses" -> witnesses = witnesses(json);
          default -> throw new JsonParseException(json, "unknown property \"" + name + "\"");
        }
      }
      if (json.nextToken() != null) {
        throw new JsonParseException(json, "something follows the end");
      }
      return new ModelIdentity(
          new ModelFingerprint(
              present(json, "model", model), present(json, "components", components)),
          present(json, "environment", environment),
          present(json, "witnesses", witnesses),
          present(json, "tolerance", tolerance));
    }
  }

  private static List<WitnessText> witnesses(JsonParser json) throws IOException {
    require(json, JsonToken.START_ARRAY);
    List<WitnessText> witnesses = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      require(json, JsonToken.START_OBJECT);
      String text = null;
      String role = null;
      SortedMap<String, Float> weights = null;
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        switch (name) {
          case "text" -> text = string(json);
          case "role" -> role = string(json);
          case "weights" -> weights = weights(json);
          default -> throw new JsonParseException(json, "unknown property \"" + name + "\"");
        }
      }
      witnesses.add(
          new WitnessText(
              present(json, "text", text),
              TextRole.valueOf(present(json, "role", role)),
              SparseVector.of(present(json, "weights", weights))));
    }
    return witnesses;
  }

  private static SortedMap<String, Float> weights(JsonParser json) throws IOException {
    require(json, JsonToken.START_OBJECT);
    SortedMap<String, Float> weights = new TreeMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String feature = json.currentName();
      json.nextToken();
      weights.put(feature, number(json));
    }
    return weights;
  }

  private static SortedMap<String, String> strings(JsonParser json) throws IOException {
    require(json, JsonToken.START_OBJECT);
    SortedMap<String, String> strings = new TreeMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      strings.put(name, string(json));
    }
    return strings;
  }

  private static String string(JsonParser json) throws IOException {
    require(json, JsonToken.VALUE_STRING);
    return json.getText();
  }

  private static float number(JsonParser json) throws IOException {
    if (json.currentToken() == null || !json.currentToken().isNumeric()) {
      throw new JsonParseException(json, "a number is expected");
    }
    return json.getFloatValue();
  }

  private static void require(JsonParser json, JsonToken token) throws IOException {
    if (json.currentToken() != token) {
      throw new JsonParseException(
          json, "%s is expected, not %s".formatted(token, json.currentToken()));
    }
  }

  private static <T> T present(JsonParser json, String name, T value) throws IOException {
    if (value == null) {
      throw new JsonParseException(json, "\"" + name + "\" is missing");
    }
    return value;
  }
}
