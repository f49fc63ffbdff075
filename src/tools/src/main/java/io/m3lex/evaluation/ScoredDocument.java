/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

/**
 * A document in a ranking.
 *
 * @param id the document's id
 * @param score what it is ranked by
 */
public record ScoredDocument(String id, double score) {}
