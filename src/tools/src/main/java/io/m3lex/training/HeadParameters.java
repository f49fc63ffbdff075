/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.training.TokenStatesOfTexts.Text;
import java.util.Arrays;

/**
 * The numbers that training changes, in one array, and the weights that they give: the arithmetic
 * of a lexical head of the form {@code queries separate, prior query, pooling saturated-sum}.
 */
final class HeadParameters {

  private final int hidden;
  private final float[] prior;
  private final float rarePrior;
  private final double averageMass;
  private final double[] values;

  /**
   * The head before training: queries weighted by their prior alone, documents by the number of
   * their tokens, as in BM25.
   *
   * @param prior of each feature in queries
   * @param rarePrior that of the features beyond these
   * @param averageMass average sum of a document's token weights
   */
  HeadParameters(int hidden, float[] prior, float rarePrior, double averageMass) {
    this.hidden = hidden;
    this.prior = prior;
    this.rarePrior = rarePrior;
    this.averageMass = averageMass;
    values = new double[2 * hidden + 5];
    values[documentBias()] = 1;
    values[logK()] = Math.log(0.9);
    values[logScale()] = Math.log(0.5);
  }

  double[] values() {
    return values;
  }

  int queryWeight() {
    return 0;
  }

  int documentWeight() {
    return hidden;
  }

  int queryBias() {
    return 2 * hidden;
  }

  int documentBias() {
    return 2 * hidden + 1;
  }

  /** Logarithm of k. */
  int logK() {
    return 2 * hidden + 2;
  }

  /** Log-odds of b. */
  int oddsB() {
    return 2 * hidden + 3;
  }

  /** Logarithm of what scores are multiplied by for the softmax; no part of the head. */
  int logScale() {
    return 2 * hidden + 4;
  }

  int hidden() {
    return hidden;
  }

  double k() {
    return Math.exp(values[logK()]);
  }

  double b() {
    return 1 / (1 + Math.exp(-values[oddsB()]));
  }

  double a() {
    return averageMass;
  }

  /** A query's weights, and the token that each came from. */
  Query query(Text text) {
    Query query =
        new Query(text, new double[text.features().length], new int[text.features().length]);
    float[] state = new float[hidden];
    for (int group = 0; group < query.weights.length; group++) {
      query.tokens[group] = -1;
      for (int token = text.groups()[group]; token < text.groups()[group + 1]; token++) {
        text.copyState(token, state);
        double value =
            dot(queryWeight(), state) + values[queryBias()] + prior(text.features()[group]);
        if (value > query.weights[group]) {
          query.weights[group] = value;
          query.tokens[group] = token;
        }
      }
    }
    return query;
  }

  /** A document's weights, and what they were made of. */
  Document document(Text text) {
    int groups = text.features().length;
    Document document =
        new Document(text, new double[groups], new double[groups], new boolean[text.tokens()]);
    float[] state = new float[hidden];
    for (int group = 0; group < groups; group++) {
      for (int token = text.groups()[group]; token < text.groups()[group + 1]; token++) {
        text.copyState(token, state);
        double value = dot(documentWeight(), state) + values[documentBias()];
        if (value > 0) {
          document.active[token] = true;
          document.sums[group] += value;
        }
      }
    }
    double saturation = k() * (1 - b() + b() * document.mass() / averageMass);
    for (int group = 0; group < groups; group++) {
      double sum = document.sums[group];
      document.weights[group] = sum == 0 ? 0 : sum / (sum + saturation);
    }
    return document;
  }

  private double prior(int feature) {
    return feature < prior.length ? prior[feature] : rarePrior;
  }

  private double dot(int offset, float[] state) {
    double sum = 0;
    for (int i = 0; i < hidden; i++) {
      sum += values[offset + i] * state[i];
    }
    return sum;
  }

  /** Adds to a gradient what a query's weights pass back. */
  void backward(Query query, double[] weightGradients, double[] gradient) {
    float[] state = new float[hidden];
    for (int group = 0; group < weightGradients.length; group++) {
      if (query.tokens[group] >= 0 && weightGradients[group] != 0) {
        query.text.copyState(query.tokens[group], state);
        addRow(gradient, queryWeight(), queryBias(), weightGradients[group], state);
      }
    }
  }

  /** Adds to a gradient what a document's weights pass back. */
  void backward(Document document, double[] weightGradients, double[] gradient) {
    double k = k();
    double b = b();
    double mass = document.mass();
    double length = 1 - b + b * mass / averageMass;
    double saturation = k * length;
    double[] sumGradients = new double[weightGradients.length];
    double massGradient = 0;
    for (int group = 0; group < weightGradients.length; group++) {
      double sum = document.sums[group];
      double share = weightGradients[group] / ((sum + saturation) * (sum + saturation));
      sumGradients[group] = share * saturation;
      double saturationGradient = -share * sum;
      gradient[logK()] += saturationGradient * saturation;
      double lengthGradient = saturationGradient * k;
      gradient[oddsB()] += lengthGradient * (mass / averageMass - 1) * b * (1 - b);
      massGradient += lengthGradient * b / averageMass;
    }
    float[] state = new float[hidden];
    Text text = document.text;
    for (int group = 0; group < sumGradients.length; group++) {
      for (int token = text.groups()[group]; token < text.groups()[group + 1]; token++) {
        if (document.active[token]) {
          text.copyState(token, state);
          addRow(
              gradient,
              documentWeight(),
              documentBias(),
              sumGradients[group] + massGradient,
              state);
        }
      }
    }
  }

  private void addRow(double[] gradient, int weight, int bias, double factor, float[] state) {
    for (int i = 0; i < hidden; i++) {
      gradient[weight + i] += factor * state[i];
    }
    gradient[bias] += factor;
  }

  /**
   * A query as the current parameters weight it.
   *
   * @param weights by group of the text, {@code [groups]}
   * @param tokens the token with the greatest weight of each group, -1 if none has one
   */
  record Query(Text text, double[] weights, int[] tokens) {}

  /**
   * A document as the current parameters weight it.
   *
   * @param sums by group of the text, before saturation
   * @param weights by group of the text
   * @param active whether a token has a weight, {@code [tokens]}
   */
  record Document(Text text, double[] sums, double[] weights, boolean[] active) {
    double mass() {
      return Arrays.stream(sums).sum();
    }
  }
}
