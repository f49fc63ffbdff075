/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.DelegatingAnalyzerWrapper;
import org.apache.lucene.analysis.standard.StandardAnalyzer;

/**
 * The analyzer of an index's writer: that of the index's language for the text that m3lex indexes,
 * Lucene's standard one for the caller's own fields. The language is known only when the index is
 * open.
 */
final class IndexAnalyzer extends DelegatingAnalyzerWrapper {

  private final Analyzer standard = new StandardAnalyzer();
  private volatile Analyzer language = standard;

  IndexAnalyzer() {
    super(PER_FIELD_REUSE_STRATEGY);
  }

  /** Sets the language, before any document is indexed; the empty one changes nothing. */
  void setLanguage(String tag) {
    if (!tag.isEmpty()) {
      language = LanguageAnalyzers.of(tag);
    }
  }

  @Override
  protected Analyzer getWrappedAnalyzer(String field) {
    return field.equals(IndexFields.ANALYZED) ? language : standard;
  }
}
