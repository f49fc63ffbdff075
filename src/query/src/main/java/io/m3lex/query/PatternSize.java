/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import org.apache.lucene.util.automaton.RegExp;

/**
 * How many places the automaton of a regular expression has before it is made deterministic: a
 * repetition has those of what is repeated, as often as it must or may be. A few characters can
 * stand for millions: {@code (a{99}){99}}.
 */
final class PatternSize {

  private PatternSize() {}

  /**
   * The size of a regular expression, at least 1; {@link Long#MAX_VALUE} if it does not fit.
   *
   * @throws IllegalArgumentException if it is none
   */
  static long of(String pattern) {
    return of(new RegExp(pattern, RegExp.ALL));
  }

  private static long of(RegExp expression) {
    return switch (expression.kind) {
      case REGEXP_UNION, REGEXP_CONCATENATION -> sum(of(expression.exp1), of(expression.exp2));
      case REGEXP_INTERSECTION -> product(of(expression.exp1), of(expression.exp2));
      case REGEXP_REPEAT_MIN -> product(of(expression.exp1), expression.min);
      case REGEXP_REPEAT_MINMAX -> product(of(expression.exp1), expression.max);
      case REGEXP_STRING -> Math.max(1, expression.s.length());
      default -> expression.exp1 == null ? 1 : of(expression.exp1);
    };
  }

  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  private static long product(long a, int times) {
    return product(a, (long) Math.max(1, times));
  }

  private static long product(long a, long b) {
    return a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
  }
}
