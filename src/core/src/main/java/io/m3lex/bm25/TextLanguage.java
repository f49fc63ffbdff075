/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.bm25;

import java.lang.Character.UnicodeScript;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.fi.FinnishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.hu.HungarianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.NorwegianAnalyzer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.sv.SwedishAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;

/** Guesses the language of texts, for the choice of an analyzer. */
public final class TextLanguage {

  /** The language that is not known, in BCP 47. */
  public static final String UNKNOWN = "und";

  /** Least share of a text's words that must be stop words of a language. */
  private static final double LEAST_SHARE = 0.1;

  private static final Map<UnicodeScript, String> BY_SCRIPT =
      Map.ofEntries(
          Map.entry(UnicodeScript.HIRAGANA, "ja"),
          Map.entry(UnicodeScript.KATAKANA, "ja"),
          Map.entry(UnicodeScript.HANGUL, "ko"),
          Map.entry(UnicodeScript.HAN, "zh"),
          Map.entry(UnicodeScript.THAI, "th"),
          Map.entry(UnicodeScript.ARABIC, "ar"),
          Map.entry(UnicodeScript.CYRILLIC, "ru"),
          Map.entry(UnicodeScript.GREEK, "el"),
          Map.entry(UnicodeScript.DEVANAGARI, "hi"),
          Map.entry(UnicodeScript.BENGALI, "bn"),
          Map.entry(UnicodeScript.TAMIL, "ta"),
          Map.entry(UnicodeScript.TELUGU, "te"),
          Map.entry(UnicodeScript.ARMENIAN, "hy"));

  private TextLanguage() {}

  /** The language of texts as a BCP 47 tag, {@value #UNKNOWN} if it cannot be told. */
  public static String of(List<String> texts) {
    Map<UnicodeScript, Integer> scripts = new EnumMap<>(UnicodeScript.class);
    texts.forEach(
        text ->
            text.codePoints()
                .filter(Character::isLetter)
                .forEach(point -> scripts.merge(UnicodeScript.of(point), 1, Integer::sum)));
    int kana =
        scripts.getOrDefault(UnicodeScript.HIRAGANA, 0)
            + scripts.getOrDefault(UnicodeScript.KATAKANA, 0);
    if (kana > 0 && kana * 10 > scripts.getOrDefault(UnicodeScript.HAN, 0)) {
      scripts.merge(
          UnicodeScript.HIRAGANA, scripts.getOrDefault(UnicodeScript.HAN, 0), Integer::sum);
    }
    UnicodeScript commonest =
        scripts.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(UnicodeScript.UNKNOWN);
    return commonest == UnicodeScript.LATIN
        ? ofStopWords(texts)
        : BY_SCRIPT.getOrDefault(commonest, UNKNOWN);
  }

  private static String ofStopWords(List<String> texts) {
    Map<String, CharArraySet> stopWords =
        Map.ofEntries(
            Map.entry("da", DanishAnalyzer.getDefaultStopSet()),
            Map.entry("de", GermanAnalyzer.getDefaultStopSet()),
            Map.entry("en", EnglishAnalyzer.getDefaultStopSet()),
            Map.entry("es", SpanishAnalyzer.getDefaultStopSet()),
            Map.entry("fi", FinnishAnalyzer.getDefaultStopSet()),
            Map.entry("fr", FrenchAnalyzer.getDefaultStopSet()),
            Map.entry("hu", HungarianAnalyzer.getDefaultStopSet()),
            Map.entry("it", ItalianAnalyzer.getDefaultStopSet()),
            Map.entry("nl", DutchAnalyzer.getDefaultStopSet()),
            Map.entry("no", NorwegianAnalyzer.getDefaultStopSet()),
            Map.entry("pt", PortugueseAnalyzer.getDefaultStopSet()),
            Map.entry("ro", RomanianAnalyzer.getDefaultStopSet()),
            Map.entry("sv", SwedishAnalyzer.getDefaultStopSet()),
            Map.entry("tr", TurkishAnalyzer.getDefaultStopSet()));
    List<String> words =
        texts.stream()
            .flatMap(text -> Pattern.compile("[^\\p{L}\\p{M}']+").splitAsStream(text))
            .filter(word -> !word.isEmpty())
            .map(word -> word.toLowerCase(Locale.ROOT))
            .toList();
    Map.Entry<String, Long> best =
        stopWords.entrySet().stream()
            .map(
                entry ->
                    Map.entry(
                        entry.getKey(), words.stream().filter(entry.getValue()::contains).count()))
            .max(
                Map.Entry.<String, Long>comparingByValue()
                    .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
            .orElseThrow();
    return best.getValue() >= LEAST_SHARE * words.size() && best.getValue() > 0
        ? best.getKey()
        : UNKNOWN;
  }
}
