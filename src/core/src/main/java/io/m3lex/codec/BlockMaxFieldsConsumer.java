/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.FieldsConsumer;
import org.apache.lucene.codecs.NormsProducer;
import org.apache.lucene.codecs.lucene103.blocktree.Lucene103BlockTreeTermsWriter;
import org.apache.lucene.index.Fields;
import org.apache.lucene.index.FilterLeafReader.FilterFields;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.util.IOUtils;

/** Writes the fields with frequencies itself and passes the others on to Lucene's own format. */
final class BlockMaxFieldsConsumer extends FieldsConsumer {

  private final SegmentWriteState state;
  private final BlockMaxPostingsWriter postings;
  private final FieldsConsumer terms;
  private FieldsConsumer others;
  private boolean closed;

  BlockMaxFieldsConsumer(SegmentWriteState state) throws IOException {
    this.state = state;
    this.postings = new BlockMaxPostingsWriter(state);
    boolean done = false;
    try {
      terms =
          new Lucene103BlockTreeTermsWriter(
              state,
              postings,
              Lucene103BlockTreeTermsWriter.DEFAULT_MIN_BLOCK_SIZE,
              Lucene103BlockTreeTermsWriter.DEFAULT_MAX_BLOCK_SIZE);
      done = true;
    } finally {
      if (!done) {
        IOUtils.closeWhileHandlingException(postings);
      }
    }
  }

  @Override
  public void write(Fields fields, NormsProducer norms) throws IOException {
    List<String> blocks = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    for (String field : fields) {
      boolean hasBlocks = BlockMaxPostingsFormat.hasBlocks(state.fieldInfos.fieldInfo(field));
      (hasBlocks ? blocks : rest).add(field);
    }
    if (!blocks.isEmpty()) {
      terms.write(new SomeFields(fields, blocks), norms);
    }
    if (!rest.isEmpty()) {
      String suffix = BlockMaxPostingsFormat.othersSuffix(state.segmentSuffix);
      others = BlockMaxPostingsFormat.others().fieldsConsumer(new SegmentWriteState(state, suffix));
      others.write(new SomeFields(fields, rest), norms);
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    IOUtils.close(terms, others);
    try (IndexOutput meta =
        state.directory.createOutput(
            IndexFileNames.segmentFileName(
                state.segmentInfo.name, state.segmentSuffix, BlockMaxPostingsFormat.META_EXTENSION),
            state.context)) {
      CodecUtil.writeIndexHeader(
          meta,
          BlockMaxPostingsFormat.META_CODEC,
          BlockMaxPostingsFormat.VERSION,
          state.segmentInfo.getId(),
          state.segmentSuffix);
      meta.writeByte((byte) (others == null ? 0 : 1));
      meta.writeLong(postings.dataLength());
      meta.writeLong(postings.boundsLength());
      CodecUtil.writeFooter(meta);
    }
  }

  private static final class SomeFields extends FilterFields {
    private final List<String> names;

    SomeFields(Fields all, List<String> names) {
      super(all);
      this.names = names;
    }

    @Override
    public Iterator<String> iterator() {
      return names.iterator();
    }

    @Override
    public int size() {
      return names.size();
    }
  }
}
