/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import io.m3lex.SparseEncoder;
import io.m3lex.search.SparseQuery;
import io.m3lex.util.Utf8;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.QueryVisitor;

/**
 * Reads queries such as {@code title:"exact phrase" AND sparse:"what is bge m3"^2 AND year:[2020 TO
 * 2026]}.
 *
 * <p>The syntax is that of Lucene's classic {@link
 * org.apache.lucene.queryparser.classic.QueryParser}, with these differences:
 *
 * <ul>
 *   <li>The text given for a sparse field is encoded as a whole, as a query, and becomes a {@link
 *       SparseQuery}. Several words belong in quotation marks or parentheses; in the default field
 *       words beside each other are one text. A text without any feature matches nothing. A boost
 *       multiplies the score.
 *   <li>Numeric fields, which are declared by type, take a number ({@code year:2024}, a negative
 *       one in quotation marks) or a range, with {@code *} for an open end and braces for an end
 *       that is left out. Required beside something else, they restrict and add nothing to the
 *       score: {@code sparse:"x" AND year:2024} has the scores of {@code sparse:"x"}.
 *   <li>Ranges of other fields are compared as words; nothing is read as a date.
 * </ul>
 *
 * <p>Fields that are not declared are searched as words; one that no document has matches nothing.
 * As in Lucene, a query of prohibited clauses alone ({@code NOT x}) matches nothing.
 *
 * <p>Whatever the query, parsing is bounded: by its length, by the number of clauses, by 100
 * parentheses open at once and by 32 texts for sparse fields. Regular expressions and leading
 * wildcards are refused unless they are allowed, and limited by Lucene's work limit if they are.
 * Prefixes, inner wildcards and fuzzy words ({@code word~}, of up to 256 characters) are always
 * allowed: they visit the field's terms that begin as they do, or at most 50 similar ones.
 *
 * <p>Immutable; safe for use by several threads.
 */
public final class SparseQueryParser {

  /** The greatest length of a query, in UTF-16 units, unless another is set. */
  public static final int LONGEST_QUERY = 8_192;

  private final Builder settings;

  private SparseQueryParser(Builder settings) {
    this.settings = settings;
  }

  /**
   * Begins a parser.
   *
   * @param defaultField what is searched where the query names no field; it may be a sparse one
   * @param analyzer of the fields of words
   * @param encoder of the sparse fields; the index must have been built with its model, as {@link
   *     io.m3lex.index.SparseIndex} makes sure. Stays open
   */
  public static Builder builder(String defaultField, Analyzer analyzer, SparseEncoder encoder) {
    return new Builder(
        Objects.requireNonNull(defaultField, "defaultField"),
        Objects.requireNonNull(analyzer, "analyzer"),
        Objects.requireNonNull(encoder, "encoder"));
  }

  /**
   * Reads a query.
   *
   * @return for a sparse text alone a {@link SparseQuery}, otherwise Lucene's queries; never null
   * @throws QuerySyntaxException if it cannot be read, is empty, or exceeds a limit
   * @throws IllegalStateException if the encoder is closed
   */
  public Query parse(String query) throws QuerySyntaxException {
    if (query.length() > settings.longestQuery) {
      throw new QuerySyntaxException(
          query,
          settings.longestQuery + 1,
          String.format(Locale.ROOT, "it has more than %,d characters", settings.longestQuery));
    }
    OptionalInt half = Utf8.half(query);
    if (half.isPresent()) {
      throw new QuerySyntaxException(
          query, half.getAsInt() + 1, "it holds half of a character, without its partner");
    }
    QueryTokens tokens = new QueryTokens(query, settings.mostClauses);
    Query parsed = new ClauseParser(settings).parse(query, tokens);
    TermCounter counter = new TermCounter();
    parsed.visit(counter);
    if (counter.terms > settings.mostClauses) {
      throw tokens.wrong(
          String.format(
              Locale.ROOT, "it has %,d words, more than %,d", counter.terms, settings.mostClauses));
    }
    return parsed;
  }

  /** Counts as {@link IndexSearcher} does before it refuses a query. */
  private static final class TermCounter extends QueryVisitor {
    private int terms;

