/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.commons.numbers.gamma.Erf;
import org.apache.commons.numbers.gamma.InverseErf;
import org.apache.commons.numbers.gamma.RegularizedBeta;

/**
 * Whether a difference between systems can be chance. All methods take one value for each query; of
 * two systems the same queries in the same order. What is random depends on the seed alone, so that
 * it can be repeated.
 *
 * <p>The tests are those that Smucker, Allan and Carterette (2007) compare: Student's paired t-test
 * and Fisher's randomisation test, both two-sided. Identical systems have p = 1.
 */
public final class Significance {

  /** Number of sign flips that the randomisation test draws where there are too many to try all. */
  public static final int PERMUTATIONS = 100_000;

  /** Number of samples that the bootstrap draws. */
  public static final int SAMPLES = 10_000;

  /** Confidence of the intervals in {@link Comparison}. */
  public static final double CONFIDENCE = 0.95;

  /** Up to this many queries that differ, the randomisation test tries all sign flips. */
  static final int EXACT_QUERIES = 16;

  private Significance() {}

  /**
   * Compares systems with one, by everything that is here: {@link #PERMUTATIONS}, {@link #SAMPLES},
   * {@link #CONFIDENCE}, Holm over the systems.
   *
   * @param baseline values of the system that the others are compared with
   * @param systems values of the others
   * @param seed of permutations and samples
   * @return a comparison for each of the others, in their order
   * @throws IllegalArgumentException if the numbers of values differ or there is none
   */
  public static List<Comparison> compare(
      List<Double> baseline, List<List<Double>> systems, long seed) {
    List<Double> tTests = new ArrayList<>();
    List<Double> randomisations = new ArrayList<>();
    for (List<Double> system : systems) {
      tTests.add(tTest(system, baseline));
      randomisations.add(randomisationTest(system, baseline, PERMUTATIONS, seed));
    }
    List<Double> tTestsAdjusted = holm(tTests);
    List<Double> randomisationsAdjusted = holm(randomisations);
    return IntStream.range(0, systems.size())
        .mapToObj(
            i -> {
              double[] differences = differences(systems.get(i), baseline);
              return new Comparison(
                  sum(differences) / differences.length,
                  bootstrap(differences, CONFIDENCE, SAMPLES, seed),
                  tTests.get(i),
                  tTestsAdjusted.get(i),
                  randomisations.get(i),
                  randomisationsAdjusted.get(i));
            })
        .toList();
  }

  /**
   * Student's paired t-test.
   *
   * @return the two-sided p-value; 1 if no query differs or there are fewer than two, 0 if all
   *     differ by the same amount
   * @throws IllegalArgumentException if the numbers of values differ or there is none
   */
  public static double tTest(List<Double> a, List<Double> b) {
    double[] differences = differences(a, b);
    int n = differences.length;
    double mean = sum(differences) / n;
    if (n < 2 || mean == 0) {
      return 1;
    }
    double squares = 0;
    for (double difference : differences) {
      squares += (difference - mean) * (difference - mean);
    }
    // t² = n · mean² / variance, and p = I(v / (v + t²); v / 2, 1 / 2), v degrees of freedom.
    double freedom = n - 1;
    double tSquare = n * mean * mean / (squares / freedom);
    return RegularizedBeta.value(freedom / (freedom + tSquare), freedom / 2, 0.5);
  }

  /**
   * Fisher's paired randomisation test of the difference of means: how often the difference is at
   * least as great, either way, when for each query the systems are exchanged at random. Up to 16
   * queries that differ, all exchanges are tried and the p-value is exact; else it is (as great +
   * 1) / (permutations + 1), which is never 0.
   *
   * @param permutations number of random exchanges
   * @param seed of the exchanges
   * @throws IllegalArgumentException if the numbers of values differ, there is none, or the number
   *     of permutations is less than 1
   */
  public static double randomisationTest(
      List<Double> a, List<Double> b, int permutations, long seed) {
    requirePositive("permutations", permutations);
    double[] differences =
        Arrays.stream(differences(a, b)).filter(difference -> difference != 0).toArray();
    double magnitude = Arrays.stream(differences).map(Math::abs).sum();
    // Sums of the same numbers in another order must count as the same.
    double asGreat = Math.abs(sum(differences)) - 1e-12 * magnitude;
    if (differences.length <= EXACT_QUERIES) {
      int all = 1 << differences.length;
      int count = 0;
      for (int signs = 0; signs < all; signs++) {
        double sum = 0;
        for (int i = 0; i < differences.length; i++) {
          sum += (signs >> i & 1) == 0 ? differences[i] : -differences[i];
        }
        if (Math.abs(sum) >= asGreat) {
          count++;
        }
      }
      return (double) count / all;
    }
    SplittableRandom random = new SplittableRandom(seed);
    int count = 0;
    for (int permutation = 0; permutation < permutations; permutation++) {
      if (Math.abs(randomlySignedSum(differences, random)) >= asGreat) {
        count++;
      }
    }
    return (count + 1.0) / (permutations + 1.0);
  }

