/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import java.util.List;

/**
 * Queries and the passages that belong to them, encoded.
 *
 * @param queries those of the pairs, in their order
 * @param passages all that a query is held against
 * @param pairs which passage belongs to which query
 */
record PairsOfTexts(
    TokenStatesOfTexts queries, TokenStatesOfTexts passages, List<TrainingPair> pairs) {}