    @Override
    public QueryVisitor getSubVisitor(Occur occur, Query parent) {
      return this;
    }

    @Override
    public void visitLeaf(Query query) {
      terms++;
    }

    @Override
    public void consumeTerms(Query query, Term... consumed) {
      terms += consumed.length;
    }
  }

  /** What a parser is made of. Not safe for use by several threads. */
  public static final class Builder {
    final String defaultField;
    final Analyzer analyzer;
    final SparseEncoder encoder;
    final Set<String> sparseFields = new HashSet<>();
    final Map<String, PointType> pointFields = new HashMap<>();
    boolean allRequired;
    boolean leadingWildcards;
    boolean regularExpressions;
    int longestQuery = LONGEST_QUERY;
    int mostClauses = IndexSearcher.getMaxClauseCount();

    private Builder(String defaultField, Analyzer analyzer, SparseEncoder encoder) {
      this.defaultField = defaultField;
      this.analyzer = analyzer;
      this.encoder = encoder;
    }

    private Builder(Builder other) {
      this(other.defaultField, other.analyzer, other.encoder);
      sparseFields.addAll(other.sparseFields);
      pointFields.putAll(other.pointFields);
      allRequired = other.allRequired;
      leadingWildcards = other.leadingWildcards;
      regularExpressions = other.regularExpressions;
      longestQuery = other.longestQuery;
      mostClauses = other.mostClauses;
    }

    /** Declares a field of sparse weights, such as {@link io.m3lex.index.IndexFields#SPARSE}. */
    public Builder sparseField(String name) {
      requireNew(name);
      sparseFields.add(name);
      return this;
    }

    /** Declares a field of {@code IntField} or {@code IntPoint}. */
    public Builder intField(String name) {
      return pointField(name, PointType.INT);
    }

    /** Declares a field of {@code LongField} or {@code LongPoint}. */
    public Builder longField(String name) {
      return pointField(name, PointType.LONG);
    }

    /** Declares a field of {@code FloatField} or {@code FloatPoint}. */
    public Builder floatField(String name) {
      return pointField(name, PointType.FLOAT);
    }

    /** Declares a field of {@code DoubleField} or {@code DoublePoint}. */
    public Builder doubleField(String name) {
      return pointField(name, PointType.DOUBLE);
    }

    private Builder pointField(String name, PointType type) {
      requireNew(name);
      pointFields.put(name, type);
      return this;
    }

    private void requireNew(String name) {
      Objects.requireNonNull(name, "name");
      if (sparseFields.contains(name) || pointFields.containsKey(name)) {
        throw new IllegalArgumentException("the field %s is declared already".formatted(name));
      }
    }

    /**
     * Requires all clauses that stand beside each other without an operator; else one is enough.
     */
    public Builder requireAll() {
      allRequired = true;
      return this;
    }

    /** Allows wildcards at the beginning of a word, which visit every term of the field. */
    public Builder allowLeadingWildcards() {
      leadingWildcards = true;
      return this;
    }

    /**
     * Allows regular expressions of up to 256 characters, and 10,000 with all repetitions written
     * out, which may visit every term.
     */
    public Builder allowRegularExpressions() {
      regularExpressions = true;
      return this;
    }

    /**
     * Sets the greatest length of a query.
     *
     * @param characters in UTF-16 units, at least 1
     */
    public Builder longestQuery(int characters) {
      longestQuery = atLeastOne(characters);
      return this;
    }

    /**
     * Sets how many words, phrases, ranges and texts a query may have, and how many terms they may
     * become; as many as an {@link IndexSearcher} takes by default.
     *
     * @param clauses at least 1
     */
    public Builder mostClauses(int clauses) {
      mostClauses = atLeastOne(clauses);
      return this;
    }

    private static int atLeastOne(int limit) {
      if (limit < 1) {
        throw new IllegalArgumentException("the limit must be at least 1: " + limit);
      }
      return limit;
    }

    /** The parser; later changes of this builder do not change it. */
    public SparseQueryParser build() {
      return new SparseQueryParser(new Builder(this));
    }
  }
}
