/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.List;
import java.util.Map;

/**
 * A query with the best hits of some systems, side by side.
 *
 * @param query its id
 * @param text what is asked
 * @param hits the best hits, by the name of the system
 * @param relevant the best judged documents that are relevant, as {@link ExplainedHit} of the
 *     system that is told about; empty if all of them are among the hits
 */
public record ExampleQuery(
    String query,
    String text,
    Map<String, List<ExplainedHit>> hits,
    Map<String, List<ExplainedHit>> relevant) {}
