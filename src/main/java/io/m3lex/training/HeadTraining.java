package io.m3lex.training;

import io.m3lex.checkpoint.ElementType;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.model.HeadForm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Trains the lexical head of a frozen encoder from texts without judgments: how rare a word is in
 * the texts gives a query's prior; what the contexts add on either side, and how repetition and
 * length count, is learned from queries made of the texts themselves (see {@link TrainingTexts}).
 */
public final class HeadTraining {

  /** Every passage of this residue is held out, to tell what was learned. */
  private static final int HELD_OUT_EVERY = 12;

  private static final HeadForm FORM =
      new HeadForm(
          HeadForm.Feature.TABLE,
          HeadForm.Pooling.SATURATED_SUM,
          HeadForm.Queries.SEPARATE,
          HeadForm.Prior.QUERY);

  private final TokenStateEncoder encoder;
  private final int vocabularySize;
  private final TrainingSettings settings;
  private final int threads;
  private final TrainingListener listener;

  /**
   * Prepares a training.
   *
   * @param encoder stays as it is
   * @param vocabularySize number of the encoder's token ids
   * @param threads number of threads that encode; has no influence on the result
   */
  public HeadTraining(
      TokenStateEncoder encoder,
      int vocabularySize,
      TrainingSettings settings,
      int threads,
      TrainingListener listener) {
    this.encoder = encoder;
    this.vocabularySize = vocabularySize;
    this.settings = settings;
    this.threads = threads;
    this.listener = listener;
  }

  /**
   * Trains.
   *
   * @param corpora texts; passages are drawn from each in equal number, the prior is counted over
   *     all
   * @throws IllegalArgumentException if the corpora give too few pairs for two batches
   */
  public TrainedHead train(List<TrainingCorpus> corpora) throws IOException {
    int[] features = FeatureTable.of(encoder, vocabularySize);
    DocumentFrequencies frequencies = new DocumentFrequencies(features);
    TrainingTexts texts = read(corpora, frequencies);
    listener.begin("encoding passages", texts.passages().size());
    TokenStatesOfTexts passages =
        TokenStatesOfTexts.encode(texts.passages(), encoder, features, threads, listener::advance);
    List<String> queryTexts = texts.pairs().stream().map(TrainingPair::query).toList();
    listener.begin("encoding queries", queryTexts.size());
    TokenStatesOfTexts queries =
        TokenStatesOfTexts.encode(queryTexts, encoder, features, threads, listener::advance);

    double averageMass =
        IntStream.range(0, passages.size())
            .map(i -> passages.text(i).tokens())
            .average()
            .orElseThrow(() -> new IllegalArgumentException("the corpora have no usable text"));
    HeadParameters parameters =
        new HeadParameters(encoder.hidden(), frequencies.priors(), averageMass);
    HeadTrainer trainer = new HeadTrainer(settings, parameters, queries, passages, texts.pairs());
    List<Integer> training = new ArrayList<>();
    List<Integer> heldOut = new ArrayList<>();
    for (int i = 0; i < texts.pairs().size(); i++) {
      (texts.pairs().get(i).passage() % HELD_OUT_EVERY == 0 ? heldOut : training).add(i);
    }
    // The learning rate ends at 0: a single step would learn nothing.
    if (settings.epochs() > 0 && training.size() < 2 * settings.batch()) {
      throw new IllegalArgumentException(
          "the corpora give %d training pairs; two batches need %d. Give more or longer texts"
              .formatted(training.size(), 2 * settings.batch()));
    }
    double before = trainer.meanReciprocalRank(heldOut);
    listener.begin("training", (long) settings.epochs() * (training.size() / settings.batch()));
    trainer.train(training, listener::advance);
    double after = trainer.meanReciprocalRank(heldOut);

    Map<String, Object> record = new LinkedHashMap<>();
    record.put("seed", settings.seed());
    record.put("textsCounted", frequencies.texts());
    record.put("passages", passages.size());
    record.put("trainingPairs", training.size());
    record.put("heldOutPairs", heldOut.size());
    record.put("epochs", settings.epochs());
    record.put("batch", settings.batch());
    record.put("minedNegatives", settings.minedNegatives());
    record.put("learningRate", settings.learningRate());
    record.put("weightDecay", settings.weightDecay());
    record.put("heldOutMrrUntrained", round(before));
    record.put("heldOutMrr", round(after));
    return new TrainedHead(FORM, tensors(parameters, frequencies.priors(), features), record);
  }

  private static double round(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  /** Counts all texts, draws the passages and makes their queries. */
  private TrainingTexts read(List<TrainingCorpus> corpora, DocumentFrequencies frequencies)
      throws IOException {
    Random random = new Random(settings.seed());
    int share = Math.ceilDiv(settings.passages(), corpora.size());
    List<TrainingText> drawn = new ArrayList<>();
    listener.begin("counting words", -1);
    for (TrainingCorpus corpus : corpora) {
      Reservoir reservoir = new Reservoir(share, random);
      corpus.forEach(
          text -> {
            frequencies.add(encoder.tokenIds(text.whole()));
            listener.advance(frequencies.texts());
            if (TrainingTexts.isPassage(text.text())) {
              reservoir.offer(text);
            }
          });
      drawn.addAll(reservoir.texts);
    }
    Collections.shuffle(drawn, random);
    TrainingTexts texts = new TrainingTexts(settings.seed());
    drawn.forEach(text -> texts.add(text.title(), text.text()));
    return texts;
  }

  /** A fair draw from a stream of unknown length (Vitter, 1985). */
  private static final class Reservoir {
    private final int size;
    private final Random random;
    private final List<TrainingText> texts = new ArrayList<>();
    private int offered;

    Reservoir(int size, Random random) {
      this.size = size;
      this.random = random;
    }

    void offer(TrainingText text) {
      offered++;
      if (texts.size() < size) {
        texts.add(text);
      } else {
        int place = random.nextInt(offered);
        if (place < size) {
          texts.set(place, text);
        }
      }
    }
  }

  private static List<Tensor> tensors(HeadParameters parameters, float[] prior, int[] features) {
    int hidden = parameters.hidden();
    double[] values = parameters.values();
    return List.of(
        numbers("weight", values, parameters.documentWeight(), hidden),
        numbers("bias", values, parameters.documentBias(), 1),
        numbers("query.weight", values, parameters.queryWeight(), hidden),
        numbers("query.bias", values, parameters.queryBias(), 1),
        Tensor.of("query.prior", new long[] {prior.length}, prior),
        Tensor.of("saturation.k", new long[] {1}, (float) parameters.k()),
        Tensor.of("saturation.b", new long[] {1}, (float) parameters.b()),
        Tensor.of("saturation.a", new long[] {1}, (float) parameters.a()),
        ids("features", features));
  }

  private static Tensor numbers(String name, double[] values, int start, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) values[start + i];
    }
    return Tensor.of(name, new long[] {length}, numbers);
  }

  private static Tensor ids(String name, int[] ids) {
    ByteBuffer data =
        ByteBuffer.allocate(Integer.BYTES * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asIntBuffer().put(ids);
    return new Tensor(name, ElementType.I32, new long[] {ids.length}, data);
  }
}
