/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

/**
 * The stretch of a text that stands for a feature.
 *
 * @param start first character, in UTF-16 code units as {@link String} counts
 * @param end behind the last character, greater than {@code start}
 * @param feature as a {@link SparseVector} names it
 */
public record FeatureSpan(int start, int end, String feature) {}
