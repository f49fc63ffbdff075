/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.bm25.TextLanguage;
import io.m3lex.index.LanguageAnalyzers;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Guesses the language of a collection: by its name, such as {@code xquad-zh}, else by the script
 * of its texts, and for Latin script by the stop words in them. Only for choosing the analyzer of
 * the baseline; whoever knows better says so.
 */
final class CollectionLanguage {

  private static final Pattern SUFFIX =
      Pattern.compile("(?:^|[-_.])([a-z]{2})(?:-(?:dev|test|train))?$");

  private CollectionLanguage() {}

  /**
   * The language at the end of a name, {@value TextLanguage#UNKNOWN} if there is none that has an
   * analyzer.
   */
  static String ofName(String name) {
    Matcher suffix = SUFFIX.matcher(name.toLowerCase(Locale.ROOT));
    return suffix.find() && LanguageAnalyzers.LANGUAGES.contains(suffix.group(1))
        ? suffix.group(1)
        : TextLanguage.UNKNOWN;
  }
}
