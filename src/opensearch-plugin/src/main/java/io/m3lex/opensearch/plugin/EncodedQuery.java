/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.SparseVector;
import java.util.Map;

/**
 * A query's text as weights.
 *
 * @param verdicts for the SHA-256 of each identity that the query can reach, why the encoder must
 *     not be used with it; an empty text if it may
 */
record EncodedQuery(SparseVector vector, Map<String, String> verdicts) {}
