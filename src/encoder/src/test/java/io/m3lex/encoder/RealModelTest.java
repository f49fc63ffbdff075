/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.Checkout;
import io.m3lex.TextRole;
import io.m3lex.checkpoint.Checkpoint;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.HeadForm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Head, pooling and tokenizer against published values of the real BGE-M3: its own
 * sparse_linear.pt, byte for byte, and hidden states that its encoder gave.
 */
class RealModelTest {

  private static final Path GOLDEN = Checkout.shared("golden");
  private static final Path TOKENIZER = Checkout.shared("tokenizer/tokenizer.reconstructed.json");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static LexicalHead head;
  private static TextTokenizer tokenizer;

  @BeforeAll
  static void load() throws IOException {
    head = new LexicalHead(HeadForm.M3, resource("sparse_linear.pt"), null);
    if (Files.exists(TOKENIZER)) {
      tokenizer = new TextTokenizer(Files.readAllBytes(TOKENIZER));
    }
  }

  @AfterAll
  static void close() {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }

  private static SortedMap<String, Tensor> resource(String name) throws IOException {
    try (InputStream stream = RealModelTest.class.getResourceAsStream(name)) {
      return Checkpoint.read(FileBytes.of(ByteBuffer.wrap(stream.readAllBytes())), name);
    }
  }

  @Test
  void theRealHeadGivesTheRealWeightsOnRealStates() throws IOException {
    float[] states = resource("hello-world-states.safetensors").get("states").toFloats();
    int[] ids = {0, 33600, 31, 8999, 2};
    assertWeights(
        Map.of("33600", 0.224129f, "31", 0.204036f, "8999", 0.273626f), weights(ids, states), 2e-5);
  }

  @Test
  void theRealHeadGivesTheRealWeightsOnAllPublishedStates() throws IOException {
    JsonNode cases = golden("bge-m3-hidden-states.json").path("cases");
    Map<String, JsonNode> expected = new TreeMap<>();
    for (JsonNode text : golden("bge-m3-head-on-hidden-states.json").path("cases")) {
      expected.put(text.path("text").asText(), text.path("lexical_weights"));
    }
    for (JsonNode text : cases) {
      float[] states = new float[text.path("hidden").size()];
      for (int i = 0; i < states.length; i++) {
        states[i] = (float) text.path("hidden").get(i).asDouble();
      }
      assertWeights(
          weightsOf(expected.get(text.path("text").asText())),
          weights(ids(text.path("input_ids")), states),
          2e-5);
    }
    assertEquals(13, cases.size());
  }

  @Test
  void theDenseVectorsOfThePublishedStatesAreThePublishedOnes() throws IOException {
    JsonNode cases = golden("bge-m3-hidden-states.json").path("cases");
    for (JsonNode text : cases) {
      float[] first = new float[1024];
      for (int i = 0; i < first.length; i++) {
        first[i] = (float) text.path("hidden").get(i).asDouble();
      }
      TextVectors vectors = new TextVectors(Optional.empty());
      vectors.add(
          new TokenStates(new int[0], new boolean[0], new float[0], 1024, first, new float[1024]));
      float[] dense = vectors.dense();
      for (int i = 0; i < dense.length; i++) {
        assertEquals(
            text.path("embedding").get(i).asDouble(), dense[i], 1e-5, text.path("text").asText());
      }
    }
    assertEquals(13, cases.size());
  }

  @Test
  void thePublishedWeightsOfTheWholeModelAreThoseOfItsHeadOnItsStates() throws IOException {
    Map<String, Map<String, Float>> published = new TreeMap<>();
    for (JsonNode text : golden("bge-m3-lexical-weights.json").path("cases")) {
      published.put(text.path("text").asText(), weightsOf(text.path("weights")));
    }
    int compared = 0;
    for (JsonNode text : golden("bge-m3-head-on-hidden-states.json").path("cases")) {
      Map<String, Float> whole = published.get(text.path("text").asText());
      if (whole != null) {
        assertWeights(whole, weightsOf(text.path("lexical_weights")), 1e-4);
        compared++;
      }
    }
    assertTrue(compared > 0, "no text is in both");
  }

