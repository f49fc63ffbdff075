/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.TermFrequencyAttribute;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexOptions;

/**
 * Terms with their frequencies as one field of a document: the postings that a {@link
 * org.apache.lucene.document.FeatureField} for each term would make, without a hundred fields a
 * document.
 */
public final class FrequencyField extends Field {

  private static final FieldType TYPE = new FieldType();

  static {
    TYPE.setTokenized(false);
    TYPE.setOmitNorms(true);
    TYPE.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    TYPE.freeze();
  }

  private final List<String> terms;
  private final int[] frequencies;

  /**
   * A field.
   *
   * @param terms each once
   * @param frequencies of the terms, each at least 1; Lucene takes no document whose sum is beyond
   *     an int
   */
  public FrequencyField(String name, List<String> terms, int[] frequencies) {
    super(name, TYPE);
    this.terms = terms;
    this.frequencies = frequencies;
  }

  @Override
  public TokenStream tokenStream(Analyzer analyzer, TokenStream reuse) {
    Tokens stream = reuse instanceof Tokens own ? own : new Tokens();
    stream.field = this;
    return stream;
  }

  private static final class Tokens extends TokenStream {
    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final TermFrequencyAttribute frequency = addAttribute(TermFrequencyAttribute.class);
    private FrequencyField field;
    private int next;

    @Override
    public void reset() {
      next = 0;
    }

    @Override
    public boolean incrementToken() {
      if (next == field.terms.size()) {
        return false;
      }
      clearAttributes();
      term.append(field.terms.get(next));
      frequency.setTermFrequency(field.frequencies[next]);
      next++;
      return true;
    }
  }
}
