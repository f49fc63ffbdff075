/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.ConstantScoreQuery;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.join.ToChildBlockJoinQuery;
import org.opensearch.common.lucene.search.Queries;
import org.opensearch.index.mapper.ObjectMapper;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.QueryShardContext;

/**
 * A filter of nested documents. Each of its conditions lets a nested document through if that
 * matches it, or a document that it is nested in: whatever field it is on, the one or the other has
 * it.
 */
final class ParentFilter {

  /** Which documents are those that a level's are nested in. */
  private record Level(Query documents, Query filter) {}

  private final QueryShardContext context;
  private final List<Level> parents;

  private ParentFilter(QueryShardContext context, List<Level> parents) {
    this.context = context;
    this.parents = parents;
  }

  /**
   * The query of a filter.
   *
   * @param context of the query that it belongs to, which may be in a nested one
   */
  static Query of(QueryBuilder filter, QueryShardContext context) throws IOException {
    Query own = filter.toQuery(context);
    ObjectMapper nested = context.nestedScope().getObjectMapper();
    if (nested == null) {
      return own;
    }
    List<Level> parents = new ArrayList<>();
    ObjectMapper parent = nested;
    while (parent != null) {
      parent = parent.getParentObjectMapper(context.getMapperService());
      if (parent == null || parent.nested().isNested()) {
        // Null is the scope of whole documents.
        context.nestedScope().nextLevel(parent);
        try {
          parents.add(
              new Level(
                  parent == null ? Queries.newNonNestedFilter() : parent.nestedTypeFilter(),
                  filter.toQuery(context)));
        } finally {
          context.nestedScope().previousLevel();
        }
      }
    }
    return new ParentFilter(context, parents)
        .any(own, parents.stream().map(Level::filter).toList());
  }

  /** Goes down to the conditions, which stand at the same places whatever the level. */
  private Query any(Query own, List<Query> above) {
    if (own instanceof MatchAllDocsQuery) {
      return own;
    }
    if (own instanceof ConstantScoreQuery constant
        && above.stream().allMatch(ConstantScoreQuery.class::isInstance)) {
      return any(
          constant.getQuery(),
          above.stream().map(each -> ((ConstantScoreQuery) each).getQuery()).toList());
    }
    if (own instanceof BooleanQuery clauses
        && above.stream().allMatch(each -> isOfSameForm(clauses, each))) {
      BooleanQuery.Builder lifted = new BooleanQuery.Builder();
      lifted.setMinimumNumberShouldMatch(clauses.getMinimumNumberShouldMatch());
      for (int i = 0; i < clauses.clauses().size(); i++) {
        int place = i;
        lifted.add(
            any(
                clauses.clauses().get(i).query(),
                above.stream()
                    .map(each -> ((BooleanQuery) each).clauses().get(place).query())
                    .toList()),
            clauses.clauses().get(i).occur());
      }
      return lifted.build();
    }
    BooleanQuery.Builder either = new BooleanQuery.Builder().add(own, Occur.SHOULD);
    for (int i = 0; i < above.size(); i++) {
      Query documents = parents.get(i).documents();
      Query matching =
          new BooleanQuery.Builder()
              .add(above.get(i), Occur.FILTER)
              .add(documents, Occur.FILTER)
              .build();
      either.add(
          new ToChildBlockJoinQuery(matching, context.bitsetFilter(documents)), Occur.SHOULD);
    }
    return either.build();
  }

  private static boolean isOfSameForm(BooleanQuery one, Query other) {
    return other instanceof BooleanQuery clauses
        && one.getMinimumNumberShouldMatch() == clauses.getMinimumNumberShouldMatch()
        && occurs(one).equals(occurs(clauses));
  }

  private static List<Occur> occurs(BooleanQuery query) {
    return query.clauses().stream().map(BooleanClause::occur).toList();
  }
}
