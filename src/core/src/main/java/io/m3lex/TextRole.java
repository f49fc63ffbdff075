/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

/**
 * What a text is encoded for. BGE-M3 treats both alike; a model may declare different weights for
 * the two sides.
 */
public enum TextRole {
  /** The text that is searched for. */
  QUERY,
  /** The text that is searched in. */
  DOCUMENT
}
