/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.SparseVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Vectors like those of BGE-M3: one feature for each distinct token of the text. A token's weight
 * is 0.022 ln(1/p), p being the share of passages that have it, between 0.012 and 0.27, times
 * log-normal noise (sigma 0.3) for every occurrence; the greatest counts. That gives the ranges of
 * the real model: 0.1 to 0.3 for content words, 0.02 to 0.1 for function words, less for
 * punctuation.
 *
 * <p>Documents beyond the passages are the first half of one passage and the second of another. A
 * query is a stretch of 4 to 16 tokens of a passage.
 */
final class LexicalVectors implements VectorCorpus {

  private static final int SAMPLE = 100_000;

  private final TokenPassages passages;
  private final Map<Integer, Float> weights = new HashMap<>();
  private final float rare;

  LexicalVectors(TokenPassages passages) {
    this.passages = passages;
    Map<Integer, Integer> frequencies = new HashMap<>();
    int sample = Math.min(SAMPLE, passages.size());
    for (int p = 0; p < sample; p++) {
      int[] tokens = passages.get((int) ((long) p * passages.size() / sample)).clone();
      Arrays.sort(tokens);
      for (int i = 0; i < tokens.length; i++) {
        if (i == 0 || tokens[i] != tokens[i - 1]) {
          frequencies.merge(tokens[i], 1, Integer::sum);
        }
      }
    }
    frequencies.forEach((token, count) -> weights.put(token, weight((double) count / sample)));
    rare = weight(0.5 / sample);
  }

  private static float weight(double share) {
    return (float) Math.max(0.012, Math.min(0.27, 0.022 * Math.log(1 / share)));
  }

  @Override
  public String family() {
    return "M3-like";
  }

  @Override
  public String description() {
    return passages.description();
  }

  @Override
  public SparseVector document(int number) {
    SplittableRandom random = new SplittableRandom(number);
    Map<String, Float> vector = new HashMap<>();
    if (number < passages.size()) {
      int[] tokens = passages.get(number);
      add(tokens, 0, tokens.length, random, vector);
    } else {
      int[] first = passages.get(random.nextInt(passages.size()));
      int[] second = passages.get(random.nextInt(passages.size()));
      add(first, 0, first.length / 2, random, vector);
      add(second, second.length / 2, second.length, random, vector);
    }
    return SparseVector.of(vector);
  }

  private void add(
      int[] tokens, int from, int to, SplittableRandom random, Map<String, Float> vector) {
    for (int i = from; i < to; i++) {
      float weight = weights.getOrDefault(tokens[i], rare);
      weight *= (float) Math.exp(0.3 * random.nextGaussian());
      vector.merge(Integer.toString(tokens[i]), weight, Math::max);
    }
  }

  @Override
  public List<SparseVector> queries(int count) {
    SplittableRandom random = new SplittableRandom(-1);
    List<SparseVector> queries = new ArrayList<>(count);
    while (queries.size() < count) {
      int[] tokens = passages.get(random.nextInt(passages.size()));
      int length = 4 + random.nextInt(13);
      int start = random.nextInt(Math.max(1, tokens.length - length));
      Map<String, Float> vector = new HashMap<>();
      add(tokens, start, Math.min(tokens.length, start + length), random, vector);
      if (vector.size() >= 4) {
        queries.add(SparseVector.of(vector));
      }
    }
    return queries;
  }
}
