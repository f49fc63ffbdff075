/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.training;

import java.io.IOException;
import java.util.function.Consumer;

/** Texts to train on, read once from the first to the last. */
@FunctionalInterface
public interface TrainingCorpus {
  /** Hands every text to a consumer. */
  void forEach(Consumer<TrainingText> consumer) throws IOException;
}
