/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.EncodedText;
import io.m3lex.GeneratedModel;
import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.TextRole;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.model.ModelVerifier;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole small model in the official layout: tokenizer, windows, network and head. */
class TorchEncoderTest {

  private static final long SEED = Long.getLong("m3lex.seed", System.nanoTime());
  private static final int CAPACITY = GeneratedModel.SMALL_MAX_TOKENS - 2;

  @TempDir static Path folder;
  private static LexicalEncoder encoder;

  @BeforeAll
  static void open() throws IOException {
    System.out.println("TorchEncoderTest: -Dm3lex.seed=" + SEED);
    GeneratedModel.writeSmall(folder, 1);
    GeneratedModel.lock(folder);
    encoder = LexicalEncoder.open(folder);
  }

  @AfterAll
  static void close() {
    if (encoder != null) {
      encoder.close();
    }
  }

  @Test
  void weightsEqualThoseOfTheDoublePrecisionOracle() throws IOException {
    VerifiedModel model = encoder.model();
    DoubleTransformer oracle =
        new DoubleTransformer(model.architecture().orElseThrow(), model.encoderTensors());
    float[] w = model.headTensors().get("weight").toFloats();
    float bias = model.headTensors().get("bias").toFloats()[0];
    double greatest = 0;
    int features = 0;
    try (TextTokenizer tokenizer =
        new TextTokenizer(Files.readAllBytes(folder.resolve("tokenizer.json")))) {
      for (String text : texts(new Random(SEED), 30, 100)) {
        TextTokenizer.Tokens tokens = tokenizer.tokenize(text);
        double[][] states = oracle.run(tokenizer.frame(tokens.ids(), 0, tokens.ids().length));
        Map<String, Double> expected = new TreeMap<>();
        for (int t = 0; t < tokens.ids().length; t++) {
          double value = bias;
          for (int i = 0; i < w.length; i++) {
            value += (double) w[i] * states[t + 1][i];
          }
          if (!tokens.special()[t] && value > 0) {
            expected.merge(Integer.toString(tokens.ids()[t]), value, Math::max);
          }
        }
        Map<String, Float> found = encoder.encodeDocument(text).toMap();
        assertEquals(expected.keySet(), found.keySet(), text);
        for (String feature : expected.keySet()) {
          greatest = Math.max(greatest, Math.abs(expected.get(feature) - found.get(feature)));
          features++;
        }
      }
    }
    System.out.printf("greatest of %d differences of weights: %.2g%n", features, greatest);
    assertTrue(features > 100, features + " features");
    assertTrue(greatest <= 1e-6, "a weight is off by " + greatest);
  }

  @Test
  void denseAndTokenVectorsEqualThoseOfTheDoublePrecisionOracle() throws IOException {
    VerifiedModel model = encoder.model();
    DoubleTransformer oracle =
        new DoubleTransformer(model.architecture().orElseThrow(), model.encoderTensors());
    float[] w = model.otherHeadTensors().get("weight").toFloats();
    float[] bias = model.otherHeadTensors().get("bias").toFloats();
    assertTrue(encoder.hasTokenVectors());
    List<String> texts = texts(new Random(SEED), 20, 100);
    List<HybridText> found = encoder.encodeHybrid(texts, TextRole.DOCUMENT, true);
    List<EncodedText> alone = encoder.encode(texts, TextRole.DOCUMENT);
    int compared = 0;
    try (TextTokenizer tokenizer =
        new TextTokenizer(Files.readAllBytes(folder.resolve("tokenizer.json")))) {
      for (int i = 0; i < texts.size(); i++) {
        assertEquals(alone.get(i), found.get(i).encoded());
        TextTokenizer.Tokens tokens = tokenizer.tokenize(texts.get(i));
        if (tokens.ids().length == 0) {
          assertEquals(0, found.get(i).dense().length + found.get(i).tokens().length);
          continue;
        }
        double[][] states = oracle.run(tokenizer.frame(tokens.ids(), 0, tokens.ids().length));
        assertDirection(states[0], found.get(i).dense());
        // Every token but the template's first.
        assertEquals(states.length - 1, found.get(i).tokens().length);
        for (int t = 1; t < states.length; t++) {
          double[] projected = new double[bias.length];
          for (int o = 0; o < projected.length; o++) {
            projected[o] = bias[o];
            for (int j = 0; j < states[t].length; j++) {
              projected[o] += (double) w[o * states[t].length + j] * states[t][j];
            }
          }
          assertDirection(projected, found.get(i).tokens()[t - 1]);
          compared++;
        }
      }
    }
    assertTrue(compared > 100, compared + " tokens");
  }

