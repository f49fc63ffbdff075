/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import io.m3lex.codec.ModelStatement;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.ReaderUtil;

/** Holds queries to the model that a field's weights came from, where any segment states it. */
final class SegmentModel {

  private static final int SHORT_HASH = 12;

  private SegmentModel() {}

  /**
   * Refuses a query's vector of another model. One segment that states a model speaks for all: what
   * others hold of the field without a statement is foreign to it.
   *
   * @param segments all of a reader
   * @throws ModelMismatchException if a segment states a model, and any holds weights of another
   *     than the vector states, or weights of which nothing states the model
   */
  static void require(List<LeafReaderContext> segments, String field, SparseVector query)
      throws IOException {
    ModelFingerprint own = query.fingerprint().orElse(null);
    String model = own == null ? null : own.sha256();
    Set<String> stated = new TreeSet<>();
    int unstated = 0;
    boolean same = own != null;
    for (LeafReaderContext segment : segments) {
      ModelStatement statement = ModelStatement.of(segment.reader(), field);
      stated.addAll(statement.models().keySet());
      unstated += statement.unstated();
      same = same && statement.isOnly(model);
    }
    if (!stated.isEmpty() && !same) {
      throw new ModelMismatchException(message(field, stated, unstated, own));
    }
  }

  /**
   * Refuses a query's vector of another model than a segment's weights. Looks at the reader's other
   * segments only if this one has weights and states nothing of them.
   *
   * @throws ModelMismatchException as the other method
   */
  static void require(LeafReaderContext segment, String field, SparseVector query)
      throws IOException {
    ModelStatement statement = ModelStatement.of(segment.reader(), field);
    boolean silent = statement.models().isEmpty() && statement.unstated() > 0;
    require(
        silent ? ReaderUtil.getTopLevelContext(segment).leaves() : List.of(segment), field, query);
  }

  private static String message(
      String field, Set<String> stated, int unstated, ModelFingerprint own) {
    return "Field \"%s\" holds weights of the model with the fingerprint %s%s, but the query's vector %s. %s."
        .formatted(
            field,
            stated.stream()
                .map(model -> model.substring(0, Math.min(model.length(), SHORT_HASH)))
                .collect(Collectors.joining(", ")),
            unstated > 0 ? ", and some of which nothing states it" : "",
            own == null ? "states no model" : "came from " + own,
            own == null
                ? "Encode the query with that model, or, if its vector came from there, say"
                    + " so by SparseVector.from"
                : "Encode the query with that model");
  }
}
