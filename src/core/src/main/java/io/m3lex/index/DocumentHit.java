/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

/**
 * A document that was found, with the passage that it was found by.
 *
 * @param rank from 1
 * @param id the document's id
 * @param score that of the best passage: dot product of the query with its stored weights
 * @param title the document's title as it was indexed
 * @param passage the best passage and where it lies in the document's text; the first in the order
 *     of the index if several are equally good
 * @param whole whether the document was indexed as a whole, so that the passage is all of its text
 */
public record DocumentHit(
    int rank, String id, float score, String title, Passage passage, boolean whole) {}