  private static void assertDirection(double[] expected, float[] found) {
    assertEquals(expected.length, found.length);
    double length = Math.sqrt(Arrays.stream(expected).map(value -> value * value).sum());
    for (int i = 0; i < found.length; i++) {
      assertEquals(expected[i] / length, found[i], 1e-5, "-Dm3lex.seed=" + SEED);
    }
  }

  @Test
  void aModelWithoutItsOtherHeadGivesNoTokenVectors() throws IOException {
    Path sparse = folder.resolve("sparse");
    GeneratedModel.writeSmall(sparse, 1);
    ModelManifest manifest = GeneratedModel.lock(sparse);
    Files.delete(sparse.resolve("colbert_linear.pt"));
    try (LexicalEncoder without =
        LexicalEncoder.open(
            manifest,
            ModelSource.folder(sparse),
            new ModelVerifier(ModelCatalog.shipped()).sparseOnly(),
            EncoderSettings.DEFAULT)) {
      assertFalse(without.hasTokenVectors());
      assertEquals(
          encoder.encodeHybrid(List.of("the index"), TextRole.QUERY, false).getFirst().dense()[0],
          without.encodeHybrid(List.of("the index"), TextRole.QUERY, false).getFirst().dense()[0]);
      assertThrows(
          UnsupportedOperationException.class,
          () -> without.encodeHybrid(List.of("the index"), TextRole.QUERY, true));
    }
  }

