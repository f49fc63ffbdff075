/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.SparseVector;
import io.m3lex.VectorBuilder;
import java.io.IOException;
import java.math.BigDecimal;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.core.xcontent.XContentParser.Token;

/** The forms of a vector: an object of JSON, and what nodes send each other. */
final class Weights {

  private Weights() {}

  /**
   * Reads an object of a weight for each feature.
   *
   * @param parser at the object's beginning; afterwards at its end
   * @throws IllegalArgumentException if it is none, or a feature or a weight is one that {@link
   *     VectorBuilder} refuses
   */
  static SparseVector parse(XContentParser parser) throws IOException {
    VectorBuilder vector = new VectorBuilder();
    while (parser.nextToken() != Token.END_OBJECT) {
      String feature = parser.currentName();
      if (parser.nextToken() != Token.VALUE_NUMBER) {
        throw new IllegalArgumentException(
            "the weight of feature [%s] must be a number: %s"
                .formatted(feature, parser.currentToken()));
      }
      vector.add(feature, decimal(feature, parser.text()));
    }
    return vector.build();
  }

  /** As it is written: parsers turn what a float cannot hold into another number. */
  private static BigDecimal decimal(String feature, String weight) {
    try {
      return new BigDecimal(weight);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "the weight of feature [%s] must be a number: %s".formatted(feature, weight), e);
    }
  }

  static SparseVector read(StreamInput in) throws IOException {
    return SparseVector.of(in.readMap(StreamInput::readString, StreamInput::readFloat));
  }

  static void write(SparseVector vector, StreamOutput out) throws IOException {
    out.writeMap(vector.toMap(), StreamOutput::writeString, StreamOutput::writeFloat);
  }
}