  /** Flips the sign bit by a bit of a random number, 64 values to a number. */
  private static double randomlySignedSum(double[] values, SplittableRandom random) {
    double sum = 0;
    for (int from = 0; from < values.length; from += Long.SIZE) {
      long bits = random.nextLong();
      int to = Math.min(values.length, from + Long.SIZE);
      for (int i = from; i < to; i++) {
        long sign = bits << i & Long.MIN_VALUE;
        sum += Double.longBitsToDouble(Double.doubleToRawLongBits(values[i]) ^ sign);
      }
    }
    return sum;
  }

  /**
   * Adjusts the p-values of several tests by Holm's step-down method (1979), which keeps the
   * probability of even one false discovery.
   *
   * @return the adjusted p-values in the same order, none greater than 1
   */
  public static List<Double> holm(List<Double> pValues) {
    List<Integer> rising =
        IntStream.range(0, pValues.size())
            .boxed()
            .sorted(Comparator.comparing(pValues::get))
            .toList();
    Double[] adjusted = new Double[pValues.size()];
    double greatest = 0;
    for (int i = 0; i < rising.size(); i++) {
      int test = rising.get(i);
      greatest = Math.max(greatest, Math.min(1, (rising.size() - i) * pValues.get(test)));
      adjusted[test] = greatest;
    }
    return List.of(adjusted);
  }

  /**
   * A confidence interval of the mean, by the bias-corrected and accelerated bootstrap (BCa; Efron,
   * 1987) over the queries.
   *
   * @param confidence such as 0.95
   * @param samples number of samples of the queries
   * @param seed of the samples
   * @return an interval without width if all values are the same
   * @throws IllegalArgumentException if there is no value, the confidence is not between 0 and 1,
   *     or the number of samples is less than 1
   */
  public static Interval meanInterval(
      List<Double> values, double confidence, int samples, long seed) {
    return bootstrap(array(values), confidence, samples, seed);
  }

  /**
   * Like {@link #meanInterval}, of the mean of a less the mean of b over the same queries.
   *
   * @throws IllegalArgumentException also if the numbers of values differ
   */
  public static Interval differenceInterval(
      List<Double> a, List<Double> b, double confidence, int samples, long seed) {
    return bootstrap(differences(a, b), confidence, samples, seed);
  }

  private static Interval bootstrap(double[] values, double confidence, int samples, long seed) {
    requirePositive("samples", samples);
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("confidence must be between 0 and 1: " + confidence);
    }
    int n = values.length;
    double mean = sum(values) / n;
    double squares = 0;
    double cubes = 0;
    for (double value : values) {
      double deviation = value - mean;
      squares += deviation * deviation;
      cubes += deviation * deviation * deviation;
    }
    if (Arrays.stream(values).allMatch(value -> value == values[0])) {
      return new Interval(values[0], values[0]);
    }
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[samples];
    for (int sample = 0; sample < samples; sample++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += values[random.nextInt(n)];
      }
      means[sample] = sum / n;
    }
    Arrays.sort(means);
    // Half of what equals the mean counts as below it: measures of few values make many such.
    double below = 0;
    for (double sampled : means) {
      below += sampled < mean ? 1 : sampled == mean ? 0.5 : 0;
    }
    double bias = quantile(Math.clamp(below, 0.5, samples - 0.5) / samples);
    // Of the jackknife: what the mean loses with a value is in proportion to its deviation.
    double acceleration = cubes / (6 * Math.pow(squares, 1.5));
    return new Interval(
        at(means, bias, acceleration, (1 - confidence) / 2),
        at(means, bias, acceleration, (1 + confidence) / 2));
  }

  /** The mean at the corrected and accelerated place of a share. */
  private static double at(double[] means, double bias, double acceleration, double share) {
    double z = bias + quantile(share);
    double corrected = Erf.value((bias + z / (1 - acceleration * z)) / Math.sqrt(2)) / 2 + 0.5;
    return means[Math.clamp((long) (corrected * means.length), 0, means.length - 1)];
  }

  /** The standard normal distribution's quantile. */
  private static double quantile(double share) {
    return Math.sqrt(2) * InverseErf.value(2 * share - 1);
  }

  private static double[] differences(List<Double> a, List<Double> b) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d values are compared with %d: take the same queries for both systems",
              a.size(),
              b.size()));
    }
    double[] differences = array(a);
    for (int i = 0; i < differences.length; i++) {
      differences[i] -= b.get(i);
    }
    return differences;
  }

  private static double[] array(List<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("there is no value, so nothing to test");
    }
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Plain from the first to the last, so that the same numbers have the same sum. */
  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  private static void requirePositive(String what, int number) {
    if (number < 1) {
      throw new IllegalArgumentException(what + " must be at least 1: " + number);
    }
  }
}
