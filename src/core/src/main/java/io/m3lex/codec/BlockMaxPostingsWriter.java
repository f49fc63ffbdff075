/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.BLOCKS;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import java.io.IOException;
import java.util.Arrays;
import org.apache.lucene.codecs.BlockTermState;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.codecs.NormsProducer;
import org.apache.lucene.codecs.PostingsWriterBase;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.SegmentWriteState;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.store.DataOutput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.IOUtils;

/** Writes the files of {@link BlockMaxPostingsFormat}, term by term. */
final class BlockMaxPostingsWriter extends PostingsWriterBase {

  private final SegmentWriteState state;
  private final int maxDoc;
  private final IndexOutput data;
  private final IndexOutput bounds;

  private PostingsEnum postings;
  private int[] documents = new int[BlockMaxPostingsFormat.LIST];
  private int[] frequencies = new int[BlockMaxPostingsFormat.LIST];
  private final PackedBits packed = new PackedBits();
  private final byte[] present;
  private final byte[] blockGroups;
  private final byte[] superblockBounds;
  private final byte[] listSizes;
  private final short[] groupLengths;
  private final byte[] bounded = new byte[BLOCKS];
  private byte[] blockBounds = new byte[BLOCKS];
  private long lastData;
  private long lastBounds;
  private long dataLength;
  private long boundsLength;

  BlockMaxPostingsWriter(SegmentWriteState state) throws IOException {
    this.state = state;
    this.maxDoc = state.segmentInfo.maxDoc();
    int superblocks = BlockMaxPostingsFormat.superblocks(maxDoc);
    present = new byte[superblocks + 7 >>> 3];
    blockGroups = new byte[superblocks + 7 >>> 3];
    superblockBounds = new byte[superblocks];
    listSizes = new byte[superblocks];
    groupLengths = new short[superblocks];
    IndexOutput created = null;
    boolean done = false;
    try {
      created = create(BlockMaxPostingsFormat.DATA_EXTENSION, BlockMaxPostingsFormat.DATA_CODEC);
      data = created;
      bounds = create(BlockMaxPostingsFormat.BOUNDS_EXTENSION, BlockMaxPostingsFormat.BOUNDS_CODEC);
      done = true;
    } finally {
      if (!done) {
        IOUtils.closeWhileHandlingException(created);
      }
    }
  }

  private IndexOutput create(String extension, String codec) throws IOException {
    IndexOutput output =
        state.directory.createOutput(
            IndexFileNames.segmentFileName(state.segmentInfo.name, state.segmentSuffix, extension),
            state.context);
    boolean done = false;
    try {
      CodecUtil.writeIndexHeader(
          output,
          codec,
          BlockMaxPostingsFormat.VERSION,
          state.segmentInfo.getId(),
          state.segmentSuffix);
      done = true;
      return output;
    } finally {
      if (!done) {
        IOUtils.closeWhileHandlingException(output);
      }
    }
  }

  @Override
  public void init(IndexOutput termsOut, SegmentWriteState state) throws IOException {
    CodecUtil.writeIndexHeader(
        termsOut,
        BlockMaxPostingsFormat.TERMS_CODEC,
        BlockMaxPostingsFormat.VERSION,
        state.segmentInfo.getId(),
        state.segmentSuffix);
  }

  @Override
  public void setField(FieldInfo field) {
    lastData = 0;
    lastBounds = 0;
  }

