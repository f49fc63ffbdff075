/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

/**
 * A confidence interval.
 *
 * @param low its lower bound
 * @param high its upper bound, not less than the lower
 */
public record Interval(double low, double high) {}
