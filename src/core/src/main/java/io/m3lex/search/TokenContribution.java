/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

/**
 * What one feature adds to a document's score.
 *
 * @param feature the feature that query and document share
 * @param queryWeight its weight in the query
 * @param documentWeight its weight in the document, as the posting holds it
 * @param score the product, rounded to float
 */
public record TokenContribution(
    String feature, float queryWeight, float documentWeight, float score) {}
