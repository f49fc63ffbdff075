/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.BoostQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;

/** A text as a bag of words: the query that BM25 is asked with. */
public final class TextTerms {

  private TextTerms() {}

  /**
   * A query for each term of a text, in their order; one that occurs twice counts twice.
   *
   * @param field the field that is searched
   */
  public static Map<String, Query> of(String text, Analyzer analyzer, String field)
      throws IOException {
    Map<String, Integer> counts = new LinkedHashMap<>();
    try (TokenStream tokens = analyzer.tokenStream(field, text)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) {
        counts.merge(term.toString(), 1, Integer::sum);
      }
      tokens.end();
    }
    Map<String, Query> terms = new LinkedHashMap<>();
    counts.forEach(
        (term, count) ->
            terms.put(term, new BoostQuery(new TermQuery(new Term(field, term)), count)));
    return terms;
  }

  /**
   * Matches documents of any of the terms, and adds up their scores.
   *
   * @param terms no more than Lucene takes as clauses
   */
  public static Query disjunction(Collection<Query> terms) {
    BooleanQuery.Builder clauses = new BooleanQuery.Builder();
    terms.forEach(term -> clauses.add(term, Occur.SHOULD));
    return clauses.build();
  }
}
