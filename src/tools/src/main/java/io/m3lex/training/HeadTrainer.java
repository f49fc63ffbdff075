/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.training.HeadParameters.Document;
import io.m3lex.training.HeadParameters.Query;
import io.m3lex.training.TokenStatesOfTexts.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Fits the parameters of a head: a query's own passage shall score above those of the other queries
 * of its batch and above passages that the untrained head confuses with it (softmax cross-entropy
 * over the scores; Adam, Kingma and Ba, 2015). On one thread, so that the result can be repeated
 * bit for bit.
 */
final class HeadTrainer {

  private static final int MINED = 20;
  private static final double SCALAR_LEARNING_RATE = 2e-2;
  private static final double MOMENTUM = 0.9;
  private static final double SQUARES = 0.999;

  private final TrainingSettings settings;
  private final HeadParameters parameters;
  private final TokenStatesOfTexts queries;
  private final TokenStatesOfTexts passages;
  private final List<TrainingPair> pairs;
  private final double[] momentum;
  private final double[] squares;

  /**
   * Prepares a training.
   *
   * @param queries the queries of the pairs, in their order
   */
  HeadTrainer(
      TrainingSettings settings,
      HeadParameters parameters,
      TokenStatesOfTexts queries,
      TokenStatesOfTexts passages,
      List<TrainingPair> pairs) {
    this.settings = settings;
    this.parameters = parameters;
    this.queries = queries;
    this.passages = passages;
    this.pairs = pairs;
    momentum = new double[parameters.values().length];
    squares = new double[parameters.values().length];
  }

  /**
   * Trains on the pairs at the given positions.
   *
   * @param progress told the number of steps that are done
   */
  void train(List<Integer> positions, LongConsumer progress) {
    int[][] negatives = mine(positions);
    Random random = new Random(settings.seed());
    List<Integer> order = new ArrayList<>(positions);
    int stepsPerEpoch = order.size() / settings.batch();
    int steps = settings.epochs() * stepsPerEpoch;
    int step = 0;
    for (int epoch = 0; epoch < settings.epochs(); epoch++) {
      Collections.shuffle(order, random);
      for (int i = 0; i < stepsPerEpoch; i++) {
        List<Integer> batch = order.subList(i * settings.batch(), (i + 1) * settings.batch());
        double[] gradient = gradient(batch, negatives, random);
        update(gradient, ++step, 1 - (double) step / steps);
        progress.accept(step);
      }
    }
  }

  /** For each pair the passages that the head as it is confuses with the right one. */
  private int[][] mine(List<Integer> positions) {
    int[][] negatives = new int[pairs.size()][];
    if (settings.minedNegatives() > 0) {
      Ranking ranking = new Ranking(parameters, passages);
      for (int position : positions) {
        negatives[position] =
            ranking.best(queries.text(position), pairs.get(position).passage(), MINED);
      }
    }
    return negatives;
  }

  private double[] gradient(List<Integer> batch, int[][] negatives, Random random) {
    Map<Integer, Integer> columns = new LinkedHashMap<>();
    int[] own = new int[batch.size()];
    for (int row = 0; row < own.length; row++) {
      own[row] = column(columns, pairs.get(batch.get(row)).passage());
    }
    for (int position : batch) {
      int[] mined = negatives[position];
      for (int n = 0; n < settings.minedNegatives() && mined.length > 0; n++) {
        column(columns, mined[random.nextInt(mined.length)]);
      }
    }
    List<Query> rows = batch.stream().map(queries::text).map(parameters::query).toList();
    List<Document> documents =
        columns.keySet().stream().map(passages::text).map(parameters::document).toList();

    double[] gradient = new double[parameters.values().length];
    double scale = Math.exp(parameters.values()[parameters.logScale()]);
    double[][] documentGradients =
        documents.stream().map(d -> new double[d.weights().length]).toArray(double[][]::new);
    for (int row = 0; row < own.length; row++) {
      Query query = rows.get(row);
      double[] scores = documents.stream().mapToDouble(d -> score(query, d)).toArray();
      double[] errors = softmax(scores, scale);
      errors[own[row]] -= 1;
      double[] queryGradients = new double[query.weights().length];
      for (int c = 0; c < errors.length; c++) {
        double error = errors[c] / own.length;
        gradient[parameters.logScale()] += error * scores[c] * scale;
        addOverlap(query, documents.get(c), error * scale, queryGradients, documentGradients[c]);
      }
      parameters.backward(query, queryGradients, gradient);
    }
    for (int c = 0; c < documentGradients.length; c++) {
      parameters.backward(documents.get(c), documentGradients[c], gradient);
    }
    for (int i = 0; i < 2 * parameters.hidden(); i++) {
      gradient[i] += settings.weightDecay() * parameters.values()[i];
    }
    return gradient;
  }

  private static int column(Map<Integer, Integer> columns, int passage) {
    Integer known = columns.putIfAbsent(passage, columns.size());
    return known == null ? columns.size() - 1 : known;
  }

  private static double score(Query query, Document document) {
    int[] left = query.text().features();
    int[] right = document.text().features();
    double score = 0;
    for (int i = 0, j = 0; i < left.length && j < right.length; ) {
      if (left[i] == right[j]) {
        score += query.weights()[i++] * document.weights()[j++];
      } else if (left[i] < right[j]) {
        i++;
      } else {
        j++;
      }
    }
    return score;
  }

  private static void addOverlap(
      Query query, Document document, double factor, double[] toQuery, double[] toDocument) {
    int[] left = query.text().features();
    int[] right = document.text().features();
    for (int i = 0, j = 0; i < left.length && j < right.length; ) {
      if (left[i] == right[j]) {
        toQuery[i] += factor * document.weights()[j];
        toDocument[j++] += factor * query.weights()[i++];
      } else if (left[i] < right[j]) {
        i++;
      } else {
        j++;
      }
    }
  }

  private static double[] softmax(double[] scores, double scale) {
    double greatest = IntStream.range(0, scores.length).mapToDouble(i -> scores[i]).max().orElse(0);
    double[] shares = new double[scores.length];
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      shares[i] = Math.exp(scale * (scores[i] - greatest));
      sum += shares[i];
    }
    for (int i = 0; i < scores.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  private void update(double[] gradient, int step, double decay) {
    double[] values = parameters.values();
    double momentumBias = 1 - Math.pow(MOMENTUM, step);
    double squaresBias = 1 - Math.pow(SQUARES, step);
    for (int i = 0; i < values.length; i++) {
      momentum[i] = MOMENTUM * momentum[i] + (1 - MOMENTUM) * gradient[i];
      squares[i] = SQUARES * squares[i] + (1 - SQUARES) * gradient[i] * gradient[i];
      double rate = i >= parameters.logK() ? SCALAR_LEARNING_RATE : settings.learningRate();
      values[i] -=
          decay
              * rate
              * (momentum[i] / momentumBias)
              / (Math.sqrt(squares[i] / squaresBias) + 1e-8);
    }
  }

  /** How well the head finds the passages of pairs, for instance of those held out. */
  double meanReciprocalRank(List<Integer> positions) {
    List<Text> texts = positions.stream().map(queries::text).toList();
    return new Ranking(parameters, passages)
        .meanReciprocalRank(positions.stream().map(pairs::get).toList(), texts);
  }
}
