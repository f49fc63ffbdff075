/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GoldenCheckTest {

  private static final ModelManifest MANIFEST =
      TestModel.draft(HeadForm.M3)
          .withGolden(
              new Golden(
                  0.01f,
                  List.of(
                      new GoldenText(
                          "first", TextRole.QUERY, new TreeMap<>(Map.of("1", 0.5f, "2", 0.005f))),
                      new GoldenText("second", TextRole.DOCUMENT, new TreeMap<>()))));

  @Test
  void weightsWithinTheTolerancePass() {
    assertEquals(List.of(), compare(Map.of("1", 0.509f), Map.of("7", 0.009f)));
  }

  @Test
  void everyWeightBeyondTheToleranceIsAFault() {
    assertEquals(
        List.of(
            fault("first", TextRole.QUERY, "1", 0.5f, 0),
            fault("first", TextRole.QUERY, "2", 0.005f, 0.1f),
            fault("second", TextRole.DOCUMENT, "9", 0, 0.2f)),
        compare(Map.of("2", 0.1f), Map.of("9", 0.2f)));
  }

  @Test
  void messageNamesTextFeatureAndBothWeights() {
    assertEquals(
        "test-model: golden text \"first\" (QUERY): feature \"1\" has weight 0.25 instead of 0.5,"
            + " a difference of 0.250 where 0.0100 is allowed. This machine, engine or precision"
            + " does not compute what the model was made with.",
        fault("first", TextRole.QUERY, "1", 0.5f, 0.25f).message());
  }

  @Test
  void everyTextNeedsItsVector() {
    assertThrows(
        IllegalArgumentException.class,
        () -> GoldenCheck.compare(MANIFEST, List.of(SparseVector.EMPTY), 1e-2f));
  }

  private static List<Fault> compare(Map<String, Float> first, Map<String, Float> second) {
    return GoldenCheck.compare(
        MANIFEST,
        List.of(SparseVector.of(first), SparseVector.of(second)),
        MANIFEST.golden().tolerance());
  }

  private static Fault fault(
      String text, TextRole role, String feature, float expected, float found) {
    return new Fault.WrongWeight("test-model", text, role, feature, expected, found, 0.01f);
  }
}
