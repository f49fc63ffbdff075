/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignificanceTest {

  /** Differences of height of 15 pairs of maize plants, in eighths of an inch. */
  private static final List<Double> DARWIN =
      doubles(49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48);

  /** Student (1908): hours of sleep gained by two drugs, t = 4.0621, p = 0.002833. */
  @Test
  void tTestOfStudentsSleepData() {
    List<Double> first = doubles(0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0);
    List<Double> second = doubles(1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4);
    assertEquals(0.002833, Significance.tTest(first, second), 5e-7);
    assertEquals(0.002833, Significance.tTest(second, first), 5e-7);
  }

  @ParameterizedTest
  @CsvSource({
    "1,12.70620,0.05", "1,63.65674,0.01", "2,4.302653,0.05", "9,3.249836,0.01",
    "10,2.228139,0.05", "30,2.042272,0.05", "100,1.983972,0.05", "100,3.390491,0.001",
    "1000,1.962339,0.05"
  })
  void tTestHasTheTabulatedValues(int freedom, double t, double p) {
    // As many +1 as -1, and 0 in the middle: their variance is known, then they are moved.
    int n = freedom + 1;
    double variance = (n - n % 2) / (double) freedom;
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      double centred = n % 2 == 1 && i == n - 1 ? 0 : i % 2 == 0 ? 1 : -1;
      values.add(centred + t * Math.sqrt(variance / n));
    }
    assertEquals(p, Significance.tTest(values, zeros(n)), p * 1e-5);
  }

  /**
   * Fisher, The Design of Experiments (1935), §21: of the 32,768 ways to sign Darwin's differences
   * 863 give at least as great a sum, and as many as small a one; the t-test gives 4.970 %.
   */
  @Test
  void randomisationTestOfDarwinsMaizeAsFisherCounted() {
    List<Double> zeros = zeros(DARWIN.size());
    assertEquals(2 * 863 / 32768.0, Significance.randomisationTest(DARWIN, zeros, 1, 0));
    assertEquals(2 * 863 / 32768.0, Significance.randomisationTest(zeros, DARWIN, 1, 0));
    assertEquals(0.04970, Significance.tTest(DARWIN, zeros), 5e-6);
  }

  /** All differences twice: too many to try all, so the oracle counts sums of integers. */
  @Test
  void drawnPermutationsComeNearToTheExactShare() {
    long seed = new Random().nextLong();
    List<Double> twice = new ArrayList<>(DARWIN);
    twice.addAll(DARWIN);
    int sum = 0;
    long[] ways = {1}; // by sum + offset
    int offset = 0;
    for (double difference : twice) {
      int size = (int) Math.abs(difference);
      sum += (int) difference;
      long[] next = new long[ways.length + 2 * size];
      for (int i = 0; i < ways.length; i++) {
        next[i] += ways[i];
        next[i + 2 * size] += ways[i];
      }
      ways = next;
      offset += size;
    }
    double asGreat = 0;
    for (int i = 0; i < ways.length; i++) {
      asGreat += Math.abs(i - offset) >= Math.abs(sum) ? ways[i] : 0;
    }
    double exact = asGreat / (1L << twice.size());
    double drawn = Significance.randomisationTest(twice, zeros(30), 100_000, seed);
    double deviation = Math.sqrt(exact * (1 - exact) / 100_000);
    assertEquals(exact, drawn, 5 * deviation, "seed " + seed);
  }

  @Test
  void identicalSystemsHaveAPValueOfOneAndConstantDifferencesNone() {
    List<Double> values = doubles(0.1, 0.7, 0.3, 0, 1);
    assertEquals(1, Significance.tTest(values, values));
    assertEquals(1, Significance.randomisationTest(values, values, 1_000, 1));
    assertEquals(new Interval(0, 0), Significance.differenceInterval(values, values, 0.9, 100, 1));
    assertEquals(1, Significance.tTest(doubles(0.5), doubles(0.2)), "one query tells nothing");

    List<Double> higher = values.stream().map(value -> value + 0.25).toList();
    assertEquals(0, Significance.tTest(higher, values), 1e-12);
    assertEquals(2 / 32.0, Significance.randomisationTest(higher, values, 1, 1));
    assertEquals(
        new Comparison(0, new Interval(0, 0), 1, 1, 1, 1),
        Significance.compare(values, List.of(values), 7).getFirst());
  }

  @Test
  void drawnPValueIsNeverZero() {
    List<Double> better = new ArrayList<>(Collections.nCopies(60, 1.0));
    assertEquals(1 / 1001.0, Significance.randomisationTest(better, zeros(60), 1_000, 5));
  }

  @Test
  void holmsMethodByHand() {
    assertEquals(
        doubles(0.03, 0.06, 0.06, 0.02), Significance.holm(doubles(0.01, 0.04, 0.03, 0.005)));
    assertEquals(doubles(1, 1), Significance.holm(doubles(0.9, 0.6)));
    assertEquals(List.of(), Significance.holm(List.of()));
  }

  /** Under the null hypothesis a p-value is at most 0.05 in 5 % of the cases. */
  @Test
  void testsAreCalibrated() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int rounds = 4_000;
    int tTests = 0;
    int randomisations = 0;
    for (int round = 0; round < rounds; round++) {
      List<Double> a = draw(40, random::nextGaussian);
      List<Double> b = draw(40, random::nextGaussian);
      tTests += Significance.tTest(a, b) <= 0.05 ? 1 : 0;
      randomisations +=
          Significance.randomisationTest(a, b, 199, random.nextLong()) <= 0.05 ? 1 : 0;
    }
    double deviation = Math.sqrt(0.05 * 0.95 / rounds);
    assertEquals(0.05, (double) tTests / rounds, 5 * deviation, "seed " + seed);
    assertEquals(0.05, (double) randomisations / rounds, 5 * deviation, "seed " + seed);
  }

  /** Squares of normal values are as skew as per-query measures are at worst. */
  @Test
  void intervalsHoldTheTrueMeanAsOftenAsTheySay() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int rounds = 1_500;
    int held = 0;
    for (int round = 0; round < rounds; round++) {
      List<Double> values = draw(100, () -> Math.pow(random.nextGaussian(), 2));
      Interval interval = Significance.meanInterval(values, 0.9, 1_000, random.nextLong());
      held += interval.low() <= 1 && 1 <= interval.high() ? 1 : 0;
    }
    assertTrue(held > 0.86 * rounds && held < 0.93 * rounds, held + " held, seed " + seed);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.9, 0.95, 0.99})
  void intervalOfManySymmetricValuesIsTheNormalOne(double confidence) {
    double z = confidence == 0.9 ? 1.644854 : confidence == 0.95 ? 1.959964 : 2.575829;
    List<Double> values = draw(2_000, new Random(3)::nextGaussian);
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    double variance = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum() / 2_000;
    double error = Math.sqrt(variance / 2_000);
    Interval interval = Significance.meanInterval(values, confidence, 20_000, 11);
    assertEquals(mean - z * error, interval.low(), 0.08 * error);
    assertEquals(mean + z * error, interval.high(), 0.08 * error);
  }

  @Test
  void aSeedDecidesAndMeanAndDifferenceAgree() {
    Random random = new Random(4);
    List<Double> a = draw(50, random::nextDouble);
    List<Double> b = draw(50, random::nextDouble);
    List<Comparison> first = Significance.compare(a, List.of(b, a), 42);
    assertEquals(first, Significance.compare(a, List.of(b, a), 42));
    assertNotEquals(first, Significance.compare(a, List.of(b, a), 43));
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      differences.add(b.get(i) - a.get(i));
    }
    assertEquals(
        Significance.meanInterval(differences, Significance.CONFIDENCE, Significance.SAMPLES, 42),
        first.getFirst().interval());
    assertEquals(
        Math.min(1, 2 * first.getFirst().tTest()), first.getFirst().tTestAdjusted(), 1e-15);
  }

  @Test
  void whatCannotBeComparedIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Significance.tTest(doubles(1, 2), doubles(1)));
    assertThrows(IllegalArgumentException.class, () -> Significance.tTest(List.of(), List.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> Significance.randomisationTest(doubles(1), doubles(2), 0, 1));
    assertThrows(
        IllegalArgumentException.class, () -> Significance.meanInterval(doubles(1), 1, 10, 1));
    assertThrows(
        IllegalArgumentException.class, () -> Significance.meanInterval(doubles(1), 0.9, 0, 1));
  }

  private static List<Double> draw(int number, DoubleSupplier values) {
    return DoubleStream.generate(values).limit(number).boxed().toList();
  }

  private static List<Double> zeros(int number) {
    return Collections.nCopies(number, 0.0);
  }

  private static List<Double> doubles(double... values) {
    return DoubleStream.of(values).boxed().toList();
  }
}
