/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.encoder.TokenStateEncoder;
import io.m3lex.encoder.WordVocabulary;
import io.m3lex.model.HeadForm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Trains the lexical head of a frozen encoder from texts without judgments: how rare a word is in
 * the texts gives a query's prior; what the contexts add on either side, how repetition and length
 * count, and how much the words count that the encoder finds close to a text, is learned from
 * queries made of the texts themselves (see {@link TrainingTexts}).
 */
public final class HeadTraining {

  /** Every passage of this residue is held out, to tell what was learned. */
  private static final int HELD_OUT_EVERY = 12;

  private static final int DEFINITIONS = 1500;

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
    WordVocabulary vocabulary = new WordVocabulary(encoder::piece, vocabularySize);
    DocumentFrequencies frequencies = new DocumentFrequencies(vocabulary);
    TrainingTexts definitions = new TrainingTexts(settings.seed());
    TrainingTexts texts = read(corpora, frequencies, definitions);
    PairsOfTexts encoded = encode(texts, "", vocabulary);
    TokenStatesOfTexts passages = encoded.passages();

    double averageMass =
        IntStream.range(0, passages.size())
            .map(i -> passages.text(i).tokens())
            .average()
            .orElseThrow(() -> new IllegalArgumentException("the corpora have no usable text"));
    HeadParameters parameters =
        new HeadParameters(
            encoder.hidden(), frequencies.priors(), frequencies.rarePrior(), averageMass);
    HeadTrainer trainer =
        new HeadTrainer(settings, parameters, encoded.queries(), passages, texts.pairs());
    List<Integer> training = new ArrayList<>();
    List<Integer> heldOut = new ArrayList<>();
    for (int i = 0; i < texts.pairs().size(); i++) {
      (texts.pairs().get(i).passage() % HELD_OUT_EVERY == 0 ? heldOut : training).add(i);
    }
    // The learning rate ends at 0: a single step would learn nothing.
    if (settings.epochs() > 0 && training.size() < 2 * settings.batch()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the corpora give %d training pairs; two batches need %d. Give more or longer texts",
              training.size(),
              2 * settings.batch()));
    }
    Optional<ExpansionTraining> expansion =
        settings.expansionWords() == 0
            ? Optional.empty()
            : Optional.of(expansion(frequencies, vocabulary, encoded));
    double before = trainer.meanReciprocalRank(heldOut);
    listener.begin("training", (long) settings.epochs() * (training.size() / settings.batch()));
    trainer.train(training, listener::advance);
    double after = trainer.meanReciprocalRank(heldOut);
    double expanded = after;
    if (expansion.isPresent()) {
      expansion
          .get()
          .fit(parameters, encoded, training, encode(definitions, " of definitions", vocabulary));
      expanded = expansion.get().meanReciprocalRank(parameters, encoded, heldOut);
    }

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
    record.put("heldOutMrrUnexpanded", round(after));
    record.put("heldOutMrr", round(expanded));
    expansion.ifPresent(
        e -> {
          record.put("definitions", definitions.pairs().size());
          record.put("expansionWords", e.words().length);
          record.put("expansionQueryWeight", round(e.queryWeight()));
        });
    HeadForm form =
        new HeadForm(
            HeadForm.Feature.STEM,
            HeadForm.Pooling.SATURATED_SUM,
            HeadForm.Queries.SEPARATE,
            HeadForm.Prior.QUERY,
            expansion.map(e -> e.words().length).orElse(0));
    List<Tensor> tensors = new ArrayList<>(tensors(parameters, frequencies));
    expansion.ifPresent(e -> tensors.addAll(e.tensors()));
    return new TrainedHead(form, List.copyOf(tensors), record);
  }

  private PairsOfTexts encode(TrainingTexts texts, String which, WordVocabulary vocabulary)
      throws IOException {
    listener.begin("encoding passages" + which, texts.passages().size());
    TokenStatesOfTexts passages =
        TokenStatesOfTexts.encode(
            texts.passages(), encoder, vocabulary, threads, listener::advance);
    List<String> queryTexts = texts.pairs().stream().map(TrainingPair::query).toList();
    listener.begin("encoding queries" + which, queryTexts.size());
    TokenStatesOfTexts queries =
        TokenStatesOfTexts.encode(queryTexts, encoder, vocabulary, threads, listener::advance);
    return new PairsOfTexts(queries, passages, texts.pairs());
  }

  private ExpansionTraining expansion(
      DocumentFrequencies frequencies, WordVocabulary vocabulary, PairsOfTexts texts)
      throws IOException {
    List<Integer> words =
        frequencies.wordsOfPrior(ExpansionTraining.LEAST_PRIOR, settings.expansionWords());
    listener.begin("encoding words", words.size());
    return ExpansionTraining.of(words, vocabulary, encoder, texts, threads, listener::advance);
  }

  private static double round(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  /** Counts all texts, draws the passages and makes their queries; draws definitions as well. */
  private TrainingTexts read(
      List<TrainingCorpus> corpora, DocumentFrequencies frequencies, TrainingTexts definitions)
      throws IOException {
    Random random = new Random(settings.seed());
    Reservoir drawnDefinitions = new Reservoir(DEFINITIONS, new Random(settings.seed()));
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
            } else if (TrainingTexts.isDefinition(text)) {
              drawnDefinitions.offer(text);
            }
          });
      frequencies.endCorpus();
      drawn.addAll(reservoir.texts);
    }
    drawnDefinitions.texts.forEach(definitions::addDefinition);
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

  private static List<Tensor> tensors(HeadParameters parameters, DocumentFrequencies frequencies) {
    int hidden = parameters.hidden();
    double[] values = parameters.values();
    float[] prior = frequencies.priors();
    return List.of(
        numbers("weight", values, parameters.documentWeight(), hidden),
        numbers("bias", values, parameters.documentBias(), 1),
        numbers("query.weight", values, parameters.queryWeight(), hidden),
        numbers("query.bias", values, parameters.queryBias(), 1),
        Tensor.of("query.prior", new long[] {prior.length}, prior),
        Tensor.of("query.prior.rare", new long[] {1}, frequencies.rarePrior()),
        Tensor.of("saturation.k", new long[] {1}, (float) parameters.k()),
        Tensor.of("saturation.b", new long[] {1}, (float) parameters.b()),
        Tensor.of("saturation.a", new long[] {1}, (float) parameters.a()));
  }

  private static Tensor numbers(String name, double[] values, int start, int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = (float) values[start + i];
    }
    return Tensor.of(name, new long[] {length}, numbers);
  }
}
