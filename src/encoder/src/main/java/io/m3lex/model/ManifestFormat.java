/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.m3lex.checkpoint.BadDownload;
import io.m3lex.util.JsonFaults;
import io.m3lex.util.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The JSON of a {@link ModelManifest}. */
final class ManifestFormat {

  private static final String REMEDY =
      "Take the manifest from where the model comes from, or lock the model again";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .build();

  private ManifestFormat() {}

  /**
   * Reads a manifest.
   *
   * @throws ModelVerificationException if the content is not a manifest
   */
  static ModelManifest parse(byte[] content, String file) {
    Optional<BadDownload> bad = BadDownload.recognise(ByteBuffer.wrap(content));
    if (bad.isPresent()) {
      throw ModelVerificationException.ofManifest(
          file, "the manifest " + bad.get().problem(), bad.get().remedy());
    }
    try (JsonParser json = MAPPER.createParser(Utf8.text(content))) {
      JsonNode tree = MAPPER.readTree(json);
      if (tree == null) {
        throw ModelVerificationException.ofManifest(file, "the file is blank", REMEDY);
      }
      if (json.nextToken() != null) {
        throw ModelVerificationException.ofManifest(
            file, "something follows the end of the JSON", REMEDY);
      }
      requireCharacters(tree, file);
      JsonNode version = tree.path("formatVersion");
      if (!version.isInt() || version.intValue() != ModelManifest.FORMAT_VERSION) {
        throw ModelVerificationException.ofManifest(
            file,
            "formatVersion is "
                + (version.isMissingNode() ? "missing" : version)
                + ", but this program reads version "
                + ModelManifest.FORMAT_VERSION,
            "Use the program version that wrote the manifest, or lock the model again");
      }
      return MAPPER.treeToValue(tree, ModelManifest.class);
    } catch (JsonProcessingException e) {
      throw ModelVerificationException.ofManifest(file, problem(e), REMEDY);
    } catch (CharacterCodingException e) {
      throw ModelVerificationException.ofManifest(file, "the file is not UTF-8", REMEDY);
    } catch (IOException e) {
      throw ModelVerificationException.ofManifest(
          file, "the JSON cannot be read: " + e.getMessage(), REMEDY);
    }
  }

  /** Half a surrogate pair would be written as another character than it was read. */
  private static void requireCharacters(JsonNode node, String file) {
    List<String> strings = new ArrayList<>(List.of(node.asText()));
    node.fieldNames().forEachRemaining(strings::add);
    for (String string : strings) {
      Optional<String> fault = Utf8.fault(string);
      if (fault.isPresent()) {
        throw ModelVerificationException.ofManifest(
            file, "\"%s\" %s".formatted(string, fault.get()), REMEDY);
      }
    }
    for (JsonNode child : node) {
      requireCharacters(child, file);
    }
  }

  private static String problem(JsonProcessingException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return "unknown property \"" + unknown.getPropertyName() + "\"" + place(unknown);
    }
    if (e instanceof ValueInstantiationException refused
        && refused.getCause() != null
        && refused.getCause().getMessage() != null) {
      return refused.getCause().getMessage();
    }
    if (e instanceof JsonMappingException wrong) {
      return wrong.getOriginalMessage() + place(wrong);
    }
    return "the JSON is broken: " + JsonFaults.words(e);
  }

  private static String place(JsonMappingException e) {
    StringBuilder place = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        place.append('[').append(step.getIndex()).append(']');
      } else {
        place.append(place.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return place.isEmpty() ? "" : " (at " + place + ")";
  }

  static byte[] write(ModelManifest manifest) {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter(
                Separators.createDefaultInstance()
                    .withObjectFieldValueSpacing(Separators.Spacing.AFTER))
            .withObjectIndenter(indenter)
            .withArrayIndenter(indenter);
    try {
      String json = MAPPER.writer(printer).writeValueAsString(manifest);
      return (json + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "the manifest holds a value that JSON cannot: " + e.getOriginalMessage(), e);
    }
  }
}
