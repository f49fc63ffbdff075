/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

/**
 * A text to train on.
 *
 * @param title becomes a query for the text; may be empty
 */
public record TrainingText(String title, String text) {
  /** Both, as they are indexed. */
  String whole() {
    return title.isEmpty() ? text : title + " " + text;
  }
}
