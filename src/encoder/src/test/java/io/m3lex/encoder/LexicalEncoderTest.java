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
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.model.Fault;
import io.m3lex.model.Golden;
import io.m3lex.model.GoldenText;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.model.ModelVerifier;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The default model as it comes with the build: real network, real tokenizer, real head. */
class LexicalEncoderTest {

  private static LexicalEncoder encoder;

  @BeforeAll
  static void open() throws IOException {
    encoder = LexicalEncoder.openDefault();
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @Test
  void rareWordsWeighMoreThanCommonOnes() {
    SparseVector query = encoder.encodeQuery("what is the garbage collector");
    Map<String, Float> byToken = new TreeMap<>();
    query.toMap().forEach((f, w) -> byToken.put(encoder.describe(f), w));
    assertTrue(byToken.get("garbage") > 3 * byToken.get("the"), byToken.toString());
    assertTrue(byToken.get("garbage") > byToken.get("what"), byToken.toString());
  }

  @Test
  void inflectedFormsShareAFeatureAndPunctuationHasNone() {
    SparseVector one = encoder.encodeDocument("layer");
    SparseVector many = encoder.encodeDocument("layers");
    assertEquals(List.of("layer"), ownWords(one));
    assertEquals(List.of("layer"), ownWords(many));
    assertEquals(List.of("slipstream"), ownWords(encoder.encodeDocument("Slipstreams")));
    assertTrue(encoder.encodeDocument("?!., — ;").isEmpty());
    assertTrue(encoder.encodeQuery("   ").isEmpty());
    assertEquals(0, encoder.encode("", TextRole.DOCUMENT).windows());
  }

  private static List<String> ownWords(SparseVector vector) {
    return vector.toMap().keySet().stream().filter(word -> !word.startsWith("~")).toList();
  }

  @Test
  void textsAreExpandedByWordsOfTheirMeaning() {
    SparseVector document = encoder.encodeDocument("The physician prescribed a drug.");
    SparseVector query = encoder.encodeQuery("medicine from my doctor");
    assertTrue(document.toMap().keySet().stream().anyMatch(query.toMap()::containsKey));
    assertEquals(5 + 64, document.size(), document.toString());
  }

  @Test
  void specialTokensInTheTextHaveNoWeight() {
    assertTrue(encoder.encodeDocument("[SEP] [CLS] [PAD] [UNK] 🫖").isEmpty());
  }

  @Test
  void weightsAreTheSameAloneBesideOthersAndInAnyOrder() throws Exception {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      texts.add(words(random, 1 + random.nextInt(60)));
    }
    List<SparseVector> alone = texts.stream().map(encoder::encodeDocument).toList();
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Future<SparseVector>> futures = new ArrayList<>();
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        int text = random.nextInt(texts.size());
        order.add(text);
        futures.add(pool.submit(() -> encoder.encodeDocument(texts.get(text))));
      }
      for (int i = 0; i < futures.size(); i++) {
        assertEquals(alone.get(order.get(i)), futures.get(i).get(), "seed " + seed);
      }
    }
  }

  @Test
  void longTextsAreWindowedAndNothingIsLost() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 700; i++) {
      text.append("filler words here ");
    }
    EncodedText encoded = encoder.encode(text + " kettle", TextRole.DOCUMENT);
    assertTrue(encoded.windows() > 1);
    assertEquals(0, encoded.droppedTokens());
    assertEquals(2_801, encoded.tokens());
    assertTrue(
        encoded.vector().toMap().keySet().stream()
            .anyMatch(feature -> encoder.describe(feature).equals("kettle")));
  }

  @Test
  void cutTextsSayHowMuchIsMissingAndHaveAnotherFingerprint() throws IOException {
    try (LexicalEncoder cutting =
        LexicalEncoder.open(encoder.model(), EncoderSettings.DEFAULT.with(LongTexts.TRUNCATE))) {
      EncodedText encoded = cutting.encode("word ".repeat(600), TextRole.DOCUMENT);
      assertEquals(600, encoded.tokens());
      assertEquals(90, encoded.droppedTokens());
      assertEquals(1, encoded.windows());
      assertNotEquals(encoder.fingerprint(), cutting.fingerprint());
      assertEquals(
          "long-texts",
          encoder.fingerprint().differencesTo(cutting.fingerprint()).get(0).component());
      assertEquals(LongTexts.TRUNCATE, LongTexts.of(cutting.fingerprint()));
      assertEquals(LongTexts.WINDOW, LongTexts.of(encoder.fingerprint()));
      assertEquals(encoder.encodeDocument("a short text"), cutting.encodeDocument("a short text"));
    }
  }

  @Test
  void modelThatGivesOtherWeightsThanItsGoldenOnesIsRefused() {
    VerifiedModel model = encoder.model();
    Golden golden = model.manifest().golden();
    GoldenText text = golden.texts().get(0);
    Map<String, Float> wrong = new TreeMap<>(text.weights());
    wrong.put("2054", 99f);
    ModelManifest manifest =
        model
            .manifest()
            .withGolden(
                new Golden(
                    golden.tolerance(),
                    List.of(new GoldenText(text.text(), text.role(), new TreeMap<>(wrong)))));
    VerifiedModel other =
        new ModelVerifier(new ModelCatalog(List.of())).verify(manifest, ModelSource.classPath());
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> LexicalEncoder.open(other, EncoderSettings.DEFAULT));
    assertTrue(
        e.report().faults().stream().anyMatch(Fault.WrongWeight.class::isInstance), e.getMessage());
    assertTrue(e.getMessage().contains("2054"), e.getMessage());
  }

  @Test
  void closedEncoderSaysSo() throws IOException {
    LexicalEncoder closed;
    try (LexicalEncoder opened = LexicalEncoder.openDefault()) {
      closed = opened;
    }
    assertThrows(IllegalStateException.class, () -> closed.encodeQuery("x"));
    closed.close();
  }

  @Test
  void describesFeatures() {
    assertEquals("kettle", encoder.describe(ownWords(encoder.encodeQuery("kettles")).getFirst()));
    assertEquals("unknown feature", encoder.describe("unknown feature"));
    assertEquals("99999999", encoder.describe("99999999"));
    assertFalse(encoder.environment().isEmpty());
  }

  private static String words(Random random, int count) {
    String[] words = {"pump", "valves", "the", "kettle", "garbage", "collection", "of", "Zürich"};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(words[random.nextInt(words.length)]).append(' ');
    }
    return text.toString();
  }
}
