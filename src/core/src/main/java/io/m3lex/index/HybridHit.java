/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.util.Map;

/**
 * A document that was found by several signals together.
 *
 * @param hit the document; its score is the fused one, which compares documents of one query only
 * @param scores what each signal gives the document; a signal that does not match it is missing
 */
public record HybridHit(Hit hit, Map<Signal, Float> scores) {}
