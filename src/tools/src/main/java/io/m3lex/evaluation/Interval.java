package io.m3lex.evaluation;

/**
 * A confidence interval.
 *
 * @param low its lower bound
 * @param high its upper bound, not less than the lower
 */
public record Interval(double low, double high) {}
