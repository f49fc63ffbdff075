/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

/**
 * A stretch of a text that matched.
 *
 * @param start first character, in UTF-16 code units
 * @param end behind the last one
 * @param feature what it stands for
 * @param score what that adds to the document's score
 */
record Mark(int start, int end, String feature, float score) {}
