/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SparseVectorTest {

  @Test
  void featuresAreSortedAndZerosLeftOut() {
    SparseVector vector = SparseVector.of(Map.of("b", 2f, "a", 1f, "c", 0f));
    assertEquals(2, vector.size());
    assertEquals("a", vector.feature(0));
    assertEquals(2f, vector.weight(1));
    assertEquals(0f, vector.weight("c"));
    assertEquals("{a=1.0, b=2.0}", vector.toString());
  }

  @Test
  void leadingZerosMakeAnotherFeature() {
    assertEquals(0f, SparseVector.of(Map.of("7", 1f)).dot(SparseVector.of(Map.of("07", 1f))));
  }

  /** In UTF-8 all of them would become the same term. */
  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "a\udc00b", "\ude00\ud83d"})
  void refusesFeaturesWithHalfASurrogatePair(String feature) {
    for (Executable made :
        List.<Executable>of(
            () -> SparseVector.of(Map.of(feature, 1f)),
            () -> new VectorBuilder().add(feature, BigDecimal.ONE))) {
      var e = assertThrows(IllegalArgumentException.class, made);
      assertTrue(e.getMessage().contains("half of a character: \\ud"), e.getMessage());
    }
    assertEquals(1, SparseVector.of(Map.of("\ud83d\ude00", 1f)).size());
  }

  @ParameterizedTest
  @ValueSource(floats = {-1f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesWeightsThatAreNoWeights(float weight) {
    var e =
        assertThrows(IllegalArgumentException.class, () -> SparseVector.of(Map.of("gc", weight)));
    assertTrue(e.getMessage().contains("\"gc\""), e.getMessage());
    assertTrue(e.getMessage().contains(Float.toString(weight)), e.getMessage());
  }

  @Test
  void refusesAnEmptyFeature() {
    assertThrows(IllegalArgumentException.class, () -> SparseVector.of(Map.of("", 1f)));
  }

  @Test
  void nothingButZerosIsTheEmptyVector() {
    assertSame(SparseVector.EMPTY, SparseVector.of(Map.of("a", 0f)));
    assertTrue(SparseVector.EMPTY.isEmpty());
    assertEquals(0f, SparseVector.EMPTY.dot(SparseVector.of(Map.of("a", 1f))));
  }

  @Test
  void statesItsModelOnceAndKeepsIt() {
    ModelFingerprint one = ModelFingerprint.declared("one");
    ModelFingerprint two = ModelFingerprint.declared("two");
    SparseVector unstated = SparseVector.of(Map.of("a", 1f, "b", 3f));
    assertEquals(Optional.empty(), unstated.fingerprint());
    SparseVector ofOne = unstated.from(one);
    assertEquals(Optional.of(one), ofOne.fingerprint());
    assertEquals(Optional.empty(), unstated.fingerprint());
    assertSame(ofOne, ofOne.from(ModelFingerprint.declared("one")));
    for (int n = 0; n < 3; n++) {
      assertEquals(Optional.of(one), ofOne.top(n).fingerprint());
      assertEquals(unstated.top(n), ofOne.top(n));
    }
    var e = assertThrows(ModelMismatchException.class, () -> ofOne.from(two));
    assertTrue(e.getMessage().contains(one.toString()), e.getMessage());
    assertTrue(e.getMessage().contains(two.toString()), e.getMessage());
    assertEquals(ofOne, unstated.from(two));
    assertEquals(ofOne.hashCode(), unstated.from(two).hashCode());
  }

  @Test
  void vectorsOfTwoModelsAreNotCompared() {
    SparseVector unstated = SparseVector.of(Map.of("a", 2f));
    SparseVector one = unstated.from(ModelFingerprint.declared("one"));
    SparseVector two = unstated.from(ModelFingerprint.declared("two"));
    assertEquals(4f, one.dot(one));
    assertEquals(4f, one.dot(unstated));
    assertEquals(4f, unstated.dot(two));
    assertThrows(ModelMismatchException.class, () -> one.dot(two));
    assertThrows(
        ModelMismatchException.class, () -> PairScores.of(HybridText.of(one), HybridText.of(two)));
  }

  @Test
  void topKeepsTheGreatestAndBreaksTiesByName() {
    SparseVector vector = SparseVector.of(Map.of("a", 1f, "b", 3f, "c", 1f, "d", 2f));
    assertEquals(Map.of("b", 3f, "d", 2f, "a", 1f), vector.top(3).toMap());
    assertSame(vector, vector.top(4));
    assertSame(SparseVector.EMPTY, vector.top(0));
    assertThrows(IllegalArgumentException.class, () -> vector.top(-1));
    assertEquals(
        List.of("b", "d", "a", "c"),
        vector.entriesByWeight().stream().map(SparseVector.Entry::feature).toList());
  }

  @Test
  void dotEqualsTheSumOverSharedFeatures() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int round = 0; round < 1_000; round++) {
      Map<String, Float> a = randomWeights(random);
      Map<String, Float> b = randomWeights(random);
      double expected = 0;
      for (String feature : new java.util.TreeSet<>(a.keySet())) {
        if (b.containsKey(feature)) {
          expected += a.get(feature) * b.get(feature);
        }
      }
      assertEquals((float) expected, SparseVector.of(a).dot(SparseVector.of(b)), "seed " + seed);
    }
  }

  private static Map<String, Float> randomWeights(Random random) {
    Map<String, Float> weights = new HashMap<>();
    for (int i = random.nextInt(20); i > 0; i--) {
      weights.put(Integer.toString(random.nextInt(30)), random.nextFloat());
    }
    return weights;
  }
}