  @Test
  void textsHaveTheTokensOfTheOfficialTokenizer() throws IOException {
    assumeTrue(tokenizer != null, TOKENIZER + " is not there");
    int compared = 0;
    for (String file : List.of("tokenizer-json-ids.json", "bge-m3-lexical-weights.json")) {
      for (JsonNode text : golden(file).path("cases")) {
        if (text.has("input_ids")) {
          assertArrayEquals(
              ids(text.path("input_ids")),
              framed(text.path("text").asText()),
              text.path("text").asText());
          compared++;
        }
      }
    }
    assertTrue(compared > 16, compared + " texts");
  }

  @Test
  void anotherPipelineDiffersOnlyWhereItIsKnownTo() throws IOException {
    assumeTrue(tokenizer != null, TOKENIZER + " is not there");
    List<String> different = new ArrayList<>();
    JsonNode cases = golden("tokenizer-cases.json");
    for (JsonNode json : cases) {
      // This text has lost the invisible U+2063 that its ids begin with.
      String text = json.path("text").asText().replace("⁂", "\u2063⁂");
      if (!Arrays.equals(ids(json.path("ids")), framed(text))) {
        different.add(text);
      }
    }
    assertEquals(35, cases.size());
    assertEquals(3, different.size(), different.toString());
    for (String text : different) {
      assertTrue(
          text.endsWith(" ") || text.endsWith("\n") || text.contains("<"), "differs: " + text);
    }
  }

  @Test
  void publishedFeaturesAreTheTokensOfTheirTextsWithoutSpecialOnes() throws IOException {
    assumeTrue(tokenizer != null, TOKENIZER + " is not there");
    JsonNode texts = golden("bge-m3-eleven-texts.json");
    int compared = 0;
    for (int i = 0; i < texts.path("sentences").size(); i++) {
      String text = texts.path("sentences").get(i).asText();
      if (text.endsWith(" ")) {
        continue;
      }
      TextTokenizer.Tokens tokens = tokenizer.tokenize(text);
      Set<String> features = new TreeSet<>();
      for (int t = 0; t < tokens.ids().length; t++) {
        if (!tokens.special()[t]) {
          features.add(Integer.toString(tokens.ids()[t]));
        }
      }
      Set<String> published = new TreeSet<>();
      texts.path("lexical_weights").get(i).fieldNames().forEachRemaining(published::add);
      // A token whose weight is not positive is no feature.
      assertTrue(features.containsAll(published), text + ": " + published + " " + features);
      compared++;
    }
    assertEquals(10, compared);
  }

  private static int[] framed(String text) {
    TextTokenizer.Tokens tokens = tokenizer.tokenize(text);
    long[] frame = tokenizer.frame(tokens.ids(), 0, tokens.ids().length);
    return Arrays.stream(frame).mapToInt(id -> (int) id).toArray();
  }

  private static Map<String, Float> weights(int[] ids, float[] states) {
    boolean[] special = new boolean[ids.length];
    for (int i = 0; i < ids.length; i++) {
      special[i] = ids[i] < 4;
    }
    LexicalHead.Pool pool = head.pool(TextRole.QUERY);
    pool.add(new TokenStates(ids, special, states, 1024, new float[1024], new float[0]));
    return pool.vector().toMap();
  }

  private static void assertWeights(
      Map<String, Float> expected, Map<String, Float> found, double tolerance) {
    assertEquals(new TreeMap<>(expected).keySet(), new TreeMap<>(found).keySet());
    expected.forEach(
        (feature, weight) -> assertEquals(weight, found.get(feature), tolerance, feature));
  }

  private static Map<String, Float> weightsOf(JsonNode weights) {
    Map<String, Float> map = new TreeMap<>();
    weights.properties().forEach(e -> map.put(e.getKey(), (float) e.getValue().asDouble()));
    return map;
  }

  private static int[] ids(JsonNode ids) {
    int[] array = new int[ids.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = ids.get(i).asInt();
    }
    return array;
  }

  private static JsonNode golden(String name) throws IOException {
    Path file = GOLDEN.resolve(name);
    assumeTrue(Files.exists(file), file + " is not there");
    return JSON.readTree(file.toFile());
  }
}
