/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

/** The beginning of a text, for messages. */
public final class Excerpt {

  private static final int LENGTH = 60;

  private Excerpt() {}

  /** The text itself if it is short, otherwise its first 60 characters and an ellipsis. */
  public static String of(String text) {
    return text.length() <= LENGTH ? text : text.substring(0, LENGTH) + "…";
  }
}
