/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.List;
import java.util.Map;

/**
 * What some systems found in a collection, and how good it is.
 *
 * @param collection the collection's name
 * @param language its language as a BCP 47 tag; {@code und} if it is not known
 * @param documents number of documents; 0 if only runs were measured
 * @param queries ids of the judged queries, in the order of the judgments: the order of all values
 * @param texts text by query id; empty if only runs were measured
 * @param qrels the judgments, by which the values were measured
 * @param measures what was measured, the first is the one that queries are compared by
 * @param systems the first is the one that the others are compared with: BM25, or the first run
 * @param examples the queries that are told about in full, in the order in which they are told
 * @param settings what it takes to repeat the evaluation, by name: fingerprint, versions, seeds,
 *     machine
 */
public record CollectionResult(
    String collection,
    String language,
    int documents,
    List<String> queries,
    Map<String, String> texts,
    Qrels qrels,
    List<Measure> measures,
    List<SystemResult> systems,
    List<ExampleQuery> examples,
    Map<String, String> settings) {}
