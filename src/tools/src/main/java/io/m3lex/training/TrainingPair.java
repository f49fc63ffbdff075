/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

/**
 * A query and the passage that should be found with it.
 *
 * @param passage position of the passage
 */
record TrainingPair(String query, int passage) {}
