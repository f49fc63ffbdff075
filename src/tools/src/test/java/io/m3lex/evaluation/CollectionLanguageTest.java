/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.bm25.TextLanguage;
import io.m3lex.index.LanguageAnalyzers;
import java.io.IOException;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CollectionLanguageTest {

  @ParameterizedTest
  @CsvSource({
    "xquad-zh,zh",
    "xquad-EN,en",
    "miracl-v1.0-sw-dev,und",
    "miracl-v1.0-th-dev,th",
    "fr,fr",
    "scifact,und",
    "trec-dl,und",
    "touche-v2,und"
  })
  void namesTellTheirLanguage(String name, String language) {
    assertEquals(language, CollectionLanguage.ofName(name));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "en|The pump failed because a valve in the engine room had been closed.",
        "de|Die Pumpe fiel aus, weil ein Ventil im Maschinenraum nicht geöffnet war.",
        "fr|La pompe est tombée en panne parce que la vanne de la salle était fermée.",
        "es|La bomba no funciona porque la válvula de la sala de máquinas está cerrada.",
        "nl|De pomp is uitgevallen omdat een klep in de machinekamer was gesloten.",
        "zh|水泵故障，因為閥門已關閉。",
        "ja|バルブが閉まっていたため、ポンプが故障した。",
        "ko|밸브가 닫혀 있어서 펌프가 고장났다.",
        "ru|Насос вышел из строя, потому что клапан был закрыт.",
        "ar|تعطلت المضخة لأن الصمام كان مغلقا",
        "th|ปั๊มเสียเพราะวาล์วปิดอยู่",
        "und|qqq www rrr ttt pumpfffx zzz",
        "und|0 1 2 3"
      })
  void textsTellTheirLanguage(String language, String text) {
    assertEquals(language, TextLanguage.of(List.of(text)));
  }

  @Test
  void everyLanguageHasAnAnalyzerThatRuns() throws IOException {
    for (String language : LanguageAnalyzers.LANGUAGES) {
      try (Analyzer analyzer = LanguageAnalyzers.of(language + "-XX");
          TokenStream tokens = analyzer.tokenStream("text", "東京 Größe pump")) {
        tokens.reset();
        int count = 0;
        while (tokens.incrementToken()) {
          count++;
        }
        assertEquals(true, count >= 2, language);
      }
    }
    try (Analyzer analyzer = LanguageAnalyzers.of("tlh")) {
      assertEquals("StandardAnalyzer", analyzer.getClass().getSimpleName());
    }
  }
}