  @Test
  void aTextHasTheSameBitsInAnyBatchAndOrderAndWithAnyNumberOfCallersAndThreads() throws Exception {
    Random random = new Random(SEED);
    List<String> texts = texts(random, 60, 200);
    List<EncodedText> alone = new ArrayList<>();
    for (String text : texts) {
      alone.add(encoder.encode(text, TextRole.DOCUMENT));
    }
    for (int round = 0; round < 5; round++) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, texts.size()).boxed().toList());
      Collections.shuffle(order, random);
      List<EncodedText> together =
          encoder.encode(order.stream().map(texts::get).toList(), TextRole.DOCUMENT);
      for (int i = 0; i < order.size(); i++) {
        assertEquals(alone.get(order.get(i)), together.get(i));
      }
    }
    try (LexicalEncoder single =
            LexicalEncoder.open(encoder.model(), EncoderSettings.DEFAULT.withThreads(1));
        ExecutorService callers = Executors.newFixedThreadPool(4)) {
      assertEquals(encoder.fingerprint(), single.fingerprint());
      assertEquals(alone, single.encode(texts, TextRole.DOCUMENT));
      List<Future<EncodedText>> concurrent = new ArrayList<>();
      for (String text : texts) {
        concurrent.add(callers.submit(() -> encoder.encode(text, TextRole.DOCUMENT)));
      }
      for (int i = 0; i < texts.size(); i++) {
        assertEquals(alone.get(i), concurrent.get(i).get());
      }
    }
  }

  @Test
  void emptyTextsHaveNoFeatures() {
    EncodedText empty = encoder.encode("", TextRole.QUERY);
    assertTrue(empty.vector().isEmpty());
    assertEquals(0, empty.tokens());
    List<EncodedText> among = encoder.encode(List.of("", "index", ""), TextRole.QUERY);
    assertTrue(among.get(0).vector().isEmpty() && among.get(2).vector().isEmpty());
    assertFalse(among.get(1).vector().isEmpty());
    assertEquals(List.of(), encoder.encode(List.of(), TextRole.QUERY));
  }

  @Test
  void longTextsAreWindowedOrCutAndNothingIsLostInSilence() throws IOException {
    String text = "q ".repeat(3_000) + "z";
    EncodedText windowed = encoder.encode(text, TextRole.DOCUMENT);
    assertEquals(3_001, windowed.tokens());
    assertEquals(0, windowed.droppedTokens());
    assertTrue(windowed.windows() > 3_001 / CAPACITY, windowed.toString());
    String last = feature("z");
    assertTrue(windowed.vector().weight(last) > 0, windowed.toString());
    try (LexicalEncoder cutting =
        LexicalEncoder.open(encoder.model(), EncoderSettings.DEFAULT.with(LongTexts.TRUNCATE))) {
      EncodedText cut = cutting.encode(text, TextRole.DOCUMENT);
      assertEquals(1, cut.windows());
      assertEquals(3_001 - CAPACITY, cut.droppedTokens());
      assertEquals(0, cut.vector().weight(last));
    }
  }

  private static String feature(String letter) {
    return encoder.encodeDocument(letter).toMap().keySet().stream()
        .filter(feature -> encoder.describe(feature).strip().equals(letter))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatDecidesWeightsIsInTheFingerprintAndComesBackFromIt() throws IOException {
    assertEquals("fp32", encoder.fingerprint().components().get("precision"));
    assertEquals("130", encoder.fingerprint().components().get("max-tokens"));
    EncoderSettings other =
        EncoderSettings.DEFAULT
            .with(Precision.BF16)
            .with(LongTexts.TRUNCATE)
            .withMaxTokens(100)
            .withThreads(1);
    ModelFingerprint fingerprint;
    try (LexicalEncoder changed = LexicalEncoder.open(encoder.model(), other)) {
      fingerprint = changed.fingerprint();
      assertNotEquals(encoder.fingerprint(), fingerprint);
      assertTrue(changed.environment().get("engine").endsWith("bf16"));
    }
    EncoderSettings back = EncoderSettings.DEFAULT.withThreads(1).like(fingerprint);
    assertEquals(other, back);
    IOException e =
        assertThrows(
            IOException.class,
            () -> LexicalEncoder.open(encoder.model(), EncoderSettings.DEFAULT.withMaxTokens(131)));
    assertTrue(e.getMessage().contains("takes 130 tokens at once, not 131"), e.getMessage());
  }

  @Test
  void aModelThatComputesOtherWeightsThanItsManifestSaysIsRefused(@TempDir Path other)
      throws IOException {
    GeneratedModel.writeSmall(other, 2);
    ModelManifest manifest =
        GeneratedModel.lock(other).withGolden(encoder.model().manifest().golden());
    VerifiedModel model =
        new ModelVerifier(new ModelCatalog(List.of())).verify(manifest, ModelSource.folder(other));
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> LexicalEncoder.open(model, EncoderSettings.DEFAULT));
    assertTrue(e.getMessage().contains("golden text"), e.getMessage());
  }

  @Test
  void aTokenizerOfAnotherModelIsRefusedBeforeTheEngineSeesItsIds(@TempDir Path other)
      throws IOException {
    GeneratedModel.writeSmall(other, 1);
    Path tokenizer = other.resolve("tokenizer.json");
    String json = Files.readString(tokenizer);
    // A vocabulary with a thousand more pieces than the network has rows.
    StringBuilder more = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      more.append("[\"x").append(i).append("y\",-1.0],");
    }
    String longer =
        json.replace("[\"<mask>\"", more + "[\"<mask>\"").replace("\"id\":180", "\"id\":1180");
    assertNotEquals(json, longer);
    Files.writeString(tokenizer, longer);
    ModelVerificationException refusal =
        assertThrows(ModelVerificationException.class, () -> GeneratedModel.lock(other));
    assertTrue(
        refusal.getMessage().contains("the network has no embedding for"), refusal::getMessage);
  }

  @Test
  void anInterruptedThreadStopsBetweenPassesAndTheEncoderGoesOn() throws Exception {
    String text = "index the tokens ".repeat(2_000);
    Thread.currentThread().interrupt();
    assertThrows(CancellationException.class, () -> encoder.encode(text, TextRole.DOCUMENT));
    assertTrue(Thread.interrupted());
    assertFalse(encoder.encodeDocument("index").isEmpty());
  }

  @Test
  void closingFinishesThePassInProgressAndRefusesLaterOnes() throws Exception {
    LexicalEncoder closing = LexicalEncoder.open(encoder.model(), EncoderSettings.DEFAULT);
    String text = "index the tokens ".repeat(20_000);
    try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
      CountDownLatch started = new CountDownLatch(4);
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        calls.add(
            callers.submit(
                () -> {
                  started.countDown();
                  assertThrows(
                      IllegalStateException.class, () -> closing.encode(text, TextRole.DOCUMENT));
                }));
      }
      started.await();
      Thread.sleep(100);
      closing.close();
      for (Future<?> call : calls) {
        call.get();
      }
    }
    assertThrows(IllegalStateException.class, () -> closing.encodeQuery("index"));
    closing.close();
  }

  private static List<String> texts(Random random, int count, int greatestLength) {
    String letters = "abcdefghijklmnopqrstuvwxyz     ,.0123üß日本";
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      StringBuilder text = new StringBuilder();
      int length = 1 + random.nextInt(greatestLength);
      for (int j = 0; j < length; j++) {
        text.append(letters.charAt(random.nextInt(letters.length())));
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
