/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * A text with the weights that the machine that began an index gave it. Whoever opens the index
 * encodes it again and compares: files of the same hash can still come out differently on another
 * processor or with another engine.
 *
 * @param text what is encoded
 * @param role what for
 * @param vector its exact weights
 */
public record WitnessText(String text, TextRole role, SparseVector vector) {

  private static final List<String> TEXTS =
      List.of(
          "what is learned sparse retrieval?",
          "The pump failed at 03:15 because valve no. 7 (DIN EN 1092-1) had been closed.",
          "Größe, naïveté, 東京, Москва — mixed scripts are tokens too.");

  /** The witnesses of an encoder, as it computes them now. */
  public static List<WitnessText> of(SparseEncoder encoder) {
    List<WitnessText> witnesses = new ArrayList<>();
    for (String text : TEXTS) {
      for (TextRole role : TextRole.values()) {
        witnesses.add(new WitnessText(text, role, encoder.encode(text, role).vector()));
      }
    }
    return List.copyOf(witnesses);
  }

  /** Where an encoder drifted farthest from this witness; the difference is 0 if nowhere. */
  Drift drift(SparseEncoder encoder) {
    return drift(encoder.encode(text, role).vector());
  }

  /**
   * Where the weights that came out elsewhere, or at another time, are farthest from these.
   *
   * @param now what the text was encoded to
   * @return the difference is 0 if there is none
   */
  public Drift drift(SparseVector now) {
    Drift greatest = new Drift(this, "", 0, 0);
    for (SparseVector source : List.of(vector, now)) {
      for (int i = 0; i < source.size(); i++) {
        String feature = source.feature(i);
        Drift drift = new Drift(this, feature, vector.weight(feature), now.weight(feature));
        if (drift.difference() > greatest.difference()) {
          greatest = drift;
        }
      }
    }
    return greatest;
  }

  /**
   * How far one weight moved.
   *
   * @param witness the text
   * @param feature empty if no weight moved
   * @param recorded the weight in the witness, 0 if it has none
   * @param computed the weight that came out now, 0 if none did
   */
  public record Drift(WitnessText witness, String feature, float recorded, float computed) {
    /** The distance of the two weights, never negative. */
    public float difference() {
      return Math.abs(recorded - computed);
    }
  }

  /**
   * A witness in JSON. Floats survive it exactly: JSON has their shortest exact decimals.
   *
   * @param weights weight by feature
   */
  public record Stored(String text, TextRole role, SortedMap<String, Float> weights) {

    /** The form of a witness. */
    public static Stored of(WitnessText witness) {
      return new Stored(witness.text, witness.role, witness.vector.toMap());
    }

    /**
     * The witness that it is the form of.
     *
     * @throws IllegalArgumentException if a weight is none
     */
    public WitnessText witness() {
      return new WitnessText(text, role, SparseVector.of(weights));
    }
  }
}
