/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.List;
import java.util.Map;

/**
 * How well the run in a file answers the judged queries.
 *
 * @param name what the system is called
 * @param values by measure the value of each query, in the order of the judgments
 * @param findings what is doubtful about the run; empty if nothing is
 */
public record MeasuredRun(
    String name, Map<Measure, Map<String, Double>> values, List<RunCheck.Finding> findings) {}
