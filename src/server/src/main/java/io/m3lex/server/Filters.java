/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.m3lex.index.IndexFields;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.util.BytesRef;

/** A filter in JSON as a query: for each field the terms of which a document must have one. */
final class Filters {

  private static final int MOST_TERMS = 10_000;

  private Filters() {}

  /**
   * Reads a filter.
   *
   * @param filter a term, or an array of terms, by field; null for none
   * @return null for none
   * @throws RequestException 400 if a field is not indexed or a value is no text
   */
  static Query parse(Map<String, JsonNode> filter, IndexSearcher searcher) throws IOException {
    if (filter == null || filter.isEmpty()) {
      return null;
    }
    FieldInfos fields = FieldInfos.getMergedFieldInfos(searcher.getIndexReader());
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    if (filter.size() > IndexSearcher.getMaxClauseCount()) {
      throw new RequestException(400, "Field \"filter\" has too many fields: " + filter.size());
    }
    for (Map.Entry<String, JsonNode> entry : filter.entrySet()) {
      String field = entry.getKey();
      Set<String> known = new TreeSet<>();
      fields.forEach(
          info -> {
            if (info.getIndexOptions() != IndexOptions.NONE
                && !info.name.equals(IndexFields.SPARSE)) {
              known.add(info.name);
            }
          });
      if (!known.contains(field)) {
        throw new RequestException(
            400,
            "Field \"filter.%s\": the index has no terms of that field; it has %s."
                .formatted(field, known));
      }
      all.add(new TermInSetQuery(field, terms(field, entry.getValue())), Occur.FILTER);
    }
    return all.build();
  }

  private static List<BytesRef> terms(String field, JsonNode value) {
    List<BytesRef> terms = new ArrayList<>();
    for (JsonNode each : value.isArray() ? value : List.of(value)) {
      if (!each.isTextual()) {
        throw new RequestException(
            400,
            "Field \"filter.%s\" must be a text or an array of texts, not %s."
                .formatted(field, each.getNodeType()));
      }
      terms.add(new BytesRef(each.textValue()));
    }
    if (terms.size() > MOST_TERMS) {
      throw new RequestException(
          400,
          String.format(
              Locale.ROOT,
              "Field \"filter.%s\" has %d terms, more than %d.",
              field,
              terms.size(),
              MOST_TERMS));
    }
    return terms;
  }
}
