/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.index.HybridSearch;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is evaluated, and how.
 *
 * @param measures what is measured; queries are compared by the first
 * @param depth number of documents that each system gives for a query, at least 1
 * @param bm25 whether BM25 is evaluated, as the system that others are compared with
 * @param approximate factors for {@link io.m3lex.search.SparseQuery#approximate}, each a further
 *     system
 * @param pruned shares for {@link io.m3lex.search.SparseQuery#pruned}, each a further system
 * @param fused searches by several signals together, each a further system
 * @param runs TREC run files, each a further system
 * @param identicalIds what becomes of a document whose id is the query's; runs that are measured
 *     without a collection are taken as they are with {@link IdenticalIds#AUTO}
 * @param language the collection's language as a BCP 47 tag, by which BM25's analyzer is chosen;
 *     null to guess it
 * @param examples number of the worst queries, and of the best, that are told about in full
 * @param threads number of threads that encode documents; queries are timed on one
 * @param notes what else it takes to repeat the evaluation, by name: versions, machine
 */
public record EvaluationSettings(
    List<Measure> measures,
    int depth,
    boolean bm25,
    List<Float> approximate,
    List<Float> pruned,
    List<HybridSearch> fused,
    List<Path> runs,
    IdenticalIds identicalIds,
    String language,
    int examples,
    int threads,
    Map<String, String> notes) {

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if there is no measure, or the depth or number of threads is
   *     less than 1
   */
  public EvaluationSettings {
    if (measures.isEmpty()) {
      throw new IllegalArgumentException("there is no measure");
    }
    if (depth < 1 || threads < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "depth and threads must be at least 1: %d, %d", depth, threads));
    }
  }
}
