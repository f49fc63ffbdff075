/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.index.IndexFields;
import io.m3lex.index.SparseIndex;
import java.io.IOException;

/**
 * Ranks the documents of an index of m3lex.
 *
 * @param <Q> what is searched with
 */
abstract sealed class SparseIndexRanker<Q> extends LuceneRanker<Q>
    permits IndexRanker, HybridRanker {

  final SparseIndex index;

  SparseIndexRanker(SparseIndex index) {
    this.index = index;
  }

  @Override
  final <T> T using(Work<T> work) throws IOException {
    return index.using(work::with);
  }

  @Override
  final String idField() {
    return IndexFields.ID;
  }
}
