/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import java.util.function.BiConsumer;

/**
 * Joins the tokens of one text to words, stretch by stretch: the mean of its pieces' states stands
 * for a word. For use by one thread.
 */
public final class WordStates {

  private final WordVocabulary vocabulary;
  private final BiConsumer<String, float[]> consumer;
  private final StringBuilder word = new StringBuilder();
  private double[] sum;
  private int firstId;
  private int pieces;

  /**
   * Starts a text.
   *
   * @param consumer takes the stem of each word and its state, {@code [hidden]}, in the order of
   *     the text; words without a letter or digit and special tokens are left out
   */
  public WordStates(WordVocabulary vocabulary, BiConsumer<String, float[]> consumer) {
    this.vocabulary = vocabulary;
    this.consumer = consumer;
  }

  /** Adds a stretch; a word may go on in the next one. */
  public void add(TokenStates stretch) {
    int hidden = stretch.hidden();
    for (int token = 0; token < stretch.tokens(); token++) {
      int id = stretch.ids()[token];
      if (stretch.special()[token]) {
        finish();
        continue;
      }
      if (pieces == 0 || !vocabulary.continuesWord(id)) {
        finish();
        sum = new double[hidden];
        firstId = id;
      }
      word.append(vocabulary.partOfWord(id));
      pieces++;
      for (int i = 0; i < hidden; i++) {
        sum[i] += stretch.states()[token * hidden + i];
      }
    }
  }

  /** Hands on the last word. */
  public void finish() {
    if (pieces > 0 && WordVocabulary.isWord(word)) {
      String known = pieces == 1 ? vocabulary.stem(firstId) : null;
      float[] mean = new float[sum.length];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = (float) (sum[i] / pieces);
      }
      consumer.accept(known == null ? WordVocabulary.stem(word.toString()) : known, mean);
    }
    word.setLength(0);
    pieces = 0;
  }
}
