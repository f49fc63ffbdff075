/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.util.Set;
import org.apache.lucene.codecs.PostingsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;

/**
 * Lucene's codec with {@link BlockMaxPostingsFormat} for some fields. Only writing needs it; for
 * reading it is enough that this library is on the class path.
 */
public final class BlockMaxCodec extends Lucene104Codec {

  private final Set<String> fields;
  private final PostingsFormat blockMax = new BlockMaxPostingsFormat();

  /**
   * A codec.
   *
   * @param fields names of the {@code FeatureField}s that get bounds
   */
  public BlockMaxCodec(String... fields) {
    this.fields = Set.of(fields);
  }

  @Override
  public PostingsFormat getPostingsFormatForField(String field) {
    return fields.contains(field) ? blockMax : super.getPostingsFormatForField(field);
  }
}
