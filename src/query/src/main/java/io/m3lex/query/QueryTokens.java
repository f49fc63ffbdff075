/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.lucene.queryparser.charstream.FastCharStream;
import org.apache.lucene.queryparser.classic.QueryParserConstants;
import org.apache.lucene.queryparser.classic.QueryParserTokenManager;
import org.apache.lucene.queryparser.classic.Token;
import org.apache.lucene.queryparser.classic.TokenMgrError;

/**
 * The tokens of a query, by Lucene's own lexer. They are looked at before anything is parsed, so
 * that no query costs more than the limits allow, and afterwards, to tell where something is.
 */
final class QueryTokens {

  /** The parser calls itself for every parenthesis; this is far from the end of any stack. */
  private static final int GREATEST_DEPTH = 100;

  /** Multiplied with a weight, it is still far from the greatest float. */
  private static final float GREATEST_BOOST = 1e6f;

  private final String query;
  private final List<Token> tokens = new ArrayList<>();

  /** Columns of the parentheses that are not closed. */
  private final List<Integer> open = new ArrayList<>();

  /**
   * Reads a query.
   *
   * @param clauses greatest number of words, phrases, ranges and the like
   * @throws QuerySyntaxException if it has no tokens, or exceeds a limit
   */
  QueryTokens(String query, int clauses) throws QuerySyntaxException {
    this.query = query;
    if (query.isBlank()) {
      throw at(1, "it is empty; give a word at least");
    }
    read();
    int values = 0;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      switch (token.kind) {
        case QueryParserConstants.LPAREN -> open(token);
        case QueryParserConstants.RPAREN -> close(token);
        case QueryParserConstants.NUMBER -> requireBoost(token);
        default -> {
          if (isValue(i) && ++values > clauses) {
            throw at(
                column(token), String.format(Locale.ROOT, "it has more than %,d clauses", clauses));
          }
        }
      }
    }
  }

  private void read() throws QuerySyntaxException {
    FastCharStream characters = new FastCharStream(new StringReader(query));
    QueryParserTokenManager lexer = new QueryParserTokenManager(characters);
    try {
      Token token;
      do {
        token = lexer.getNextToken();
        tokens.add(token);
      } while (token.kind != QueryParserConstants.EOF);
    } catch (TokenMgrError e) {
      int column = Math.min(query.length(), characters.getBeginColumn() + 1);
      throw at(column, unreadable(query.charAt(column - 1)));
    }
  }

  private static String unreadable(char first) {
    return switch (first) {
      case '"' -> "the quotation mark is not closed";
      case '/' -> "the regular expression is not closed; put \\ before / if it belongs to the word";
      case '\\' -> "a character must follow the backslash";
      default ->
          "%s cannot stand here; put \\ before it if it belongs to the word".formatted(first);
    };
  }

  private void open(Token parenthesis) throws QuerySyntaxException {
    open.add(column(parenthesis));
    if (open.size() > GREATEST_DEPTH) {
      throw at(
          column(parenthesis),
          String.format(Locale.ROOT, "more than %d parentheses are open", GREATEST_DEPTH));
    }
  }

  private void close(Token parenthesis) throws QuerySyntaxException {
    if (open.isEmpty()) {
      throw at(column(parenthesis), "this parenthesis was never opened");
    }
    open.remove(open.size() - 1);
  }

  private void requireBoost(Token number) throws QuerySyntaxException {
    if (!(Float.parseFloat(number.image) <= GREATEST_BOOST)) {
      throw at(
          column(number),
          String.format(Locale.ROOT, "a boost may be at most %,.0f", GREATEST_BOOST));
    }
  }

  /** Whether a token is what is looked for, as opposed to a field, an operator or a boost. */
  private boolean isValue(int index) {
    return switch (tokens.get(index).kind) {
      case QueryParserConstants.TERM, QueryParserConstants.STAR ->
          tokens.get(index + 1).kind != QueryParserConstants.COLON;
      case QueryParserConstants.BAREOPER,
          QueryParserConstants.QUOTED,
          QueryParserConstants.PREFIXTERM,
          QueryParserConstants.WILDTERM,
          QueryParserConstants.REGEXPTERM,
          QueryParserConstants.RANGEIN_START,
          QueryParserConstants.RANGEEX_START ->
          true;
      default -> false;
    };
  }

  private static int column(Token token) {
    return token.beginColumn + 1;
  }

  /** The exception for a token that the grammar does not allow. */
  QuerySyntaxException unexpected(Token token) {
    if (token.kind != QueryParserConstants.EOF) {
      return at(
          column(token),
          "%s cannot stand here; put \\ before a character, or the words in quotation marks, if it is to be found"
              .formatted(token.image));
    }
    return open.isEmpty()
        ? at(query.length() + 1, "something is missing at the end")
        : at(open.get(open.size() - 1), "this parenthesis is not closed");
  }

  /**
   * The exception for something wrong with a clause.
   *
   * @param last the last token of the clause that was read
   */
  QuerySyntaxException wrong(Token last, String reason) {
    int column = 1;
    for (int i = 0; i < tokens.size() && tokens.get(i).beginColumn <= last.beginColumn; i++) {
      if (isValue(i)) {
        column = column(tokens.get(i));
      }
    }
    return at(column, reason);
  }

  /** The exception for something wrong with the whole. */
  QuerySyntaxException wrong(String reason) {
    return at(1, reason);
  }

  private QuerySyntaxException at(int column, String reason) {
    return new QuerySyntaxException(query, column, reason);
  }
}
