/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.TextState;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.encoder.WordExpansion;
import io.m3lex.encoder.WordExpansion.Words;
import io.m3lex.encoder.WordVocabulary;
import io.m3lex.training.TokenStatesOfTexts.Text;
import io.m3lex.util.OrderedPipeline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes the expansion of a head. A word's vector is what the encoder makes of the word alone, less
 * the mean over all words; a text's is measured from the mean over the training texts, because an
 * encoder's vectors all point into one direction more or less. How much the added words weigh
 * beside a text's own is what ranks pairs best: those of passages and, if there are any, of words
 * and their definitions, half and half, because a definition has hardly a word of its title.
 */
final class ExpansionTraining {

  /** Words of lower prior stand in too many texts to tell one from another. */
  static final double LEAST_PRIOR = 2;

  private static final int IN_QUERIES = 32;
  private static final int IN_DOCUMENTS = 64;

  private static final int MOST_PAIRS = 1500;

  /**
   * What the added words of a training passage weigh on average, as much as its own words in the
   * order of magnitude.
   */
  private static final double DOCUMENT_WEIGHT = 0.5;

  /** What is tried as average weight of a query's added words, in steps of a factor of 1.41. */
  private static final double[] QUERY_WEIGHTS =
      IntStream.rangeClosed(-16, 4).mapToDouble(step -> Math.pow(2, step / 2.0)).toArray();

  private final int[] words;
  private final float[] center;
  private final byte[] vectors;
  private final WordExpansion expansion;
  private final double documentScale;
  private final double queryUnit;
  private double queryWeight;

  private ExpansionTraining(int[] words, float[] center, byte[] vectors, PairsOfTexts texts) {
    this.words = words;
    this.center = center;
    this.vectors = vectors;
    expansion = new WordExpansion(center, vectors);
    documentScale = DOCUMENT_WEIGHT / meanExcess(expand(texts.passages(), IN_DOCUMENTS));
    queryUnit = 1 / meanExcess(expand(texts.queries(), IN_QUERIES));
  }

  private static double meanExcess(Words[] texts) {
    return Arrays.stream(texts)
        .flatMapToDouble(
            text -> IntStream.range(0, text.excess().length).mapToDouble(i -> text.excess()[i]))
        .average()
        .orElse(1);
  }

