/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LongTexts;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.evaluation.TestCollection;
import io.m3lex.training.TokenStatesOfTexts.Text;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HeadTrainingTest {

  private static final int VOCABULARY = 30_522;
  private static final TrainingListener SILENT =
      new TrainingListener() {
        @Override
        public void begin(String phase, long total) {
          // Nobody watches.
        }

        @Override
        public void advance(long done) {
          // Nobody watches.
        }
      };

  private static TokenStateEncoder encoder;

  @BeforeAll
  static void open() throws IOException {
    encoder =
        new TokenStateEncoder(
            resource("/bge-small-en-v1.5-q.onnx"),
            resource("/bge-small-en-v1.5-q-tokenizer.json"),
            "last_hidden_state",
            512,
            LongTexts.WINDOW);
  }

  @AfterAll
  static void close() {
    encoder.close();
  }

  @Test
  void sameTextsAndSeedGiveTheSameHeadBitForBitWhateverTheThreads() throws IOException {
    TrainedHead one = train(1);
    TrainedHead two = train(2);
    assertEquals(one.tensors(), two.tensors());
    assertEquals(one.record(), two.record());
    Tensor weight = one.tensors().get(0);
    assertTrue(!weight.isConstant() && weight.firstNotFinite().isEmpty());
  }

  private static TrainedHead train(int threads) throws IOException {
    TrainingSettings settings = new TrainingSettings(7, 60, 1, 8, 1, 2e-3, 1e-4, 200);
    return new HeadTraining(encoder, VOCABULARY, settings, threads, SILENT)
        .train(List.of(HeadTrainingTest::sample));
  }

  private static void sample(java.util.function.Consumer<TrainingText> consumer)
      throws IOException {
    try (CorpusReader reader = TestCollection.sample().documents()) {
      while (reader.hasNext()) {
        if (reader.next() instanceof CorpusEntry.Document document) {
          consumer.accept(new TrainingText(document.title(), document.text()));
        }
      }
    }
  }

  @Test
  void tooFewTextsAreRefused() {
    TrainingSettings settings = new TrainingSettings(1, 30, 1, 100, 2, 2e-3, 1e-4, 200);
    HeadTraining training = new HeadTraining(encoder, VOCABULARY, settings, 1, SILENT);
    assertThrows(IllegalArgumentException.class, () -> training.train(List.of(c -> {})));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> training.train(List.of(HeadTrainingTest::sample)));
    assertTrue(e.getMessage().contains("two batches need 200"), e.getMessage());
  }

  /** Central differences of the score of a query and a document, in every kind of parameter. */
  @Test
  void gradientsAreThoseOfTheScore() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    int hidden = 4;
    float[] prior = {1, 2, 0.5f, 3, 1.5f};
    for (int round = 0; round < 50; round++) {
      HeadParameters parameters = new HeadParameters(hidden, prior, 0.7f, 3);
      for (int i = 0; i < parameters.values().length; i++) {
        parameters.values()[i] += 0.2 * random.nextGaussian();
      }
      Text query = text(random, hidden);
      Text document = text(random, hidden);
      double[] gradient = new double[parameters.values().length];
      HeadParameters.Query q = parameters.query(query);
      HeadParameters.Document d = parameters.document(document);
      parameters.backward(q, overlap(query, document, d.weights()), gradient);
      parameters.backward(d, overlap(document, query, q.weights()), gradient);
      for (int i = 0; i < gradient.length; i++) {
        double value = parameters.values()[i];
        parameters.values()[i] = value + 1e-5;
        double above = score(parameters, query, document);
        parameters.values()[i] = value - 1e-5;
        double below = score(parameters, query, document);
        parameters.values()[i] = value;
        assertEquals((above - below) / 2e-5, gradient[i], 1e-3, i + ", seed " + seed);
      }
    }
  }

  private static double score(HeadParameters parameters, Text query, Text document) {
    double[] other = overlap(query, document, parameters.document(document).weights());
    double[] own = parameters.query(query).weights();
    double score = 0;
    for (int i = 0; i < own.length; i++) {
      score += own[i] * other[i];
    }
    return score;
  }

  /** The other text's weight of each feature of a text. */
  private static double[] overlap(Text text, Text other, double[] weights) {
    double[] result = new double[text.features().length];
    for (int i = 0; i < result.length; i++) {
      for (int j = 0; j < weights.length; j++) {
        if (other.features()[j] == text.features()[i]) {
          result[i] = weights[j];
        }
      }
    }
    return result;
  }

  private static Text text(Random random, int hidden) {
    int[] features = {0, 1, 3, 9};
    int[] groups = {0, 1, 3, 4, 7};
    short[] states = new short[7 * hidden];
    for (int i = 0; i < states.length; i++) {
      states[i] = Float.floatToFloat16((float) random.nextGaussian());
    }
    return new Text(features, groups, states, null);
  }

  @Test
  void definitionsAreShortProseWithATitle() {
    String gloss = "a device that moves a liquid from one place to another";
    assertTrue(TrainingTexts.isDefinition(new TrainingText("pump", gloss)));
    assertTrue(!TrainingTexts.isDefinition(new TrainingText("", gloss)), "no title");
    assertTrue(!TrainingTexts.isDefinition(new TrainingText("pump", "moves a liquid")), "short");
    assertTrue(
        !TrainingTexts.isDefinition(new TrainingText("pump", (gloss + " ").repeat(4))), "passage");
    TrainingTexts texts = new TrainingTexts(1);
    texts.addDefinition(new TrainingText("pump", gloss));
    assertEquals(List.of(gloss), texts.passages());
    assertEquals(List.of(new TrainingPair("pump", 0)), texts.pairs());
  }

  @Test
  void queriesAreMadeOfTheTexts() {
    TrainingTexts texts = new TrainingTexts(3);
    String text =
        "The first sentence tells of pumps and of valves. The second sentence tells of kettles and"
            + " of scale in them. The third sentence is about the garbage collection of virtual"
            + " machines. The fourth sentence closes the text with a few further words.";
    assertTrue(texts.add("A title", text));
    assertEquals("A title", texts.pairs().get(0).query());
    assertTrue(!texts.add("Another title", text), "the same text twice");
    assertTrue(!texts.add("", "too short"));
    assertEquals(1, texts.passages().size());
    List<String> queries = new ArrayList<>();
    texts.pairs().forEach(pair -> queries.add(pair.query()));
    for (String query : queries.subList(1, queries.size())) {
      for (String word : query.split(" ")) {
        assertTrue(text.contains(word), query);
      }
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream stream = HeadTrainingTest.class.getResourceAsStream(name)) {
      return stream.readAllBytes();
    }
  }
}
