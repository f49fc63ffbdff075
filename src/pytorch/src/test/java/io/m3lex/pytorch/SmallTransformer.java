/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.pytorch;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.TransformerArchitecture;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Architectures small enough for tests, and numbers for them. */
final class SmallTransformer {

  private SmallTransformer() {}

  static TransformerArchitecture architecture(String type, int vocabulary, int positions) {
    return new TransformerArchitecture(
        type, 3, 64, 4, 160, vocabulary, positions, type.equals("bert") ? 2 : 1, 1, 1e-5);
  }

  /** Numbers as a trained network has them: none 0, none alike, and layer norms around 1. */
  static SortedMap<String, Tensor> tensors(TransformerArchitecture architecture, long seed) {
    Random random = new Random(seed);
    SortedMap<String, Tensor> tensors = new TreeMap<>();
    architecture
        .tensors()
        .forEach(
            (name, shape) -> {
              int count = 1;
              for (long dimension : shape) {
                count *= (int) dimension;
              }
              boolean norm = name.endsWith("LayerNorm.weight");
              double scale = shape.length == 2 ? 1.5 / Math.sqrt(shape[1]) : 0.1;
              float[] values = new float[count];
              for (int i = 0; i < count; i++) {
                values[i] = (float) (random.nextGaussian() * scale + (norm ? 1 : 0));
              }
              tensors.put(name, Tensor.of(name, shape, values));
            });
    return tensors;
  }
}
