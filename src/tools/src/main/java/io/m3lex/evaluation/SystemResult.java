/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.List;
import java.util.Map;

/**
 * How well one system answers the queries of a collection.
 *
 * @param run what it answered; its name is the system's
 * @param values by measure, one value for each query, in the order of {@link
 *     CollectionResult#queries()}
 * @param milliseconds how long it took to answer each query, in that order, encoding included;
 *     empty for a run that was read from a file
 * @param settings how the system was set up, by name
 */
public record SystemResult(
    Run run,
    Map<Measure, List<Double>> values,
    List<Double> milliseconds,
    Map<String, String> settings) {}
