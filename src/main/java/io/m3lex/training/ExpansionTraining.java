package io.m3lex.training;

import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.corpus.OrderedPipeline;
import io.m3lex.encoder.TextState;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.encoder.WordExpansion;
import io.m3lex.encoder.WordExpansion.Words;
import io.m3lex.encoder.WordVocabulary;
import io.m3lex.training.TokenStatesOfTexts.Text;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes the expansion of a head. A word's vector is what the encoder makes of the word alone, less
 * the mean over all words; a text's is measured from the mean over the training texts, because an
 * encoder's vectors all point into one direction more or less. How much the added words weigh
 * beside a text's own is what ranks the training pairs best.
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
      IntStream.rangeClosed(-12, 4).mapToDouble(step -> Math.pow(2, step / 2.0)).toArray();

  private final int[] words;
  private final float[] center;
  private final byte[] vectors;
  private final Words[] ofPassages;
  private final Words[] ofQueries;
  private final double documentScale;
  private final double queryUnit;
  private double queryWeight;

  private ExpansionTraining(
      int[] words, float[] center, byte[] vectors, Words[] ofPassages, Words[] ofQueries) {
    this.words = words;
    this.center = center;
    this.vectors = vectors;
    this.ofPassages = ofPassages;
    this.ofQueries = ofQueries;
    documentScale = DOCUMENT_WEIGHT / meanExcess(ofPassages);
    queryUnit = 1 / meanExcess(ofQueries);
  }

  private static double meanExcess(Words[] texts) {
    return Arrays.stream(texts)
        .flatMapToDouble(
            text -> IntStream.range(0, text.excess().length).mapToDouble(i -> text.excess()[i]))
        .average()
        .orElse(1);
  }

  /**
   * Encodes words and expands the texts.
   *
   * @param words token ids of the words
   * @throws IllegalArgumentException if there are too few words to choose from
   */
  static ExpansionTraining of(
      List<Integer> words,
      WordVocabulary vocabulary,
      TokenStateEncoder encoder,
      TokenStatesOfTexts passages,
      TokenStatesOfTexts queries,
      int threads,
      LongConsumer progress)
      throws IOException {
    if (words.size() <= Math.max(IN_QUERIES, IN_DOCUMENTS)) {
      throw new IllegalArgumentException(
          "the tokenizer has %d English words of some rarity; the expansion needs more than %d"
              .formatted(words.size(), Math.max(IN_QUERIES, IN_DOCUMENTS)));
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
            Stream.of(passages, queries)
                .flatMap(texts -> IntStream.range(0, texts.size()).mapToObj(texts::text))
                .map(Text::direction)
                .filter(direction -> direction != null),
            hidden);
    float[] floats = new float[vectors.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = vectors[i];
    }
    WordExpansion expansion = new WordExpansion(center, floats);
    return new ExpansionTraining(
        words.stream().mapToInt(word -> word).toArray(),
        center,
        vectors,
        expand(passages, expansion, IN_DOCUMENTS),
        expand(queries, expansion, IN_QUERIES));
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

  private static Words[] expand(TokenStatesOfTexts texts, WordExpansion expansion, int most) {
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

  /** Chooses how much added words weigh: what ranks the first of these pairs best. */
  void fit(
      HeadParameters parameters,
      TokenStatesOfTexts queries,
      TokenStatesOfTexts passages,
      List<TrainingPair> pairs,
      List<Integer> positions) {
    Ranking ranking = new Ranking(parameters, passages);
    double[] sums = new double[QUERY_WEIGHTS.length];
    for (int position : positions.subList(0, Math.min(MOST_PAIRS, positions.size()))) {
      double[] own = ranking.scores(queries.text(position));
      double[] added = scores(position);
      for (int s = 0; s < QUERY_WEIGHTS.length; s++) {
        sums[s] +=
            Ranking.reciprocalRank(
                sum(own, added, QUERY_WEIGHTS[s]), pairs.get(position).passage());
      }
    }
    int best = 0;
    for (int s = 1; s < sums.length; s++) {
      if (sums[s] > sums[best]) {
        best = s;
      }
    }
    queryWeight = QUERY_WEIGHTS[best];
  }

  /** The mean reciprocal rank of pairs, expansion included. */
  double meanReciprocalRank(
      HeadParameters parameters,
      TokenStatesOfTexts queries,
      TokenStatesOfTexts passages,
      List<TrainingPair> pairs,
      List<Integer> positions) {
    Ranking ranking = new Ranking(parameters, passages);
    return positions.stream()
        .mapToDouble(
            position ->
                Ranking.reciprocalRank(
                    sum(ranking.scores(queries.text(position)), scores(position), queryWeight),
                    pairs.get(position).passage()))
        .average()
        .orElse(0);
  }

  private static double[] sum(double[] own, double[] added, double scale) {
    return IntStream.range(0, own.length)
        .mapToDouble(passage -> own[passage] + scale * added[passage])
        .toArray();
  }

  /** The dot product of a query's added words with those of every passage. */
  private double[] scores(int query) {
    float[] weights = new float[words.length];
    Words added = ofQueries[query];
    for (int i = 0; i < added.positions().length; i++) {
      weights[added.positions()[i]] = (float) (queryUnit * added.excess()[i]);
    }
    return Arrays.stream(ofPassages)
        .mapToDouble(
            passage -> {
              double score = 0;
              for (int i = 0; i < passage.positions().length; i++) {
                score += weights[passage.positions()[i]] * passage.excess()[i];
              }
              return score * documentScale;
            })
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
