/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import java.util.Locale;
import java.util.Set;

/**
 * HTML as text. Everything that is not a name of an element or attribute is escaped, so that a
 * document's text is never taken for markup. Characters that HTML forbids are shown as U+FFFD.
 */
final class Html {

  private static final Set<String> VOID = Set.of("meta", "link", "br", "rect", "line", "circle");
  private static final char REPLACEMENT = '\uFFFD';

  private final StringBuilder out = new StringBuilder();

  /**
   * Opens an element.
   *
   * @param attributes names and values in turn; a value of null leaves the attribute out
   */
  Html open(String element, String... attributes) {
    out.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i + 1] != null) {
        out.append(' ').append(attributes[i]).append("=\"");
        escape(attributes[i + 1]);
        out.append('"');
      }
    }
    out.append(VOID.contains(element) ? "/>" : ">");
    return this;
  }

  /** Closes an element. */
  Html close(String element) {
    out.append("</").append(element).append('>');
    return this;
  }

  /** An element with text in it. */
  Html element(String element, String text, String... attributes) {
    return open(element, attributes).text(text).close(element);
  }

  /** Text. */
  Html text(String text) {
    escape(text);
    return this;
  }

  /**
   * An id or a name, which may be of any script, kept apart from the direction of its neighbours.
   */
  Html name(String name) {
    return element("bdi", name);
  }

  /** A line break in the source, which nobody sees. */
  Html line() {
    out.append('\n');
    return this;
  }

  /** The program's own style, script or data, which stand between tags as they are. */
  Html raw(String markup) {
    out.append(markup);
    return this;
  }

  private void escape(String text) {
    String wellFormed = WellFormedText.of(text);
    for (int i = 0; i < wellFormed.length(); i++) {
      char c = wellFormed.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(isForbidden(c) ? REPLACEMENT : c);
      }
    }
  }

  private static boolean isForbidden(char c) {
    return c == '\uFFFE'
        || c == '\uFFFF'
        || (Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t');
  }

  /** A measure or a difference, with the minus sign that is as wide as a digit. */
  static String number(double value, int decimals) {
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    // What rounds to nothing has no sign.
    boolean nothing = text.chars().noneMatch(c -> c >= '1' && c <= '9');
    return nothing ? text.replace("-", "") : text.replace('-', '\u2212');
  }

  /** Like {@link #number}, with a plus sign where it is more than nothing. */
  static String difference(double value, int decimals) {
    String text = number(value, decimals);
    boolean more = !text.startsWith("\u2212") && text.chars().anyMatch(c -> c >= '1' && c <= '9');
    return more ? "+" + text : text;
  }

  /** A p-value. */
  static String probability(double p) {
    return p < 0.0001 ? "< 0.0001" : number(p, 4);
  }

  /** A whole number with its thousands apart. */
  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** One or many of something. */
  static String count(long count, String one, String many) {
    return count(count) + " " + (count == 1 ? one : many);
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
