/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

/**
 * Weights of one model were about to be used with those of another: an index opened with a
 * different encoder, foreign vectors added to it, or weights that no longer come out as they were
 * recorded. The message names what differs and what to do.
 */
public final class ModelMismatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception with a message for people. */
  public ModelMismatchException(String message) {
    super(message);
  }
}
