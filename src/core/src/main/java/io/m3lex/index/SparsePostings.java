/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.codec.FrequencyField;
import io.m3lex.codec.ModelStatement;
import io.m3lex.codec.PostingWeight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.index.IndexableField;

/**
 * Makes the postings of a field's vectors, with the statement which model they came from ({@link
 * ModelStatement}). Immutable.
 */
public final class SparsePostings {

  private final String field;
  private final ModelFingerprint model;

  /** SHA-256 of the model. */
  private final String sha256;

  /**
   * Postings of a field.
   *
   * @param model which the field's vectors come from
   */
  public SparsePostings(String field, ModelFingerprint model) {
    this.field = field;
    this.model = model;
    sha256 = model.sha256();
  }

  /**
   * The postings of a vector, weights rounded to what a posting can hold. All of them belong into
   * one document, one behind the other.
   *
   * @param vector one that states no model is taken for one of this field's model, which the caller
   *     has made sure of
   * @param what names a feature in messages
   * @return none for a vector without features
   * @throws io.m3lex.ModelMismatchException if the vector states another model
   * @throws IllegalArgumentException if a feature is no term of Lucene: longer than 32,766 bytes,
   *     or no valid Unicode; or if there are more postings than Lucene takes of a document, which
   *     is beyond 30,000
   */
  public List<IndexableField> of(SparseVector vector, String what) {
    vector.from(model);
    Rounded rounded = rounded(vector, what);
    return rounded.features.isEmpty()
        ? List.of()
        : List.of(
            new FrequencyField(field, rounded.features, rounded.frequencies),
            ModelStatement.statement(field, sha256, rounded.sum + 1));
  }

  /** Features with their frequencies, and the sum of these. */
  private record Rounded(List<String> features, int[] frequencies, int sum) {}

  private static Rounded rounded(SparseVector vector, String what) {
    List<String> features = new ArrayList<>(vector.size());
    int[] frequencies = new int[vector.size()];
    long sum = 0;
    for (int i = 0; i < vector.size(); i++) {
      float weight = PostingWeight.round(vector.weight(i));
      if (weight > 0) {
        TermText.require(what, vector.feature(i));
        int frequency = PostingWeight.toFrequency(weight);
        frequencies[features.size()] = frequency;
        features.add(vector.feature(i));
        sum += frequency;
      }
    }
    if (sum >= Integer.MAX_VALUE) {
      // The statement is one more. Lucene would notice when it has half of them.
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a vector of %,d features is more than a document can have: %s \"%s\" is one of them",
              features.size(),
              what,
              features.getFirst()));
    }
    return new Rounded(features, Arrays.copyOf(frequencies, features.size()), (int) sum);
  }

  /** Refuses what {@link #of} would refuse. */
  static void require(SparseVector vector, String what) {
    rounded(vector, what);
  }
}
