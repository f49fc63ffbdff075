/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.VerifiedModel;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The head of token vectors: a linear layer over the states of a text's tokens, scaled to length 1,
 * as in ColBERT (Khattab and Zaharia, 2020). Immutable; safe for use by several threads.
 */
final class TokenVectorHead {

  private final float[] weight;
  private final float[] bias;
  private final int hidden;

  private TokenVectorHead(float[] weight, float[] bias, int hidden) {
    this.weight = weight;
    this.bias = bias;
    this.hidden = hidden;
  }

  /**
   * The head of a verified model.
   *
   * @return empty if it has none, or one of another form
   */
  static Optional<TokenVectorHead> of(VerifiedModel model, int hidden) {
    Map<String, Tensor> tensors = model.otherHeadTensors();
    if (!tensors.keySet().equals(Set.of("weight", "bias"))) {
      return Optional.empty();
    }
    Tensor weight = tensors.get("weight");
    Tensor bias = tensors.get("bias");
    if (weight.shape().length != 2
        || weight.shape()[1] != hidden
        || !bias.hasShape(weight.shape()[0])) {
      return Optional.empty();
    }
    return Optional.of(new TokenVectorHead(weight.toFloats(), bias.toFloats(), hidden));
  }

  /**
   * A token's vector.
   *
   * @param states rows of {@code hidden}
   * @param row the token's
   */
  float[] vector(float[] states, int row) {
    float[] vector = new float[bias.length];
    for (int i = 0; i < vector.length; i++) {
      double sum = bias[i];
      for (int j = 0; j < hidden; j++) {
        sum += (double) weight[i * hidden + j] * states[row * hidden + j];
      }
      vector[i] = (float) sum;
    }
    return TextState.toLengthOne(vector);
  }
}
