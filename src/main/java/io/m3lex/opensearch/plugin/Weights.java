package io.m3lex.opensearch.plugin;

import io.m3lex.SparseVector;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
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
   * @throws IllegalArgumentException if it is none, a feature comes twice, or a weight is negative
   *     or not finite
   */
  static SparseVector parse(XContentParser parser) throws IOException {
    Map<String, Float> weights = new HashMap<>();
    while (parser.nextToken() != Token.END_OBJECT) {
      String feature = parser.currentName();
      if (parser.nextToken() != Token.VALUE_NUMBER) {
        throw new IllegalArgumentException(
            "the weight of feature [%s] must be a number: %s"
                .formatted(feature, parser.currentToken()));
      }
      if (weights.put(feature, parser.floatValue()) != null) {
        throw new IllegalArgumentException("feature [" + feature + "] has two weights");
      }
    }
    return SparseVector.of(weights);
  }

  static SparseVector read(StreamInput in) throws IOException {
    return SparseVector.of(in.readMap(StreamInput::readString, StreamInput::readFloat));
  }

  static void write(SparseVector vector, StreamOutput out) throws IOException {
    out.writeMap(vector.toMap(), StreamOutput::writeString, StreamOutput::writeFloat);
  }
}
