/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static java.lang.Character.SURROGATE;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.util.JsonFaults;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Looks through a tokenizer.json before the native tokenizer reads it: some JSON that it cannot
 * read ends not in an exception, but ends the program.
 */
final class TokenizerJson {

  /** The native parser takes 128. */
  private static final int DEEPEST = 100;

  private static final JsonFactory JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .build())
          .getFactory();

  /** The greatest ids are kept, and no more than these of them. */
  private static final int KEPT = 10;

  /** Those of tokens that stand for no text. */
  private final Set<Integer> special = new HashSet<>();

  private final SortedMap<Integer, String> greatest = new TreeMap<>();
  private final Map<String, Integer> added = new LinkedHashMap<>();

  /**
   * The ids of the tokens that stand for no text: beginning, end, padding, unknown. The mask is not
   * among them: BGE-M3's reference gives it a weight.
   */
  Set<Integer> specialIds() {
    return special;
  }

  /** The tokens with the greatest ids, ten at most, by id. */
  SortedMap<Integer, String> greatest() {
    return greatest;
  }

  /** The tokens that were added to the vocabulary, with the ids that they should have. */
  Map<String, Integer> added() {
    return added;
  }

  private void add(int id, String token) {
    if (greatest.size() < KEPT || id > greatest.firstKey()) {
      greatest.put(id, token);
      if (greatest.size() > KEPT) {
        greatest.remove(greatest.firstKey());
      }
    }
  }

  /**
   * Reads a tokenizer.json.
   *
   * @throws IOException if the content is no JSON object that the native parser takes
   */
  TokenizerJson(byte[] json) throws IOException {
    // Read as a stream: the vocabulary of a large model would make millions of nodes.
    // Decoded here, because Jackson would guess UTF-16 or UTF-32, which the native parser does not.
    try (JsonParser parser =
        JSON.createParser(
            new InputStreamReader(
                new ByteArrayInputStream(json), StandardCharsets.UTF_8.newDecoder()))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("tokenizer.json is no JSON object. Download the file again.");
      }
      int depth = 1;
      String section = "";
      boolean vocabulary = false;
      int position = 0;
      while (depth > 0) {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.FIELD_NAME && depth == 1) {
          section = parser.currentName();
        } else if (token == JsonToken.FIELD_NAME && depth == 2) {
          vocabulary = section.equals("model") && parser.currentName().equals("vocab");
        } else if (vocabulary && depth == 3 && token == JsonToken.VALUE_NUMBER_INT) {
          // Of WordPiece and BPE: {"token": id}.
          add(parser.getIntValue(), parser.currentName());
        } else if (vocabulary && depth == 4 && token == JsonToken.VALUE_STRING) {
          // Of Unigram: [["token", score]], and a token's place is its id.
          add(position++, parser.getText());
        }
        switch (token == JsonToken.FIELD_NAME && depth == 1 ? parser.currentName() : "") {
          case "added_tokens" -> addTokens(tree(parser));
          case "post_processor" -> {
            JsonNode processor = tree(parser);
            checkTemplates(processor);
            addFrame(processor);
          }
          default -> {
            check(parser, token, parser.currentLocation());
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
          }
        }
      }
      if (parser.nextToken() != null) {
        throw new IOException("Something follows the end of tokenizer.json. Download it again.");
      }
    } catch (JsonProcessingException e) {
      throw new IOException(
          "tokenizer.json cannot be read: " + JsonFaults.words(e) + ". Download the file again.",
          e);
    } catch (CharacterCodingException e) {
      throw new IOException("tokenizer.json is not valid UTF-8. Download the file again.", e);
    }
  }

  /** The value of the field that the parser is at, checked. */
  private static JsonNode tree(JsonParser parser) throws IOException {
    parser.nextToken();
    JsonNode tree = parser.readValueAsTree();
    try (JsonParser again = tree.traverse()) {
      for (JsonToken token = again.nextToken(); token != null; token = again.nextToken()) {
        check(again, token, parser.currentLocation());
      }
    }
    return tree;
  }

  /** A template must not name a token that it does not define, or a second text where one is. */
  private static void checkTemplates(JsonNode processor) throws IOException {
    JsonNode defined = processor.path("special_tokens");
    for (String template : List.of("single", "pair")) {
      for (JsonNode piece : processor.path(template)) {
        JsonNode id = piece.path("SpecialToken").path("id");
        boolean undefined = id.isTextual() && !defined.has(id.textValue());
        JsonNode text = piece.path("Sequence").path("id");
        boolean second = template.equals("single") && text.asText().equals("B");
        if (undefined || second) {
          throw new IOException(
              "The post_processor of tokenizer.json names %s. Download the file again."
                  .formatted(
                      undefined
                          ? "a token " + id + " that it does not define"
                          : "a second text " + text + " where there is one"));
        }
      }
    }
    for (JsonNode part : processor) {
      checkTemplates(part);
    }
  }

  /** The ids that a template puts around texts, and the pairs of older processors. */
  private void addFrame(JsonNode processor) {
    for (JsonNode token : processor.path("special_tokens")) {
      for (JsonNode id : token.path("ids")) {
        add(id.asInt(), token.path("id").asText());
      }
    }
    for (String end : List.of("sep", "cls")) {
      JsonNode pair = processor.path(end);
      if (pair.path(1).isInt()) {
        add(pair.path(1).intValue(), pair.path(0).asText());
      }
    }
    for (JsonNode part : processor.path("processors")) {
      addFrame(part);
    }
  }

  private void addTokens(JsonNode tokens) {
    for (JsonNode token : tokens) {
      String content = token.path("content").asText();
      added.put(content, token.path("id").asInt());
      add(token.path("id").asInt(), content);
      if (token.path("special").asBoolean() && !content.toLowerCase(Locale.ROOT).contains("mask")) {
        special.add(token.path("id").asInt());
      }
    }
  }

  private static void check(JsonParser parser, JsonToken token, JsonLocation place)
      throws IOException {
    boolean wrong =
        switch (token) {
          case FIELD_NAME, VALUE_STRING ->
              parser.getText().codePoints().anyMatch(c -> Character.getType(c) == SURROGATE);
          case VALUE_NUMBER_FLOAT -> !Double.isFinite(parser.getDoubleValue());
          default -> false;
        };
    if (wrong) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "tokenizer.json holds what is no character or no finite number in line %d, column %d. Download the file again.",
              place.getLineNr(),
              place.getColumnNr()));
    }
  }
}
