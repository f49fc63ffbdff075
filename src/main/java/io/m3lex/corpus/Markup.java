package io.m3lex.corpus;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What TREC's files use of SGML: elements, and the five entities that every dialect has. */
final class Markup {

  private static final Pattern TAG =
      Pattern.compile("</?[A-Za-z][^<>]*>|<!--.*?-->", Pattern.DOTALL);
  private static final Pattern ENTITY = Pattern.compile("&(#[0-9]{1,7}|[a-z]{2,4});");
  private static final Map<String, String> ENTITIES =
      Map.of("amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00A0");

  private Markup() {}

  private static Matcher matcher(String content, String name) {
    return Pattern.compile(
            "<%1$s(?:\\s[^<>]*)?>(.*?)</%1$s\\s*>".formatted(name),
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL)
        .matcher(content);
  }

  /** The content of the first element of a name; null if there is none. */
  static String element(String content, String name) {
    Matcher found = matcher(content, name);
    return found.find() ? found.group(1) : null;
  }

  /** The contents of all elements of a name, each on lines of its own; empty if there is none. */
  static String elements(String content, String name) {
    StringBuilder all = new StringBuilder();
    Matcher found = matcher(content, name);
    while (found.find()) {
      all.append(all.isEmpty() ? "" : "\n").append(found.group(1));
    }
    return all.toString();
  }

  /** The content without the elements of a name. */
  static String without(String content, String name) {
    return matcher(content, name).replaceAll("");
  }

  /** The text between the tags, with entities resolved; an unknown entity stays as it stands. */
  static String plain(String content) {
    return ENTITY
        .matcher(TAG.matcher(content).replaceAll(" "))
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
