/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Objects;

/**
 * The encoder of a model and what comes out of it.
 *
 * @param architecture label of the network, for instance {@code bert}
 * @param output name of the network's output that holds one hidden state per token
 * @param hiddenSize length of a hidden state
 * @param vocabularySize number of token ids
 * @param maxTokens greatest number of tokens that the network takes at once, special tokens
 *     included
 */
@JsonPropertyOrder({"architecture", "output", "hiddenSize", "vocabularySize", "maxTokens"})
public record EncoderOutput(
    String architecture, String output, int hiddenSize, int vocabularySize, int maxTokens) {

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if a name is blank or a number not positive
   */
  public EncoderOutput {
    requireName("encoder.architecture", architecture);
    requireName("encoder.output", output);
    requirePositive("encoder.hiddenSize", hiddenSize);
    requirePositive("encoder.vocabularySize", vocabularySize);
    requirePositive("encoder.maxTokens", maxTokens);
  }

  private static void requireName(String property, String value) {
    if (Objects.requireNonNullElse(value, "").isBlank() || value.indexOf('\n') >= 0) {
      throw new IllegalArgumentException(property + " must be one line of text");
    }
  }

  private static void requirePositive(String property, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(property + " must be positive: " + value);
    }
  }
}
