/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import io.m3lex.query.PointType.Bound;
import io.m3lex.search.SparseQuery;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.queryparser.charstream.FastCharStream;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.queryparser.classic.TokenMgrError;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PointRangeQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;

/** Lucene's classic parser, for one query, with the clauses of sparse and numeric fields. */
final class ClauseParser extends QueryParser {

  /** Each is a pass through the network. */
  private static final int MOST_SPARSE_TEXTS = 32;

  /** A regular expression is parsed by recursion, and its automaton grows with it. */
  private static final int LONGEST_PATTERN = 256;

  /** Far more than anybody writes out, and built in milliseconds. */
  private static final int LARGEST_PATTERN = 10_000;

  /** The automaton of words that are similar grows with the word. */
  private static final int LONGEST_FUZZY_WORD = 256;

  private final SparseQueryParser.Builder settings;
  private int sparseTexts;

  ClauseParser(SparseQueryParser.Builder settings) {
    super(settings.defaultField, settings.analyzer);
    this.settings = settings;
    setDefaultOperator(settings.allRequired ? Operator.AND : Operator.OR);
    setAllowLeadingWildcard(settings.leadingWildcards);
  }

  /** Parses a query whose tokens are within the limits. */
  Query parse(String query, QueryTokens tokens) throws QuerySyntaxException {
    // Not parse(query), which packs the exceptions with the columns into others.
    ReInit(new FastCharStream(new StringReader(query)));
    try {
      Query parsed = TopLevelQuery(getField());
      return parsed == null ? newBooleanQuery().build() : parsed;
    } catch (ParseException e) {
      throw e.currentToken == null
          ? tokens.wrong(token, e.getMessage())
          : tokens.unexpected(e.currentToken.next);
    } catch (TooComplexToDeterminizeException e) {
      throw tokens.wrong(token, "the pattern needs too much work; make it simpler");
    } catch (IndexSearcher.TooManyClauses e) {
      throw tokens.wrong(token, "it has too many words");
    } catch (TokenMgrError e) {
      throw new AssertionError("the lexer has read all of it before", e);
    }
  }

  @Override
  protected Query getFieldQuery(String field, String text, boolean quoted) throws ParseException {
    if (settings.sparseFields.contains(field)) {
      return sparse(field, text);
    }
    PointType type = settings.pointFields.get(field);
    return type == null
        ? super.getFieldQuery(field, text, quoted)
        : range(type, field, new Bound(text, true), new Bound(text, true));
  }

  private Query sparse(String field, String text) throws ParseException {
    if (text.isBlank()) {
      throw new ParseException("the text for the sparse field %s is empty".formatted(field));
    }
    if (++sparseTexts > MOST_SPARSE_TEXTS) {
      throw new ParseException(
          String.format(
              Locale.ROOT,
              "it has more than %d texts for sparse fields; put words that belong together into quotation marks",
              MOST_SPARSE_TEXTS));
    }
    return new SparseQuery(field, settings.encoder.encodeQuery(text));
  }

  private static Query range(PointType type, String field, Bound lower, Bound upper)
      throws ParseException {
    try {
      return type.range(field, lower, upper);
    } catch (IllegalArgumentException e) {
      throw new ParseException("field %s: %s".formatted(field, e.getMessage()));
    }
  }

  @Override
  protected Query getFieldQuery(String field, String text, int slop) throws ParseException {
    if (slop != getPhraseSlop()) {
      requireWords(field, "a distance of words (~)");
    }
    if (slop < 0) {
      throw new ParseException("the distance of words (~) must not be negative: " + slop);
    }
    return super.getFieldQuery(field, text, slop);
  }

  @Override
  protected Query getRangeQuery(
      String field, String lower, String upper, boolean lowerInclusive, boolean upperInclusive)
      throws ParseException {
    PointType type = settings.pointFields.get(field);
    if (type != null) {
      return range(type, field, new Bound(lower, lowerInclusive), new Bound(upper, upperInclusive));
    }
    requireWords(field, "a range");
    // Not super's, which reads what looks like a date in the machine's language as one.
    return newRangeQuery(field, lower, upper, lowerInclusive, upperInclusive);
  }

  @Override
  protected Query getWildcardQuery(String field, String pattern) throws ParseException {
    requireWords(field, "a wildcard");
    return super.getWildcardQuery(field, pattern);
  }

  @Override
  protected Query getPrefixQuery(String field, String prefix) throws ParseException {
    requireWords(field, "a wildcard");
    return super.getPrefixQuery(field, prefix);
  }

  @Override
  protected Query getFuzzyQuery(String field, String word, float similarity) throws ParseException {
    requireWords(field, "a fuzzy word (~)");
    if (word.length() > LONGEST_FUZZY_WORD) {
      throw new ParseException(
          String.format(
              Locale.ROOT, "the fuzzy word (~) has more than %d characters", LONGEST_FUZZY_WORD));
    }
    return super.getFuzzyQuery(field, word, similarity);
  }

  @Override
  protected Query getRegexpQuery(String field, String pattern) throws ParseException {
    requireWords(field, "a regular expression");
    if (!settings.regularExpressions) {
      throw new ParseException(
          "regular expressions are not allowed here; put \\ before / if it belongs to the word");
    }
    if (pattern.length() > LONGEST_PATTERN) {
      throw new ParseException(
          String.format(
              Locale.ROOT, "the regular expression has more than %d characters", LONGEST_PATTERN));
    }
    try {
      if (PatternSize.of(pattern) > LARGEST_PATTERN) {
        throw new ParseException(
            String.format(
                Locale.ROOT,
                "the regular expression repeats more than %,d characters",
                LARGEST_PATTERN));
      }
      return super.getRegexpQuery(field, pattern);
    } catch (IllegalArgumentException e) {
      throw new ParseException("the regular expression cannot be read: " + e.getMessage());
    }
  }

  private void requireWords(String field, String what) throws ParseException {
    if (settings.sparseFields.contains(field)) {
      throw new ParseException(
          "the sparse field %s cannot be searched with %s; give a text, in quotation marks"
              .formatted(field, what));
    }
    if (settings.pointFields.containsKey(field)) {
      throw new ParseException(
          "the numeric field %s cannot be searched with %s; give a number or a range [a TO b]"
              .formatted(field, what));
    }
  }

  /**
   * A required number restricts and adds nothing to the score, so that the score beside it remains
   * what it is. A clause that stands alone needs no query around it.
   */
  @Override
  protected Query getBooleanQuery(List<BooleanClause> clauses) throws ParseException {
    if (clauses.size() == 1 && clauses.get(0).isScoring()) {
      return clauses.get(0).query();
    }
    boolean othersScore =
        clauses.stream().anyMatch(c -> c.isScoring() && !(c.query() instanceof PointRangeQuery));
    if (!othersScore) {
      return super.getBooleanQuery(clauses);
    }
    List<BooleanClause> restricted = new ArrayList<>(clauses.size());
    for (BooleanClause clause : clauses) {
      boolean restricts = clause.occur() == Occur.MUST && clause.query() instanceof PointRangeQuery;
      restricted.add(restricts ? newBooleanClause(clause.query(), Occur.FILTER) : clause);
    }
    return super.getBooleanQuery(restricted);
  }
}