  /**
   * Encodes words.
   *
   * @param words token ids of the words
   * @param texts give the mean of texts and of what is added to them
   * @throws IllegalArgumentException if there are too few words to choose from
   */
  static ExpansionTraining of(
      List<Integer> words,
      WordVocabulary vocabulary,
      TokenStateEncoder encoder,
      PairsOfTexts texts,
      int threads,
      LongConsumer progress)
      throws IOException {
    if (words.size() <= Math.max(IN_QUERIES, IN_DOCUMENTS)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the tokenizer has %d English words of some rarity; the expansion needs more than %d",
              words.size(),
              Math.max(IN_QUERIES, IN_DOCUMENTS)));
    }
    List<float[]> directions = new ArrayList<>();
    OrderedPipeline.run(
        words.iterator(),
        word -> {
          TextState state = new TextState();
          encoder.encode(vocabulary.piece(word), state::add);
          return state.direction();
        },
        direction -> {
          directions.add(direction);
          progress.accept(directions.size());
        },
        threads,
        () -> false);
    int hidden = encoder.hidden();
    float[] meanWord = mean(directions.stream(), hidden);
    byte[] vectors = quantized(directions, meanWord);
    float[] center =
        mean(
            Stream.of(texts.passages(), texts.queries())
                .flatMap(part -> IntStream.range(0, part.size()).mapToObj(part::text))
                .map(Text::direction)
                .filter(direction -> direction != null),
            hidden);
    return new ExpansionTraining(
        words.stream().mapToInt(word -> word).toArray(), center, vectors, texts);
  }

  /** The directions of words from their mean in 8 bits; the greatest number becomes 127. */
  private static byte[] quantized(List<float[]> directions, float[] mean) {
    List<float[]> rows = directions.stream().map(row -> TextState.difference(row, mean)).toList();
    float greatest = 0;
    for (float[] row : rows) {
      for (float value : row) {
        greatest = Math.max(greatest, Math.abs(value));
      }
    }
    byte[] bytes = new byte[rows.size() * mean.length];
    int next = 0;
    for (float[] row : rows) {
      for (float value : row) {
        bytes[next++] = (byte) Math.round(127 * value / greatest);
      }
    }
    return bytes;
  }

  private static float[] mean(Stream<float[]> vectors, int hidden) {
    double[] sum = new double[hidden];
    int[] count = {0};
    vectors.forEachOrdered(
        vector -> {
          count[0]++;
          for (int i = 0; i < hidden; i++) {
            sum[i] += vector[i];
          }
        });
    float[] mean = new float[hidden];
    for (int i = 0; i < hidden; i++) {
      mean[i] = (float) (sum[i] / Math.max(1, count[0]));
    }
    return mean;
  }

  private Words[] expand(TokenStatesOfTexts texts, int most) {
    return IntStream.range(0, texts.size())
        .parallel()
        .mapToObj(texts::text)
        .map(
            text ->
                text.direction() == null
                    ? new Words(new int[0], new float[0])
                    : expansion.closest(text.direction(), most))
        .toArray(Words[]::new);
  }

  /**
   * Chooses how much added words weigh.
   *
   * @param texts the first of their pairs at {@code positions} are ranked
   * @param definitions may have no pairs
   */
  void fit(
      HeadParameters parameters,
      PairsOfTexts texts,
      List<Integer> positions,
      PairsOfTexts definitions) {
    double[] ofTexts = meanReciprocalRanks(parameters, texts, positions, QUERY_WEIGHTS);
    double[] ofDefinitions =
        meanReciprocalRanks(
            parameters,
            definitions,
            IntStream.range(0, definitions.pairs().size()).boxed().toList(),
            QUERY_WEIGHTS);
    int best = 0;
    for (int i = 1; i < QUERY_WEIGHTS.length; i++) {
      if (ofTexts[i] + ofDefinitions[i] > ofTexts[best] + ofDefinitions[best]) {
        best = i;
      }
    }
    queryWeight = QUERY_WEIGHTS[best];
  }

  /** The mean reciprocal rank of the first pairs at some positions, expansion included. */
  double meanReciprocalRank(
      HeadParameters parameters, PairsOfTexts texts, List<Integer> positions) {
    return meanReciprocalRanks(parameters, texts, positions, queryWeight)[0];
  }

  private double[] meanReciprocalRanks(
      HeadParameters parameters,
      PairsOfTexts texts,
      List<Integer> positions,
      double... queryWeights) {
    Ranking ranking = new Ranking(parameters, texts.passages());
    Words[] ofPassages = expand(texts.passages(), IN_DOCUMENTS);
    Words[] ofQueries = expand(texts.queries(), IN_QUERIES);
    List<Integer> ranked = positions.subList(0, Math.min(MOST_PAIRS, positions.size()));
    double[] means = new double[queryWeights.length];
    for (int position : ranked) {
      double[] own = ranking.scores(texts.queries().text(position));
      double[] added = scores(ofQueries[position], ofPassages);
      for (int i = 0; i < means.length; i++) {
        double weight = queryWeights[i];
        double[] scores =
            IntStream.range(0, own.length)
                .mapToDouble(passage -> own[passage] + weight * added[passage])
                .toArray();
        means[i] +=
            Ranking.reciprocalRank(scores, texts.pairs().get(position).passage()) / ranked.size();
      }
    }
    return means;
  }

  /** The dot product of a query's added words, of average weight 1, with those of every passage. */
  private double[] scores(Words query, Words[] passages) {
    double[] weights = new double[words.length];
    for (int i = 0; i < query.positions().length; i++) {
      weights[query.positions()[i]] = queryUnit * query.excess()[i] * documentScale;
    }
    return Arrays.stream(passages)
        .mapToDouble(
            passage ->
                IntStream.range(0, passage.positions().length)
                    .mapToDouble(i -> weights[passage.positions()[i]] * passage.excess()[i])
                    .sum())
        .toArray();
  }

  /** Token ids of the words. */
  int[] words() {
    return words;
  }

  /** What a query's added words weigh on average. */
  double queryWeight() {
    return queryWeight;
  }

  /** The tensors that the head gets. */
  List<Tensor> tensors() {
    return List.of(
        Tensor.of("expansion.center", new long[] {center.length}, center),
        integers("expansion.words", words),
        new Tensor(
            "expansion.vectors",
            ElementType.I8,
            new long[] {words.length, center.length},
            ByteBuffer.wrap(vectors)),
        integers("expansion.query.words", IN_QUERIES),
        Tensor.of("expansion.query.scale", new long[] {1}, (float) (queryUnit * queryWeight)),
        integers("expansion.document.words", IN_DOCUMENTS),
        Tensor.of("expansion.document.scale", new long[] {1}, (float) documentScale));
  }

  private static Tensor integers(String name, int... values) {
    ByteBuffer data =
        ByteBuffer.allocate(Integer.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asIntBuffer().put(values);
    return new Tensor(name, ElementType.I32, new long[] {values.length}, data);
  }
}
