/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.io.IOException;
import java.util.Arrays;
import org.apache.lucene.index.FreqAndNormBuffer;
import org.apache.lucene.index.Impacts;
import org.apache.lucene.index.ImpactsEnum;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.BytesRef;

/**
 * Goes through a term's postings document by document. Impacts have two levels, the superblock and
 * the whole segment; their norm is 1, the best that there is.
 */
final class BlockMaxPostingsEnum extends ImpactsEnum {

  private final IndexInput source;
  private final BlockMaxPostings postings;
  private final Superblocks impacts = new Superblocks();

  /** The documents that were read, a superblock's or a list's. */
  private int[] documents = {};

  private int count;
  private int index = -1;
  private int document = -1;

  /** The first superblock that was not read. */
  private int nextSuperblock;

  BlockMaxPostingsEnum(IndexInput source, BlockMaxPostings postings) {
    this.source = source;
    this.postings = postings;
  }

  /** Whether this reads a certain file, and so can be taken for another of its terms. */
  boolean isOf(IndexInput file) {
    return source == file;
  }

  /** Goes to before the first document of a term. */
  BlockMaxPostingsEnum seek(BlockMaxTermState term) throws IOException {
    postings.seek(term);
    impacts.superblock = 0;
    count = 0;
    index = -1;
    document = -1;
    nextSuperblock = 0;
    return this;
  }

  BlockMaxPostings postings() {
    return postings;
  }

  @Override
  public int docID() {
    return document;
  }

  @Override
  public int freq() {
    return postings.frequency(index);
  }

  @Override
  public int nextDoc() throws IOException {
    return ++index < count ? document = documents[index] : read(nextSuperblock);
  }

  @Override
  public int advance(int target) throws IOException {
    if (target == NO_MORE_DOCS) {
      return document = NO_MORE_DOCS;
    }
    int superblock = postings.isList() ? 0 : target / BlockMaxPostings.SUPERBLOCK;
    if (superblock >= nextSuperblock) {
      read(superblock);
    } else {
      nextDoc();
    }
    if (document >= target) {
      return document;
    }
    int low = index;
    int step = 1;
    while (low + step < count && documents[low + step] < target) {
      low += step;
      step <<= 1;
    }
    int found = Arrays.binarySearch(documents, low + 1, Math.min(low + step, count), target);
    index = found >= 0 ? found : -found - 1;
    return index < count ? document = documents[index] : read(nextSuperblock);
  }

  /** Moves to the first document of a superblock or of one behind it. */
  private int read(int from) throws IOException {
    if (postings.isList()) {
      if (nextSuperblock > 0) {
        return document = NO_MORE_DOCS;
      }
      nextSuperblock = 1;
      documents = ArrayUtil.growNoCopy(documents, postings.documents());
      postings.readAll(documents);
      count = postings.documents();
    } else {
      byte[] bounds = postings.superblockBounds();
      int superblock = from;
      while (superblock < bounds.length && !postings.has(superblock)) {
        superblock++;
      }
      nextSuperblock = superblock + 1;
      if (superblock >= bounds.length) {
        return document = NO_MORE_DOCS;
      }
      documents = ArrayUtil.growNoCopy(documents, BlockMaxPostings.SUPERBLOCK);
      count = postings.readDocuments(superblock, documents);
    }
    index = 0;
    return document = documents[0];
  }

  @Override
  public long cost() {
    return postings.documents();
  }

  @Override
  public void advanceShallow(int target) {
    impacts.superblock = target / BlockMaxPostings.SUPERBLOCK;
  }

  @Override
  public Impacts getImpacts() {
    advanceShallow(
        Math.max(impacts.superblock * BlockMaxPostings.SUPERBLOCK, Math.max(0, document)));
    return impacts;
  }

  @Override
  public int nextPosition() {
    return -1;
  }

  @Override
  public int startOffset() {
    return -1;
  }

  @Override
  public int endOffset() {
    return -1;
  }

  @Override
  public BytesRef getPayload() {
    return null;
  }

  private final class Superblocks extends Impacts {
    private final FreqAndNormBuffer buffer = new FreqAndNormBuffer();
    private int superblock;

    private boolean isWhole(int level) {
      return level > 0 || postings.isList();
    }

    @Override
    public int numLevels() {
      return postings.isList() ? 1 : 2;
    }

    @Override
    public int getDocIdUpTo(int level) {
      return isWhole(level) ? NO_MORE_DOCS : (superblock + 1) * BlockMaxPostings.SUPERBLOCK - 1;
    }

    @Override
    public FreqAndNormBuffer getImpacts(int level) {
      int frequency =
          isWhole(level) || superblock >= postings.superblockBounds().length
              ? postings.greatestFrequency()
              : postings.greatestFrequency(superblock);
      buffer.size = 0;
      buffer.add(frequency, 1);
      return buffer;
    }
  }
}
