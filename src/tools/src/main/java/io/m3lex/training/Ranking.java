/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.training.HeadParameters.Query;
import io.m3lex.training.TokenStatesOfTexts.Text;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Ranks all passages for a query with the parameters of one moment: an inverted index in memory.
 */
final class Ranking {

  private final HeadParameters parameters;
  private final int passages;
  private final Map<Integer, Postings> postings = new HashMap<>();

  Ranking(HeadParameters parameters, TokenStatesOfTexts texts) {
    this.parameters = parameters;
    passages = texts.size();
    for (int passage = 0; passage < passages; passage++) {
      Text text = texts.text(passage);
      double[] weights = parameters.document(text).weights();
      for (int group = 0; group < weights.length; group++) {
        if (weights[group] > 0) {
          postings
              .computeIfAbsent(text.features()[group], feature -> new Postings())
              .add(passage, weights[group]);
        }
      }
    }
  }

  /** The score of every passage, {@code [passages]}. */
  double[] scores(Text text) {
    double[] scores = new double[passages];
    Query query = parameters.query(text);
    for (int group = 0; group < query.weights().length; group++) {
      Postings list = postings.get(text.features()[group]);
      if (list != null && query.weights()[group] > 0) {
        for (int i = 0; i < list.size; i++) {
          scores[list.passages[i]] += query.weights()[group] * list.weights[i];
        }
      }
    }
    return scores;
  }

  /** The passages of the greatest scores but for one, the best first; among equals the earlier. */
  int[] best(Text query, int except, int count) {
    double[] scores = scores(query);
    return IntStream.range(0, passages)
        .filter(passage -> passage != except && scores[passage] > 0)
        .boxed()
        .sorted((a, b) -> Double.compare(scores[b], scores[a]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The mean of 1 / rank of each pair's passage, 0 beyond rank 10. */
  double meanReciprocalRank(List<TrainingPair> pairs, List<Text> queries) {
    return IntStream.range(0, pairs.size())
        .mapToDouble(i -> reciprocalRank(scores(queries.get(i)), pairs.get(i).passage()))
        .average()
        .orElse(0);
  }

  /** 1 / rank of a passage, 0 beyond rank 10. */
  static double reciprocalRank(double[] scores, int passage) {
    long above = Arrays.stream(scores).filter(score -> score > scores[passage]).count();
    return scores[passage] > 0 && above < 10 ? 1.0 / (above + 1) : 0;
  }

  private static final class Postings {
    private int[] passages = new int[4];
    private double[] weights = new double[4];
    private int size;

    void add(int passage, double weight) {
      if (size == passages.length) {
        passages = Arrays.copyOf(passages, 2 * size);
        weights = Arrays.copyOf(weights, 2 * size);
      }
      passages[size] = passage;
      weights[size++] = weight;
    }
  }
}
