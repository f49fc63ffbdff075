/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import io.m3lex.EncodedText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.WordEncoder;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** The model of a {@link WordEncoder} on a machine that computes its weights in its own way. */
final class Machine implements SparseEncoder {

  /** What becomes of one weight. */
  @FunctionalInterface
  interface Arithmetic {
    float weight(String feature, float weight);
  }

  private final SparseEncoder model = new WordEncoder();
  private final String engine;
  private final UnaryOperator<SparseVector> change;
  private final TextRole only;

  /** A machine that changes each weight by itself. */
  Machine(String engine, Arithmetic arithmetic) {
    this(engine, null, vector -> each(vector, arithmetic));
  }

  /**
   * A machine that changes vectors.
   *
   * @param engine stands in the environment, which is never compared
   * @param only the role whose vectors are changed; null for both
   */
  Machine(String engine, TextRole only, UnaryOperator<SparseVector> change) {
    this.engine = engine;
    this.only = only;
    this.change = change;
  }

  private static SparseVector each(SparseVector vector, Arithmetic arithmetic) {
    Map<String, Float> changed = new TreeMap<>(vector.toMap());
    changed.replaceAll(arithmetic::weight);
    return SparseVector.of(changed);
  }

  @Override
  public ModelFingerprint fingerprint() {
    return model.fingerprint();
  }

  @Override
  public SortedMap<String, String> environment() {
    return new TreeMap<>(Map.of("engine", engine));
  }

  @Override
  public EncodedText encode(String text, TextRole role) {
    EncodedText encoded = model.encode(text, role);
    return only != null && role != only
        ? encoded
        : new EncodedText(
            change.apply(encoded.vector()).from(fingerprint()),
            encoded.tokens(),
            encoded.windows(),
            encoded.droppedTokens());
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
