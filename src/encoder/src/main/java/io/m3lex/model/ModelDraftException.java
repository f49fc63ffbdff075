/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.util.Optional;

/**
 * The files in a folder make no model: one is missing, unreadable, or one of several that could be
 * meant. The message says which, and what to do. Unchecked for the reason that {@link
 * ModelVerificationException} gives.
 */
public final class ModelDraftException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final FileRole ambiguous;

  ModelDraftException(String message) {
    super(message);
    problem = message;
    ambiguous = null;
  }

  ModelDraftException(String problem, FileRole ambiguous) {
    super(problem + " State which is the model's, or move the others away.");
    this.problem = problem;
    this.ambiguous = ambiguous;
  }

  /** What is wrong; the message without the advice that ambiguous files get. */
  public String problem() {
    return problem;
  }

  /** What several files could be; empty if something else is wrong. */
  public Optional<FileRole> ambiguous() {
    return Optional.ofNullable(ambiguous);
  }
}
