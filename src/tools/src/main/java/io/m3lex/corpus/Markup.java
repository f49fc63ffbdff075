/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What TREC's files use of SGML: elements, and the five entities that every dialect has. */
final class Markup {

  private static final Pattern TAG = Pattern.compile("</?[A-Za-z][^<>]*>");
  private static final Pattern ENTITY = Pattern.compile("&(#[0-9]{1,7}|[a-z]{2,4});");
  private static final Map<String, String> ENTITIES =
      Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00A0");

  private Markup() {}

  /**
   * An element of a content.
   *
   * @param start where its first tag begins
   * @param end behind its last tag
   * @param inner what stands between the tags
   */
  record Element(int start, int end, String inner) {}

  /** The content of the first element of a name; null if there is none. */
  static String element(String content, String name) {
    Elements elements = new Elements(content, name);
    return elements.next() ? elements.inner() : null;
  }

  /** All elements of a name, in their order. */
  static List<Element> elements(String content, String name) {
    List<Element> all = new ArrayList<>();
    Elements elements = new Elements(content, name);
    while (elements.next()) {
      all.add(new Element(elements.start(), elements.end(), elements.inner()));
    }
    return all;
  }

  /** The content without the elements of a name. */
  static String without(String content, String name) {
    StringBuilder rest = new StringBuilder();
    Elements elements = new Elements(content, name);
    int from = 0;
    while (elements.next()) {
      rest.append(content, from, elements.start());
      from = elements.end();
    }
    return rest.append(content, from, content.length()).toString();
  }

  /**
   * Goes from element to element of a name. Begin and end are looked for apart, so that the time is
   * proportional to the length, however many elements are never ended.
   */
  private static final class Elements {
    private final String content;
    private final Matcher begin;
    private final Matcher end;

    Elements(String content, String name) {
      this.content = content;
      begin = matcher("<%s(?:\\s[^<>]*)?>", name, content);
      end = matcher("</%s\\s*>", name, content);
    }

    private static Matcher matcher(String tag, String name, String content) {
      String pattern = String.format(Locale.ROOT, tag, name);
      return Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(content);
    }

    boolean next() {
      int from = end.hasMatch() ? end.end() : 0;
      return begin.find(from) && end.find(begin.end());
    }

    int start() {
      return begin.start();
    }

    String inner() {
      return content.substring(begin.end(), end.start());
    }

    int end() {
      return end.end();
    }
  }

  private static String withoutComments(String content) {
    StringBuilder rest = new StringBuilder();
    int from = 0;
    int begin = content.indexOf("<!--");
    int end = begin < 0 ? -1 : content.indexOf("-->", begin + 4);
    while (end >= 0) {
      rest.append(content, from, begin).append(' ');
      from = end + 3;
      begin = content.indexOf("<!--", from);
      end = begin < 0 ? -1 : content.indexOf("-->", begin + 4);
    }
    return rest.append(content, from, content.length()).toString();
  }

  /** The text between the tags, with entities resolved; an unknown entity stays as it stands. */
  static String plain(String content) {
    return ENTITY
        .matcher(TAG.matcher(withoutComments(content)).replaceAll(" "))
        .replaceAll(found -> Matcher.quoteReplacement(character(found.group(1), found.group())))
        .strip();
  }

  private static String character(String name, String whole) {
    if (!name.startsWith("#")) {
      return ENTITIES.getOrDefault(name, whole);
    }
    int point = Integer.parseInt(name.substring(1));
    boolean legal =
        Character.isValidCodePoint(point)
            && point > 0
            && !(point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    return legal ? Character.toString(point) : whole;
  }
}
