/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.SparseVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/** Compares the weights that a loaded model gives to known texts with those of its manifest. */
public final class GoldenCheck {

  private GoldenCheck() {}

  /**
   * One fault for every weight that differs by more than the tolerance; a feature that is on one
   * side only has weight 0 on the other.
   *
   * @param computed the vector of each golden text, in the manifest's order, as {@link
   *     GoldenText#role} says
   * @param tolerance greatest difference that is accepted: the manifest's, or more where the
   *     precision is lower
   * @throws IllegalArgumentException if there are not as many vectors as texts
   */
  public static List<Fault> compare(
      ModelManifest manifest, List<SparseVector> computed, float tolerance) {
    Golden golden = manifest.golden();
    if (computed.size() != golden.texts().size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d vectors for %d golden texts",
              computed.size(),
              golden.texts().size()));
    }
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < computed.size(); i++) {
      GoldenText text = golden.texts().get(i);
      SparseVector expected = SparseVector.of(text.weights());
      SparseVector found = computed.get(i);
      SortedSet<String> features = new TreeSet<>(expected.toMap().keySet());
      features.addAll(found.toMap().keySet());
      for (String feature : features) {
        float difference = Math.abs(expected.weight(feature) - found.weight(feature));
        if (difference > tolerance) {
          faults.add(
              new Fault.WrongWeight(
                  manifest.name(),
                  text.text(),
                  text.role(),
                  feature,
                  expected.weight(feature),
                  found.weight(feature),
                  tolerance));
        }
      }
    }
    return faults;
  }
}
