/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.HybridEncoder;
import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * What an index holds of each document beside its sparse vector. Fixed when the index is begun:
 * every document has the same.
 *
 * @param dense whether the dense vector, for nearest-neighbour search
 * @param tokenVectors whether a vector for each token, for ranking candidates again: hundreds of
 *     times the size of a sparse vector
 * @param language the language, as a BCP 47 tag, by whose analyzer the text is indexed for BM25;
 *     empty if it is not
 */
public record IndexContents(boolean dense, boolean tokenVectors, String language) {

  /** Nothing but the sparse vector. */
  public static final IndexContents SPARSE = new IndexContents(false, false, "");

  private static final String KEY = "m3lex.contents";

  /** Whether there are vectors that only a {@link HybridEncoder} gives. */
  public boolean needsHybridEncoder() {
    return dense || tokenVectors;
  }

  /** The signals that documents can be ranked by. */
  public List<Signal> signals() {
    List<Signal> signals = new ArrayList<>(List.of(Signal.SPARSE));
    if (!language.isEmpty()) {
      signals.add(Signal.BM25);
    }
    if (dense) {
      signals.add(Signal.DENSE);
    }
    if (tokenVectors) {
      signals.add(Signal.TOKENS);
    }
    return List.copyOf(signals);
  }

  /**
   * Encodes texts as far as these contents need it.
   *
   * @return one result per text, in their order, each stating the encoder's model
   * @throws IllegalArgumentException if the encoder does not give what they need
   */
  public List<HybridText> encode(List<String> texts, SparseEncoder encoder, TextRole role) {
    Stream<HybridText> encoded =
        needsHybridEncoder()
            ? requireHybrid(encoder).encodeHybrid(texts, role, tokenVectors).stream()
            : encoder.encode(texts, role).stream().map(HybridText::of);
    ModelFingerprint fingerprint = encoder.fingerprint();
    return encoded.map(text -> text.from(fingerprint)).toList();
  }

  /** An encoder that gives what these contents need. */
  HybridEncoder requireHybrid(SparseEncoder encoder) {
    if (!(encoder instanceof HybridEncoder hybrid)) {
      throw new IllegalArgumentException(
          "the index holds dense vectors, which this encoder does not give");
    }
    if (tokenVectors && !hybrid.hasTokenVectors()) {
      throw new IllegalArgumentException(
          "model %s has no head for token vectors".formatted(encoder.fingerprint().model()));
    }
    return hybrid;
  }

  /** The entry of a commit's user data; none for {@link #SPARSE}, as before there was any other. */
  Map<String, String> toUserData() {
    return equals(SPARSE) ? Map.of() : Map.of(KEY, toString());
  }

  /** The contents in a commit's user data. */
  static IndexContents of(Map<String, String> userData, String location)
      throws IndexFormatException {
    String value = userData.getOrDefault(KEY, "");
    IndexContents contents = SPARSE;
    for (String part : value.isEmpty() ? new String[0] : value.split(" ")) {
      if (part.equals("dense")) {
        contents = new IndexContents(true, contents.tokenVectors, contents.language);
      } else if (part.equals("tokens")) {
        contents = new IndexContents(contents.dense, true, contents.language);
      } else if (part.startsWith("bm25:")) {
        contents = new IndexContents(contents.dense, contents.tokenVectors, part.substring(5));
      } else {
        throw new IndexFormatException(
            "Index %s holds \"%s\", which this program does not know. Use the version of m3lex that wrote it."
                .formatted(location, part));
      }
    }
    return contents;
  }

  /** As in the commit: {@code dense tokens bm25:en}. */
  @Override
  public String toString() {
    StringJoiner parts = new StringJoiner(" ");
    if (dense) {
      parts.add("dense");
    }
    if (tokenVectors) {
      parts.add("tokens");
    }
    if (!language.isEmpty()) {
      parts.add("bm25:" + language);
    }
    return parts.toString();
  }
}
