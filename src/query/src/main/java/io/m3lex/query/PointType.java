/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.query;

import java.math.BigDecimal;
import java.util.Locale;
import org.apache.lucene.document.DoublePoint;
import org.apache.lucene.document.FloatPoint;
import org.apache.lucene.document.IntPoint;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.search.Query;

/**
 * The kinds of numeric fields. Queries go by points alone, so that fields without doc values are
 * found as well.
 */
enum PointType {
  INT {
    @Override
    Query range(String field, Bound lower, Bound upper) {
      long first = integer(lower, Integer.MIN_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE);
      long last = integer(upper, Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE);
      first = lower.inclusive() ? first : first + 1;
      last = upper.inclusive() ? last : last - 1;
      requireOrder(first <= last);
      return IntPoint.newRangeQuery(field, (int) first, (int) last);
    }
  },
  LONG {
    @Override
    Query range(String field, Bound lower, Bound upper) {
      long first = integer(lower, Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
      long last = integer(upper, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
      requireOrder(lower.inclusive() || first < Long.MAX_VALUE);
      requireOrder(upper.inclusive() || last > Long.MIN_VALUE);
      first = lower.inclusive() ? first : first + 1;
      last = upper.inclusive() ? last : last - 1;
      requireOrder(first <= last);
      return LongPoint.newRangeQuery(field, first, last);
    }
  },
  FLOAT {
    @Override
    Query range(String field, Bound lower, Bound upper) {
      float first = (float) decimal(lower, Double.NEGATIVE_INFINITY);
      float last = (float) decimal(upper, Double.POSITIVE_INFINITY);
      first = lower.inclusive() ? first : FloatPoint.nextUp(first);
      last = upper.inclusive() ? last : FloatPoint.nextDown(last);
      requireOrder(Float.compare(first, last) <= 0);
      return FloatPoint.newRangeQuery(field, first, last);
    }
  },
  DOUBLE {
    @Override
    Query range(String field, Bound lower, Bound upper) {
      double first = decimal(lower, Double.NEGATIVE_INFINITY);
      double last = decimal(upper, Double.POSITIVE_INFINITY);
      first = lower.inclusive() ? first : DoublePoint.nextUp(first);
      last = upper.inclusive() ? last : DoublePoint.nextDown(last);
      requireOrder(Double.compare(first, last) <= 0);
      return DoublePoint.newRangeQuery(field, first, last);
    }
  };

  /**
   * One end of a range.
   *
   * @param text the number, null if the range is open there
   */
  record Bound(String text, boolean inclusive) {
    Bound {
      // Nothing lies beyond an open end that could be left out.
      inclusive |= text == null;
    }
  }

  /**
   * A query for the numbers of a range.
   *
   * @throws IllegalArgumentException if a bound is no number of this type, or none lies between
   *     them; the message can follow a column
   */
  abstract Query range(String field, Bound lower, Bound upper);

  private static long integer(Bound bound, long open, long least, long greatest) {
    if (bound.text() == null) {
      return open;
    }
    try {
      long value = Long.parseLong(bound.text().strip());
      if (value >= least && value <= greatest) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT, "\"%s\" is no whole number from %d to %d", bound.text(), least, greatest));
  }

  private static double decimal(Bound bound, double open) {
    if (bound.text() == null) {
      return open;
    }
    try {
      // Stricter than Double.parseDouble, which also reads NaN, 0x1p3 and 1d.
      return new BigDecimal(bound.text().strip()).doubleValue();
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("\"%s\" is no number".formatted(bound.text()), e);
    }
  }

  private static void requireOrder(boolean ordered) {
    if (!ordered) {
      throw new IllegalArgumentException("no number lies in this range");
    }
  }
}
