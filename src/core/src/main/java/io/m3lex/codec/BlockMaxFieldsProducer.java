/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.io.IOException;
import java.util.Iterator;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.FieldsProducer;
import org.apache.lucene.codecs.lucene103.blocktree.Lucene103BlockTreeTermsReader;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.Terms;
import org.apache.lucene.store.ChecksumIndexInput;
import org.apache.lucene.util.IOUtils;

/** Reads the fields that {@link BlockMaxFieldsConsumer} wrote. */
final class BlockMaxFieldsProducer extends FieldsProducer {

  private final FieldsProducer terms;
  private final FieldsProducer others;

  BlockMaxFieldsProducer(SegmentReadState state) throws IOException {
    boolean hasOthers = false;
    long dataLength = 0;
    long boundsLength = 0;
    String name =
        IndexFileNames.segmentFileName(
            state.segmentInfo.name, state.segmentSuffix, BlockMaxPostingsFormat.META_EXTENSION);
    try (ChecksumIndexInput meta = state.directory.openChecksumInput(name)) {
      Throwable failure = null;
      try {
        CodecUtil.checkIndexHeader(
            meta,
            BlockMaxPostingsFormat.META_CODEC,
            BlockMaxPostingsFormat.VERSION,
            BlockMaxPostingsFormat.VERSION,
            state.segmentInfo.getId(),
            state.segmentSuffix);
        hasOthers = meta.readByte() != 0;
        dataLength = meta.readLong();
        boundsLength = meta.readLong();
      } catch (Throwable e) {
        failure = e;
      } finally {
        CodecUtil.checkFooter(meta, failure);
      }
    }
    BlockMaxPostingsReader postings = new BlockMaxPostingsReader(state, dataLength, boundsLength);
    FieldsProducer opened = null;
    boolean done = false;
    try {
      opened = new Lucene103BlockTreeTermsReader(postings, state);
      others =
          hasOthers
              ? BlockMaxPostingsFormat.others()
                  .fieldsProducer(
                      new SegmentReadState(
                          state, BlockMaxPostingsFormat.othersSuffix(state.segmentSuffix)))
              : null;
      terms = opened;
      done = true;
    } finally {
      if (!done) {
        IOUtils.closeWhileHandlingException(opened, postings);
      }
    }
  }

  @Override
  public Iterator<String> iterator() {
    // Sorted, as Lucene expects the names of fields.
    SortedSet<String> names = new TreeSet<>();
    terms.forEach(names::add);
    if (others != null) {
      others.forEach(names::add);
    }
    return names.iterator();
  }

  @Override
  public Terms terms(String field) throws IOException {
    Terms found = terms.terms(field);
    return found == null && others != null ? others.terms(field) : found;
  }

  @Override
  public int size() {
    return terms.size() + (others == null ? 0 : others.size());
  }

  @Override
  public void checkIntegrity() throws IOException {
    terms.checkIntegrity();
    if (others != null) {
      others.checkIntegrity();
    }
  }

  @Override
  public void close() throws IOException {
    IOUtils.close(terms, others);
  }
}
