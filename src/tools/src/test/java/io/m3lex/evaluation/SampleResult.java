/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.encoder.LexicalEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real evaluation: the default model and BM25 on a collection, with the extreme queries. */
final class SampleResult {

  private SampleResult() {}

  /**
   * Evaluates a collection.
   *
   * @param scratch an empty folder
   */
  static CollectionResult of(TestCollection collection, Path scratch) throws IOException {
    EvaluationSettings settings =
        new EvaluationSettings(
            MadeUpResults.MEASURES,
            100,
            true,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            IdenticalIds.AUTO,
            "en",
            4,
            2,
            Map.of("machine", System.getProperty("os.arch")));
    try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
      return new CollectionEvaluation(settings, new EvaluationListener() {})
          .evaluate(collection, encoder, scratch);
    }
  }
}
