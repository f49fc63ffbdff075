/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.ModelFingerprint;
import java.util.Locale;

/**
 * The numbers that the layers of a PyTorch checkpoint are computed with. The choice decides
 * weights, so it is part of the fingerprint. ONNX networks have a precision of their own.
 */
public enum Precision {
  /** IEEE 754 of 32 bits: the reference. */
  FP32(0),
  /**
   * bfloat16 in matrices and between layers: about twice as fast on processors and devices that
   * have it, with weights that differ by up to a few hundredths.
   */
  BF16(0.05f);

  /** The component of a fingerprint that the choice is in. */
  static final String COMPONENT = "precision";

  private final float goldenTolerance;

  Precision(float goldenTolerance) {
    this.goldenTolerance = goldenTolerance;
  }

  /** How far golden weights may be off by reason of the precision alone. */
  float goldenTolerance() {
    return goldenTolerance;
  }

  /** The name in fingerprints. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The choice that a fingerprint was made with; {@link #FP32} if it has none. */
  public static Precision of(ModelFingerprint fingerprint) {
    return BF16.label().equals(fingerprint.components().get(COMPONENT)) ? BF16 : FP32;
  }
}
