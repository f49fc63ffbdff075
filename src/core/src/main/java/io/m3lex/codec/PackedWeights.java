/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

/**
 * The weights of some postings.
 *
 * @param bytes has them, and {@link BlockArithmetic#SLACK} bytes behind
 * @param firstBit where the first begins
 * @param step how many bits behind it the next does
 * @param width the bits of each
 * @param least what is added to get a frequency
 * @param count how many there are
 */
record PackedWeights(byte[] bytes, int firstBit, int step, int width, int least, int count) {}
