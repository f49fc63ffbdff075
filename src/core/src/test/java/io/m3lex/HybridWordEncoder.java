/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.SortedMap;

/** A {@link WordEncoder} that also gives each word a direction, and a text the mean of them. */
public final class HybridWordEncoder implements HybridEncoder {

  private static final int SIZE = 12;

  private final WordEncoder words = new WordEncoder();
  private final boolean withTokens;

  /** An encoder with or without token vectors. */
  public HybridWordEncoder(boolean withTokens) {
    this.withTokens = withTokens;
  }

  @Override
  public int denseSize() {
    return SIZE;
  }

  @Override
  public boolean hasTokenVectors() {
    return withTokens;
  }

  @Override
  public List<HybridText> encodeHybrid(List<String> texts, TextRole role, boolean tokenVectors) {
    return texts.stream().map(text -> encodeHybrid(text, role, tokenVectors)).toList();
  }

  private HybridText encodeHybrid(String text, TextRole role, boolean tokenVectors) {
    List<float[]> tokens = new ArrayList<>();
    float[] sum = new float[SIZE];
    for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+")) {
      if (!word.isEmpty()) {
        Random random = new Random(word.hashCode());
        float[] direction = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
          direction[i] = (float) random.nextGaussian();
          sum[i] += direction[i];
        }
        tokens.add(ofLengthOne(direction));
      }
    }
    return new HybridText(
        encode(text, role),
        tokens.isEmpty() ? new float[0] : ofLengthOne(sum),
        tokenVectors ? tokens.toArray(float[][]::new) : new float[0][]);
  }

  private static float[] ofLengthOne(float[] vector) {
    double squares = 0;
    for (float value : vector) {
      squares += value * value;
    }
    float[] scaled = new float[vector.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (float) (vector[i] / Math.sqrt(squares));
    }
    return scaled;
  }

  @Override
  public ModelFingerprint fingerprint() {
    return words.fingerprint();
  }

  @Override
  public SortedMap<String, String> environment() {
    return words.environment();
  }

  @Override
  public EncodedText encode(String text, TextRole role) {
    return words.encode(text, role);
  }

  @Override
  public String describe(String feature) {
    return words.describe(feature);
  }

  @Override
  public void close() {
    words.close();
  }
}
