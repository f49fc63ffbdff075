/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A small deterministic encoder for tests of what lies above the models: every word is a feature,
 * its weight depends on the word alone.
 */
public final class WordEncoder implements SparseEncoder {

  private final ModelFingerprint fingerprint;
  private final float drift;

  /** An encoder of the model {@code words}. */
  public WordEncoder() {
    this("words", 0);
  }

  /**
   * An encoder that can differ.
   *
   * @param head stands for the model's head in the fingerprint
   * @param drift added to every weight, though the fingerprint does not show it
   */
  public WordEncoder(String head, float drift) {
    this.fingerprint =
        new ModelFingerprint(
            "word model", new TreeMap<>(Map.of("file:head", head, "max-tokens", "512")));
    this.drift = drift;
  }

  @Override
  public ModelFingerprint fingerprint() {
    return fingerprint;
  }

  @Override
  public SortedMap<String, String> environment() {
    return new TreeMap<>(Map.of("engine", "words " + drift));
  }

  @Override
  public EncodedText encode(String text, TextRole role) {
    Map<String, Float> weights = new HashMap<>();
    String[] words = text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+");
    int tokens = 0;
    for (String word : words) {
      if (!word.isEmpty()) {
        tokens++;
        weights.put(word, 0.1f + drift + Math.floorMod(word.hashCode(), 1_000) / 1_000f);
      }
    }
    return new EncodedText(
        SparseVector.of(weights).from(fingerprint), tokens, tokens == 0 ? 0 : 1, 0);
  }

  @Override
  public String describe(String feature) {
    return feature;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
