/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import java.util.Objects;
import java.util.SortedMap;

/**
 * A text with the weights that a model must give it, wherever it runs.
 *
 * @param text what is encoded
 * @param role what it is encoded for
 * @param weights weight by feature, all greater than 0
 */
@JsonPropertyOrder({"text", "role", "weights"})
public record GoldenText(String text, TextRole role, SortedMap<String, Float> weights) {

  /**
   * Checks and copies the components.
   *
   * @throws IllegalArgumentException if a weight is negative, infinite or not a number
   */
  public GoldenText {
    Objects.requireNonNull(text, "text of a golden text is missing");
    Objects.requireNonNull(role, "role of a golden text is missing");
    Objects.requireNonNull(weights, "weights of a golden text are missing");
    weights = SparseVector.of(weights).toMap();
  }
}