  @Override
  public BlockTermState writeTerm(
      BytesRef term, TermsEnum termsEnum, FixedBitSet docsSeen, NormsProducer norms)
      throws IOException {
    postings = termsEnum.postings(postings, PostingsEnum.FREQS);
    int count = 0;
    int least = Integer.MAX_VALUE;
    int greatest = 0;
    long total = 0;
    for (int document = postings.nextDoc();
        document != DocIdSetIterator.NO_MORE_DOCS;
        document = postings.nextDoc()) {
      if (count == documents.length) {
        documents = ArrayUtil.grow(documents);
        frequencies = ArrayUtil.growExact(frequencies, documents.length);
      }
      int frequency = postings.freq();
      documents[count] = document;
      frequencies[count++] = frequency;
      least = Math.min(least, frequency);
      greatest = Math.max(greatest, frequency);
      total += frequency;
      docsSeen.set(document);
    }
    if (count == 0) {
      return null;
    }
    BlockMaxTermState written = new BlockMaxTermState();
    written.docFreq = count;
    written.totalTermFreq = total;
    written.dataPointer = data.getFilePointer();
    written.boundsPointer = bounds.getFilePointer();
    if (count == 1) {
      written.singleton = documents[0];
      return written;
    }
    data.writeVInt(least);
    data.writeVInt(greatest - least);
    if (BlockMaxPostingsFormat.isList(count, maxDoc)) {
      packed.clear();
      packList(0, count, 0, maxDoc, least, PackedBits.width(greatest - least));
      data.writeBytes(packed.bytes(), packed.length());
    } else {
      writeGroups(count, least, greatest);
    }
    return written;
  }

  private void writeGroups(int count, int least, int greatest) throws IOException {
    Arrays.fill(present, (byte) 0);
    Arrays.fill(blockGroups, (byte) 0);
    // Of what is no feature, every bound is the greatest.
    double unit =
        BlockMaxPostings.isFeature(least, greatest)
            ? BlockMaxPostings.UNITS / (double) PostingWeight.ofFrequency(greatest)
            : Double.POSITIVE_INFINITY;
    GroupWidths widths = new GroupWidths(least, greatest);
    int groups = 0;
    int lists = 0;
    int blockGroupCount = 0;
    int blockBoundBytes = 0;
    for (int from = 0, to; from < count; from = to) {
      int superblock = documents[from] / SUPERBLOCK;
      int base = superblock * SUPERBLOCK;
      to = from;
      int top = 0;
      while (to < count && documents[to] < base + SUPERBLOCK) {
        top = Math.max(top, frequencies[to++]);
      }
      present[superblock >>> 3] |= (byte) (1 << (superblock & 7));
      byte bound = bound(top, unit);
      superblockBounds[groups++] = bound;
      int width = widths.of(bound);
      packed.clear();
      if (to - from >= BlockMaxPostingsFormat.BOUNDED_LIST) {
        int each = to - from > BlockMaxPostingsFormat.LIST ? 1 : BlockMaxPostingsFormat.COARSE;
        blockBoundBytes = addBlockBounds(from, to, each, unit, bound + 128, blockBoundBytes);
      }
      if (to - from <= BlockMaxPostingsFormat.LIST) {
        listSizes[lists++] = (byte) (to - from - 1);
        packList(from, to, base, SUPERBLOCK, least, width);
      } else {
        blockGroups[superblock >>> 3] |= (byte) (1 << (superblock & 7));
        packBlocks(from, to, base, least, width);
        groupLengths[blockGroupCount++] = (short) packed.length();
      }
      data.writeBytes(packed.bytes(), packed.length());
    }
    bounds.writeBytes(present, present.length);
    bounds.writeBytes(blockGroups, blockGroups.length);
    bounds.writeBytes(superblockBounds, groups);
    bounds.writeBytes(listSizes, lists);
    for (int i = 0; i < blockGroupCount; i++) {
      bounds.writeShort(groupLengths[i]);
    }
    bounds.writeBytes(blockBounds, blockBoundBytes);
  }

  private static byte bound(int frequency, double unit) {
    if (unit == Double.POSITIVE_INFINITY) {
      return (byte) (BlockMaxPostings.UNITS - 128);
    }
    double units = Math.ceil(PostingWeight.ofFrequency(frequency) * unit);
    return (byte) (Math.min(units, BlockMaxPostings.UNITS) - 128);
  }

