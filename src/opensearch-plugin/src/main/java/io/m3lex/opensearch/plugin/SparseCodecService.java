/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.codec.BlockMaxPostingsFormat;
import org.apache.lucene.codecs.Codec;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.PostingsFormat;
import org.apache.lucene.codecs.perfield.PerFieldPostingsFormat;
import org.opensearch.index.codec.CodecService;
import org.opensearch.index.codec.CodecServiceConfig;
import org.opensearch.index.mapper.MapperService;

/**
 * The codecs of an index, each with m3lex's postings format for sparse fields. Segments keep the
 * name of the codec that they were asked for, and the name of a postings format for each field, so
 * that reading needs nothing but the format in the class path.
 */
final class SparseCodecService extends CodecService {

  private final MapperService mappings;
  private final PostingsFormat blockMax = new BlockMaxPostingsFormat();

  SparseCodecService(CodecServiceConfig config) {
    super(
        config.getMapperService(),
        config.getIndexSettings(),
        config.getLogger(),
        config.getAdditionalCodecs());
    mappings = config.getMapperService();
  }

  @Override
  public Codec codec(String name) {
    Codec codec = super.codec(name);
    if (mappings == null || !(codec.postingsFormat() instanceof PerFieldPostingsFormat others)) {
      return codec;
    }
    PostingsFormat formats =
        new PerFieldPostingsFormat() {
          @Override
          public PostingsFormat getPostingsFormatForField(String field) {
            return SparseFieldMapper.isSparse(mappings.fieldType(field))
                ? blockMax
                : others.getPostingsFormatForField(field);
          }
        };
    return new FilterCodec(codec.getName(), codec) {
      @Override
      public PostingsFormat postingsFormat() {
        return formats;
      }
    };
  }
}
