/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.Locale;

/** A difference with its confidence interval, drawn on a line with nothing in the middle. */
final class IntervalChart {

  private static final double HALF_WIDTH = 90;
  private static final double MARGIN = 4;

  private IntervalChart() {}

  /**
   * Draws it.
   *
   * @param greatest the value at the ends of the line
   */
  static void write(Comparison comparison, double greatest, Html html) {
    html.open("svg", "class", "interval", "viewBox", "-90 -10 180 20", "aria-hidden", "true");
    html.open("line", "class", "zero", "x1", "0", "x2", "0", "y1", "-10", "y2", "10");
    html.open(
        "g",
        "class",
        comparison.interval().low() > 0
            ? "up"
            : comparison.interval().high() < 0 ? "down" : "soft");
    html.open(
        "line",
        "x1",
        place(comparison.interval().low(), greatest),
        "x2",
        place(comparison.interval().high(), greatest),
        "y1",
        "0",
        "y2",
        "0");
    html.open("circle", "cx", place(comparison.difference(), greatest), "cy", "0", "r", "4");
    html.close("g").close("svg");
  }

  private static String place(double value, double greatest) {
    double place = greatest == 0 ? 0 : value / greatest * (HALF_WIDTH - MARGIN);
    return String.format(Locale.ROOT, "%.1f", place);
  }
}
