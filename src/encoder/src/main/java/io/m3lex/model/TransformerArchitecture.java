/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.m3lex.util.JsonFaults;
import io.m3lex.util.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The shape of a transformer encoder as its {@code config.json} states it: BERT's layers (attention
 * and feed-forward, each followed by a layer norm), exact GELU, absolute positions.
 *
 * @param type {@code xlm-roberta} or {@code bert}; they differ in the number of a text's first
 *     position
 * @param layers number of layers
 * @param hiddenSize length of a hidden state
 * @param heads number of attention heads, which divides {@code hiddenSize}
 * @param intermediateSize length of the feed-forward layer
 * @param vocabularySize number of token ids
 * @param positions number of rows of the position table
 * @param tokenTypes number of rows of the token type table, of which only the first is used
 * @param paddingId token id of the padding
 * @param layerNormEpsilon added to the variance in a layer norm
 */
public record TransformerArchitecture(
    String type,
    int layers,
    int hiddenSize,
    int heads,
    int intermediateSize,
    int vocabularySize,
    int positions,
    int tokenTypes,
    int paddingId,
    double layerNormEpsilon) {

  /** The name of the file, as Hugging Face writes it. */
  public static final String FILE_NAME = "config.json";

  private static final String XLM_ROBERTA = "xlm-roberta";
  private static final String BERT = "bert";
  private static final int GREATEST = 1 << 24;
  private static final int GREATEST_LAYERS = 1_000;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Reads a config.json.
   *
   * @param content the whole file
   * @param file what messages call it
   * @throws IOException if it is no JSON, or of an encoder that m3lex does not run; the message
   *     names the property and its value
   */
  public static TransformerArchitecture parse(ByteBuffer content, String file) throws IOException {
    byte[] bytes = new byte[content.remaining()];
    content.duplicate().get(bytes);
    JsonNode json;
    try {
      json = JSON.readTree(Utf8.text(bytes));
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + ": is not JSON: " + JsonFaults.words(e) + ". Download it again.");
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": is not UTF-8. Download it again.", e);
    }
    return new Config(json, file).architecture();
  }

  /** One config.json, property by property. */
  private record Config(JsonNode json, String file) {

    TransformerArchitecture architecture() throws IOException {
      String type = json.path("model_type").asText("");
      if (!Set.of(XLM_ROBERTA, BERT).contains(type)) {
        throw wrong("model_type", "m3lex runs " + XLM_ROBERTA + " and " + BERT);
      }
      require("hidden_act", "gelu");
      require("position_embedding_type", "absolute");
      if (json.path("is_decoder").asBoolean(false)) {
        throw wrong("is_decoder", "m3lex runs encoders");
      }
      TransformerArchitecture found =
          new TransformerArchitecture(
              type,
              number("num_hidden_layers", 1, GREATEST_LAYERS),
              number("hidden_size", 1, GREATEST),
              number("num_attention_heads", 1, GREATEST),
              number("intermediate_size", 1, GREATEST),
              number("vocab_size", 1, GREATEST),
              number("max_position_embeddings", 1, GREATEST),
              number("type_vocab_size", 1, GREATEST),
              number("pad_token_id", 0, GREATEST),
              epsilon());
      if (found.hiddenSize % found.heads != 0) {
        throw wrong("num_attention_heads", "it must divide hidden_size " + found.hiddenSize);
      }
      if (found.paddingId >= found.vocabularySize) {
        throw wrong("pad_token_id", "it must be below vocab_size " + found.vocabularySize);
      }
      if (found.maxTokens() < 1) {
        throw wrong("max_position_embeddings", "that leaves no position for a token");
      }
      return found;
    }

    private void require(String property, String value) throws IOException {
      if (!json.path(property).asText(value).equals(value)) {
        throw wrong(property, "m3lex runs encoders with \"" + value + "\"");
      }
    }

    private int number(String property, int least, int greatest) throws IOException {
      JsonNode value = json.path(property);
      if (!value.isInt() || value.intValue() < least || value.intValue() > greatest) {
        throw wrong(
            property,
            String.format(Locale.ROOT, "it must be a whole number from %d to %d", least, greatest));
      }
      return value.intValue();
    }

    private double epsilon() throws IOException {
      JsonNode value = json.path("layer_norm_eps");
      if (!value.isNumber() || !(value.doubleValue() > 0 && value.doubleValue() < 1)) {
        throw wrong("layer_norm_eps", "it must be a number between 0 and 1");
      }
      return value.doubleValue();
    }

    private IOException wrong(String property, String rule) {
      JsonNode value = json.path(property);
      return new IOException(
          "%s: \"%s\" is %s; %s. Use the config.json of the encoder."
              .formatted(file, property, value.isMissingNode() ? "missing" : value, rule));
    }
  }

  /** The position of a text's first token: XLM-R counts from behind the padding's number. */
  public int firstPosition() {
    return type.equals(XLM_ROBERTA) ? paddingId + 1 : 0;
  }

  /** Greatest number of tokens that the position table has room for, special tokens included. */
  public int maxTokens() {
    return positions - firstPosition();
  }

  /** The name of a tensor of one layer: {@code encoder.layer.3.output.dense.weight}. */
  public static String inLayer(int layer, String name) {
    return String.format(Locale.ROOT, "encoder.layer.%d.%s", layer, name);
  }

  /**
   * Shape by name of every tensor that this architecture has, and without which it has no output.
   */
  public SortedMap<String, long[]> tensors() {
    SortedMap<String, long[]> shapes = new TreeMap<>();
    shapes.put("embeddings.word_embeddings.weight", new long[] {vocabularySize, hiddenSize});
    shapes.put("embeddings.position_embeddings.weight", new long[] {positions, hiddenSize});
    shapes.put("embeddings.token_type_embeddings.weight", new long[] {tokenTypes, hiddenSize});
    putPair(shapes, "embeddings.LayerNorm", hiddenSize);
    for (int layer = 0; layer < layers; layer++) {
      for (String name : new String[] {"query", "key", "value"}) {
        putPair(shapes, inLayer(layer, "attention.self." + name), hiddenSize, hiddenSize);
      }
      putPair(shapes, inLayer(layer, "attention.output.dense"), hiddenSize, hiddenSize);
      putPair(shapes, inLayer(layer, "attention.output.LayerNorm"), hiddenSize);
      putPair(shapes, inLayer(layer, "intermediate.dense"), intermediateSize, hiddenSize);
      putPair(shapes, inLayer(layer, "output.dense"), hiddenSize, intermediateSize);
      putPair(shapes, inLayer(layer, "output.LayerNorm"), hiddenSize);
    }
    return Collections.unmodifiableSortedMap(shapes);
  }

  private static void putPair(SortedMap<String, long[]> shapes, String name, long... weight) {
    shapes.put(name + ".weight", weight);
    shapes.put(name + ".bias", new long[] {weight[0]});
  }

  /** Whether checkpoints of this architecture may hold a tensor that no hidden state depends on. */
  public static boolean isUnused(String tensor) {
    return tensor.startsWith("pooler.") || tensor.equals("embeddings.position_ids");
  }
}
