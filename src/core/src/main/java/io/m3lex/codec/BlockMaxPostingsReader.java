/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.io.IOException;
import org.apache.lucene.codecs.BlockTermState;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.PostingsReaderBase;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.ImpactsEnum;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.store.DataInput;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.util.IOUtils;

/** Reads the files of {@link BlockMaxPostingsFormat}. */
final class BlockMaxPostingsReader extends PostingsReaderBase {

  private final int maxDoc;
  private final IndexInput data;
  private final IndexInput bounds;

  BlockMaxPostingsReader(SegmentReadState state, long dataLength, long boundsLength)
      throws IOException {
    maxDoc = state.segmentInfo.maxDoc();
    IndexInput opened = null;
    IndexInput openedBounds = null;
    boolean done = false;
    try {
      opened =
          open(
              state,
              BlockMaxPostingsFormat.DATA_EXTENSION,
              BlockMaxPostingsFormat.DATA_CODEC,
              dataLength);
      openedBounds =
          open(
              state,
              BlockMaxPostingsFormat.BOUNDS_EXTENSION,
              BlockMaxPostingsFormat.BOUNDS_CODEC,
              boundsLength);
      CodecUtil.checksumEntireFile(openedBounds);
      data = opened;
      bounds = openedBounds;
      done = true;
    } finally {
      if (!done) {
        IOUtils.closeWhileHandlingException(opened, openedBounds);
      }
    }
  }

  private static String name(SegmentReadState state, String extension) {
    return IndexFileNames.segmentFileName(state.segmentInfo.name, state.segmentSuffix, extension);
  }

  private static IndexInput open(
      SegmentReadState state, String extension, String codec, long length) throws IOException {
    IndexInput input = state.directory.openInput(name(state, extension), state.context);
    boolean done = false;
    try {
      CodecUtil.checkIndexHeader(
          input,
          codec,
          BlockMaxPostingsFormat.VERSION,
          BlockMaxPostingsFormat.VERSION,
          state.segmentInfo.getId(),
          state.segmentSuffix);
      if (length < CodecUtil.footerLength()) {
        throw new CorruptIndexException(
            "the ." + BlockMaxPostingsFormat.META_EXTENSION + " file gives a length of " + length,
            input);
      }
      CodecUtil.retrieveChecksum(input, length);
      done = true;
      return input;
    } finally {
      if (!done) {
        IOUtils.closeWhileHandlingException(input);
      }
    }
  }

  @Override
  public void init(IndexInput termsIn, SegmentReadState state) throws IOException {
    CodecUtil.checkIndexHeader(
        termsIn,
        BlockMaxPostingsFormat.TERMS_CODEC,
        BlockMaxPostingsFormat.VERSION,
        BlockMaxPostingsFormat.VERSION,
        state.segmentInfo.getId(),
        state.segmentSuffix);
  }

  @Override
  public BlockTermState newTermState() {
    return new BlockMaxTermState();
  }

  @Override
  public void decodeTerm(DataInput in, FieldInfo field, BlockTermState termState, boolean absolute)
      throws IOException {
    BlockMaxTermState term = (BlockMaxTermState) termState;
    if (absolute) {
      term.dataPointer = 0;
      term.boundsPointer = 0;
    }
    if (term.docFreq == 1) {
      term.singleton = in.readVInt();
      return;
    }
    term.singleton = -1;
    term.dataPointer += in.readVLong();
    if (!BlockMaxPostingsFormat.isList(term.docFreq, maxDoc)) {
      term.boundsPointer += in.readVLong();
    }
  }

  @Override
  public PostingsEnum postings(
      FieldInfo field, BlockTermState termState, PostingsEnum reuse, int flags) throws IOException {
    BlockMaxPostingsEnum reused =
        reuse instanceof BlockMaxPostingsEnum own && own.isOf(data) ? own : newEnum();
    return reused.seek((BlockMaxTermState) termState);
  }

  @Override
  public ImpactsEnum impacts(FieldInfo field, BlockTermState termState, int flags)
      throws IOException {
    return newEnum().seek((BlockMaxTermState) termState);
  }

  private BlockMaxPostingsEnum newEnum() {
    return new BlockMaxPostingsEnum(data, new BlockMaxPostings(maxDoc, data, bounds));
  }

  @Override
  public void checkIntegrity() throws IOException {
    CodecUtil.checksumEntireFile(data);
    CodecUtil.checksumEntireFile(bounds);
  }

  @Override
  public void close() throws IOException {
    IOUtils.close(data, bounds);
  }
}
