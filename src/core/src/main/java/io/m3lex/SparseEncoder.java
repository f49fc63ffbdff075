/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.List;
import java.util.SortedMap;

/**
 * Turns text into sparse vectors with the weights of one verified model, which they state ({@link
 * SparseVector#fingerprint}).
 *
 * <p>The same text gives the same weights, bit for bit, whatever is encoded before or beside it.
 * Implementations are safe for use by several threads at once. Those that take long end when their
 * thread is interrupted; see {@link Cancellation}.
 */
public interface SparseEncoder extends AutoCloseable {

  /** Identifies everything that decides a weight of this encoder. */
  ModelFingerprint fingerprint();

  /**
   * What the weights were computed with but should not depend on: engine and its version, operating
   * system, processor. Recorded in an index beside the fingerprint, so that a refusal can say what
   * changed. Never part of a comparison.
   */
  SortedMap<String, String> environment();

  /**
   * Encodes a text of any length. A text longer than the model's maximum is windowed or cut, as
   * this encoder was opened; the result says which.
   *
   * @param text any text; an empty one, or one of white space only, has the empty vector
   * @throws NullPointerException if an argument is null
   * @throws IllegalStateException if this encoder is closed
   */
  EncodedText encode(String text, TextRole role);

  /**
   * Encodes several texts, which can be faster than one by one and gives the same weights.
   *
   * @param texts any number of texts, as for {@link #encode(String, TextRole)}
   * @return one result per text, in their order
   */
  default List<EncodedText> encode(List<String> texts, TextRole role) {
    return texts.stream().map(text -> encode(text, role)).toList();
  }

  /** The vector of a query; see {@link #encode(String, TextRole)}. */
  default SparseVector encodeQuery(String query) {
    return encode(query, TextRole.QUERY).vector().from(fingerprint());
  }

  /** The vector of a document; see {@link #encode(String, TextRole)}. */
  default SparseVector encodeDocument(String document) {
    return encode(document, TextRole.DOCUMENT).vector().from(fingerprint());
  }

  /**
   * How a feature reads, for people: the token or word behind it. The feature itself if this
   * encoder does not know it.
   */
  String describe(String feature);

  /**
   * Which stretches of a text stand for which features, for showing matches in it; without a
   * forward pass. A feature that comes from the text as a whole, such as a word of an expansion,
   * has none, and a stretch is named even if its weight is 0.
   *
   * @return by rising start, none overlapping; empty if this encoder cannot tell, which is what an
   *     implementation does that leaves this as it is
   * @throws IllegalStateException if this encoder is closed
   */
  default List<FeatureSpan> spans(String text) {
    return List.of();
  }

  /** Releases the model. Calls in progress are finished first; later calls fail. */
  @Override
  void close();
}
