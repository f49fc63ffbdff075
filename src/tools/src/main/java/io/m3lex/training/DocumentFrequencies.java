/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import io.m3lex.encoder.WordVocabulary;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * In how many texts each stem occurs, and the prior that follows from it. What counts is the mean
 * of a stem's shares in the corpora, so that a large corpus does not decide alone what is common.
 */
final class DocumentFrequencies {

  private final WordVocabulary vocabulary;
  private final double[] shares;
  private double rareShares;
  private int corpora;
  private int texts;

  private final int[] counts;
  private final Map<String, Integer> rareCounts = new HashMap<>();
  private int textsOfCorpus;

  /** Counts nothing yet. */
  DocumentFrequencies(WordVocabulary vocabulary) {
    this.vocabulary = vocabulary;
    shares = new double[vocabulary.size()];
    counts = new int[vocabulary.size()];
  }

  /** Counts one text. */
  void add(int[] tokenIds) {
    texts++;
    textsOfCorpus++;
    for (String stem : new HashSet<>(vocabulary.stems(tokenIds))) {
      int id = vocabulary.firstOfStem(stem);
      if (id == WordVocabulary.RARE) {
        rareCounts.merge(stem, 1, Integer::sum);
      } else {
        counts[id]++;
      }
    }
  }

  /** Ends a corpus; the next texts are those of another one. */
  void endCorpus() {
    if (textsOfCorpus > 0) {
      corpora++;
      for (int id = 0; id < counts.length; id++) {
        shares[id] += (double) counts[id] / textsOfCorpus;
        counts[id] = 0;
      }
      rareShares +=
          rareCounts.values().stream().mapToInt(count -> count).average().orElse(1) / textsOfCorpus;
      rareCounts.clear();
      textsOfCorpus = 0;
    }
  }

  int texts() {
    return texts;
  }

  /**
   * The inverse document frequency of every token id that is the first of its stem, {@code ln((1 -
   * p) / p)} with the stem's mean share p, at least 0; a stem that no text has is taken to be in
   * half of one. Of other ids 0.
   */
  float[] priors() {
    float[] priors = new float[shares.length];
    for (int id = 0; id < priors.length; id++) {
      String stem = vocabulary.stem(id);
      if (stem != null && vocabulary.firstOfStem(stem) == id) {
        priors[id] = prior(shares[id]);
      }
    }
    return priors;
  }

  /** The same for stems of no single token: that of their average. */
  float rarePrior() {
    return prior(rareShares);
  }

  private float prior(double sum) {
    double share = Math.max(sum / Math.max(1, corpora), 0.5 / Math.max(1, texts));
    return (float) Math.max(0, Math.log((1 - share) / share));
  }

  /** Token ids that are the first of an English word's stem and have a prior of at least some. */
  List<Integer> wordsOfPrior(double least, int most) {
    float[] priors = priors();
    return IntStream.range(0, priors.length)
        .filter(id -> priors[id] >= least && vocabulary.isEnglishWord(id))
        .limit(most)
        .boxed()
        .toList();
  }
}
