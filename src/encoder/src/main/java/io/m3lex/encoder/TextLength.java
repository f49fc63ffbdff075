/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

/**
 * How long an encoded text was.
 *
 * @param tokens number of tokens of the whole text, the template's special tokens not counted
 * @param windows number of forward passes, 0 for a text without tokens
 * @param droppedTokens number of tokens cut off at the end
 */
public record TextLength(int tokens, int windows, int droppedTokens) {}