  /**
   * Adds the bounds of a superblock's blocks.
   *
   * @param each how many blocks have one together
   * @param units the superblock's bound
   * @param at how many bytes there are before; returns how many there are then
   */
  private int addBlockBounds(int from, int to, int each, double unit, int units, int at) {
    Arrays.fill(bounded, (byte) 0);
    for (int i = from; i < to; i++) {
      int number = documents[i] % SUPERBLOCK / (BLOCK * each);
      int bound = BlockMaxPostings.PARTS;
      if (unit != Double.POSITIVE_INFINITY) {
        double parts = PostingWeight.ofFrequency(frequencies[i]) * unit * bound / units;
        bound = (int) Math.min(bound, Math.ceil(parts));
      }
      bounded[number] = (byte) Math.max(bounded[number], bound);
    }
    int length = BlockMaxPostingsFormat.BLOCK_BOUND_BYTES / each;
    blockBounds = ArrayUtil.grow(blockBounds, at + length);
    Arrays.fill(blockBounds, at, at + length, (byte) 0);
    for (int number = 0; number < BLOCKS / each; number++) {
      int bit =
          each == 1 ? number % 16 / 4 * Long.SIZE + number / 16 * 16 + number % 4 * 4 : number * 4;
      blockBounds[at + (bit >>> 3)] |= (byte) (bounded[number] << (bit & 7));
    }
    return at + length;
  }

  private void packList(int from, int to, int base, int universe, int least, int width) {
    int lowBits = PackedBits.lowBits(to - from, universe);
    packed.addRising(documents, base, frequencies, least, from, to, universe, lowBits, width);
  }

  private void packBlocks(int from, int to, int base, int least, int width) {
    long blocks = 0;
    for (int i = from; i < to; i++) {
      blocks |= 1L << (documents[i] - base) / BLOCK;
    }
    int count = to - from;
    int lowBits = BlockMaxPostings.LOW_BITS;
    boolean bitmaps =
        Long.SIZE + Long.bitCount(blocks) * BLOCK
            <= PackedBits.upperBits(count, SUPERBLOCK, lowBits) + count * lowBits;
    packed.add(count - 1 | (bitmaps ? BlockMaxPostings.BITMAPS : 0), Short.SIZE);
    if (!bitmaps) {
      packed.addRising(documents, base, frequencies, least, from, to, SUPERBLOCK, lowBits, width);
      return;
    }
    packed.add(blocks & 0xFFFFFFFFL, Integer.SIZE);
    packed.add(blocks >>> Integer.SIZE, Integer.SIZE);
    for (int i = from; i < to; ) {
      int block = (documents[i] - base) / BLOCK;
      long bitmap = 0;
      while (i < to && (documents[i] - base) / BLOCK == block) {
        bitmap |= 1L << (documents[i++] & BLOCK - 1);
      }
      packed.add(bitmap, Integer.SIZE);
    }
    for (int i = from; i < to; i++) {
      packed.add(frequencies[i] - least, width);
    }
  }

  @Override
  public void encodeTerm(
      DataOutput out, FieldInfo field, BlockTermState termState, boolean absolute)
      throws IOException {
    BlockMaxTermState term = (BlockMaxTermState) termState;
    if (absolute) {
      lastData = 0;
      lastBounds = 0;
    }
    if (term.docFreq == 1) {
      out.writeVInt(term.singleton);
      return;
    }
    out.writeVLong(term.dataPointer - lastData);
    lastData = term.dataPointer;
    if (!BlockMaxPostingsFormat.isList(term.docFreq, maxDoc)) {
      out.writeVLong(term.boundsPointer - lastBounds);
      lastBounds = term.boundsPointer;
    }
  }

  /** The length of the postings file, once this is closed. */
  long dataLength() {
    return dataLength;
  }

  /** The length of the bounds file, once this is closed. */
  long boundsLength() {
    return boundsLength;
  }

  @Override
  public void close() throws IOException {
    if (dataLength > 0) {
      return;
    }
    try (data;
        bounds) {
      CodecUtil.writeFooter(data);
      CodecUtil.writeFooter(bounds);
      dataLength = data.getFilePointer();
      boundsLength = bounds.getFilePointer();
    }
  }
}
