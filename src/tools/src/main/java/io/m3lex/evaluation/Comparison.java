/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

/**
 * How a system differs from the one that it is compared with, in one measure over the same queries.
 * The adjusted values are by Holm's method over all systems that were compared at once.
 *
 * @param difference mean of the system's values less that of the other's
 * @param interval of the difference, at a confidence of {@value Significance#CONFIDENCE}
 * @param tTest two-sided p-value of the paired t-test
 * @param tTestAdjusted the same, adjusted
 * @param randomisation two-sided p-value of the paired randomisation test
 * @param randomisationAdjusted the same, adjusted
 */
public record Comparison(
    double difference,
    Interval interval,
    double tTest,
    double tTestAdjusted,
    double randomisation,
    double randomisationAdjusted) {}
