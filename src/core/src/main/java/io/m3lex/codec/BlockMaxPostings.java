/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.io.IOException;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.BitUtil;

/**
 * One term's postings in one segment, with upper bounds of their weights: what a scorer needs that
 * does not go from document to document. Documents are cut into superblocks of {@value
 * #SUPERBLOCK}, these into blocks of {@value #BLOCK}.
 *
 * <p>A term of few documents {@linkplain #isList() is a list}, which is read as a whole. Of any
 * other, a superblock's postings are a list again, {@linkplain #addList added up} as a whole, if
 * they are few, or they are {@linkplain #addProducts added} block by block, with a bound for each.
 *
 * <p>Bounds are whole numbers of {@value #UNITS}ths of {@link #greatestWeight}, never less than the
 * weight, and stored less 128, so that loops over signed bytes can be turned into vector
 * instructions. Not safe for use by several threads.
 */
public final class BlockMaxPostings {

  /** Documents of a block. */
  public static final int BLOCK = 32;

  /** Blocks of a superblock. */
  public static final int BLOCKS = 64;

  /** Documents of a superblock. */
  public static final int SUPERBLOCK = BLOCK * BLOCKS;

  /** The bound of the greatest weight, before 128 is subtracted. */
  public static final int UNITS = 255;

  /** The bound of a block that is as great as its superblock's. */
  public static final int PARTS = 15;

  /** Floats that are needed to add products. */
  public static final int ROOM = SUPERBLOCK + BlockArithmetic.SLACK;

  /** How many longs have the bounds of a superblock's blocks. */
  public static final int BOUND_LONGS = 4;

  /** The greatest number of postings that a superblock gives as a list. */
  public static final int LIST = BlockMaxPostingsFormat.LIST;

  /** Low bits of a document of a block group: its number in the block. */
  static final int LOW_BITS = 5;

  /** Set in the first short of a block group whose documents are bitmaps. */
  static final int BITMAPS = 1 << 15;

  /** The bits of a {@linkplain #find found} posting that are its document. */
  private static final int DOCUMENT = (1 << Short.SIZE) - 1;

  /** Stands for the size of a list where there is a block group. */
  private static final int BLOCK_GROUP = -1;

  /** For no more blocks, weights are read one by one. */
  private static final int FEW_BLOCKS = 8;

  /** The frequencies between which those of features lie. */
  private static final int LEAST_FEATURE = Float.floatToIntBits(PostingWeight.LEAST) >>> 15;

  private static final int GREATEST_FEATURE = Float.floatToIntBits(PostingWeight.GREATEST) >>> 15;

  private final int maxDoc;
  private final IndexInput data;
  private final IndexInput bounds;

  private int documents;
  private int singleton;
  private int least;
  private int greatest;
  private long dataStart;

  // Of each superblock, for a term that is not a list.
  private byte[] superblockBounds;
  private GroupWidths widths;
  private int[] groupStarts;
  private int[] listSizes;
  private int[] boundStarts;
  private long blockBoundsStart;

  /** The superblock whose postings are loaded; -1 for none. */
  private int loaded = -1;

  /** Whether weights are not loaded, but only documents that are bitmaps. */
  private boolean documentsOnly;

  // Of the loaded superblock, or of all documents of a list.
  private byte[] bytes = new byte[PackedBits.SLACK];

  /** The postings that were {@linkplain #find found}. */
  private int[] postings = {};

  private final byte[] weightsOfBlock = new byte[BLOCK * Integer.BYTES + PackedBits.SLACK + 1];
  private int count;
  private boolean bitmaps;

  /** The bits of a weight, where the first begins, and how far they are apart. */
  private int width;

  private int weightsAt;
  private int step;

  /** Takes copies of the files. */
  BlockMaxPostings(int maxDoc, IndexInput data, IndexInput bounds) {
    this.maxDoc = maxDoc;
    this.data = data.clone();
    this.bounds = bounds.clone();
  }

  /** Goes to a term. */
  void seek(BlockMaxTermState term) throws IOException {
    loaded = -1;
    documents = term.docFreq;
    singleton = term.singleton;
    try {
      if (singleton >= 0) {
        least = greatest = Math.toIntExact(term.totalTermFreq);
        requireSound(singleton < maxDoc);
        return;
      }
      data.seek(term.dataPointer);
      least = data.readVInt();
      greatest = least + data.readVInt();
      requireSound(least >= 0 && greatest >= least);
      width = PackedBits.width(greatest - least);
      dataStart = data.getFilePointer();
      if (!isList()) {
        readDirectory(term.boundsPointer);
      }
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw damaged(e);
    }
  }

  private void requireSound(boolean sound) throws CorruptIndexException {
    if (!sound) {
      throw damaged(null);
    }
  }

  /**
   * Postings are not verified before they are read, so that what is damaged may lead anywhere: to
   * places outside an array as well.
   */
  private CorruptIndexException damaged(RuntimeException e) {
    return new CorruptIndexException(
        "a term's postings are damaged; CheckIndex says whether others are as well", data, e);
  }

  /**
   * The postings with bounds behind ordinary ones.
   *
   * @return null if the ordinary ones are not of {@link BlockMaxPostingsFormat}, or have
   *     frequencies that no feature's weight has
   */
  public static BlockMaxPostings of(PostingsEnum postings) {
    if (postings instanceof BlockMaxPostingsEnum own && own.postings().isFeature()) {
      return own.postings();
    }
    return null;
  }

  private boolean isFeature() {
    return isFeature(least, greatest);
  }

  /** Whether frequencies from the least to the greatest can be those of features. */
  static boolean isFeature(int least, int greatest) {
    return least >= LEAST_FEATURE && greatest <= GREATEST_FEATURE;
  }

  /** The number of documents of the term, deleted ones included. */
  public int documents() {
    return documents;
  }

  /** The number of documents of the segment, deleted ones included. */
  public int maxDoc() {
    return maxDoc;
  }

  /** No weight is less. */
  public float leastWeight() {
    return PostingWeight.ofFrequency(least);
  }

  /** The greatest weight of any document. */
  public float greatestWeight() {
    return PostingWeight.ofFrequency(greatest);
  }

  int greatestFrequency() {
    return greatest;
  }

  /** Whether there are so few documents that they are read as a whole, by {@link #readList}. */
  public boolean isList() {
    return BlockMaxPostingsFormat.isList(documents, maxDoc);
  }

  private void readDirectory(long start) throws IOException {
    int superblocks = BlockMaxPostingsFormat.superblocks(maxDoc);
    int bitmapBytes = superblocks + 7 >>> 3;
    bounds.seek(start);
    byte[] bitmaps = new byte[2 * bitmapBytes];
    bounds.readBytes(bitmaps, 0, bitmaps.length);
    int groups = bits(bitmaps, 0, bitmapBytes);
    int blockGroups = bits(bitmaps, bitmapBytes, bitmapBytes);
    int lists = groups - blockGroups;
    byte[] sizes = new byte[groups + lists + 2 * blockGroups];
    bounds.readBytes(sizes, 0, sizes.length);
    blockBoundsStart = bounds.getFilePointer();
    superblockBounds = new byte[superblocks];
    widths = new GroupWidths(least, greatest);
    groupStarts = new int[superblocks + 1];
    listSizes = new int[superblocks];
    boundStarts = new int[superblocks + 1];
    int group = 0;
    int list = groups;
    int boundStart = 0;
    int lengths = groups + lists;
    long at = 0;
    for (int superblock = 0; superblock < superblocks; superblock++) {
      groupStarts[superblock] = Math.toIntExact(at);
      boundStarts[superblock] = boundStart;
      int bit = 1 << (superblock & 7);
      if ((bitmaps[superblock >>> 3] & bit) == 0) {
        superblockBounds[superblock] = -128;
        continue;
      }
      superblockBounds[superblock] = sizes[group++];
      if ((bitmaps[bitmapBytes + (superblock >>> 3)] & bit) == 0) {
        int size = (sizes[list++] & 0xFF) + 1;
        listSizes[superblock] = size;
        at += listBytes(size, SUPERBLOCK, widths.of(superblockBounds[superblock]));
        if (size >= BlockMaxPostingsFormat.BOUNDED_LIST) {
          boundStart += BlockMaxPostingsFormat.COARSE_BOUND_BYTES;
        }
      } else {
        listSizes[superblock] = BLOCK_GROUP;
        boundStart += BlockMaxPostingsFormat.BLOCK_BOUND_BYTES;
        at += (short) BitUtil.VH_LE_SHORT.get(sizes, lengths) & 0xFFFF;
        lengths += 2;
      }
    }
    groupStarts[superblocks] = Math.toIntExact(at);
    boundStarts[superblocks] = boundStart;
  }

  private static int bits(byte[] bytes, int from, int length) {
    int bits = 0;
    for (int i = from; i < from + length; i++) {
      bits += Integer.bitCount(bytes[i] & 0xFF);
    }
    return bits;
  }

  private static int listBytes(int size, int universe, int width) {
    int lowBits = PackedBits.lowBits(size, universe);
    return PackedBits.upperBits(size, universe, lowBits) + size * (lowBits + width) + 7 >>> 3;
  }

  /**
   * Reads a list.
   *
   * @param to gets the documents, rising; at least as long as their number
   * @param weights gets their weights; null to leave them out
   */
  public void readList(int[] to, float[] weights) throws IOException {
    readAll(to);
    if (weights != null) {
      weights(weights);
    }
  }

  void readAll(int[] to) throws IOException {
    count = documents;
    if (singleton >= 0) {
      to[0] = singleton;
      weightsAt = 0;
      width = 0;
      return;
    }
    data.seek(dataStart);
    loadList(documents, maxDoc, listBytes(documents, maxDoc, width));
    int lowBits = PackedBits.lowBits(documents, maxDoc);
    try {
      PackedBits.getRising(bytes, 0, documents, maxDoc, lowBits, width, 0, to);
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
    requireRising(to, 0, maxDoc);
  }

  /** Documents that do not rise, or are none, would mislead whoever goes through them. */
  private void requireRising(int[] to, int from, int end) throws CorruptIndexException {
    int wrong = to[0] - from | end - 1 - to[count - 1];
    for (int i = 1; i < count; i++) {
      wrong |= to[i] - to[i - 1] - 1;
    }
    requireSound(wrong >= 0);
  }

  private void weights(float[] weights) {
    int mask = PackedBits.mask(width);
    for (int i = 0, bit = weightsAt; i < count; i++, bit += step) {
      weights[i] = PostingWeight.ofFrequency(least + PackedBits.get(bytes, bit, mask));
    }
  }

  /** Weights are behind the low bits of rising numbers. */
  private void setRising(int start, int universe, int lowBits) {
    step = lowBits + width;
    weightsAt = (start << 3) + PackedBits.upperBits(count, universe, lowBits) + lowBits;
  }

  /** The bound of every superblock. Do not change it. */
  public byte[] superblockBounds() {
    return superblockBounds;
  }

  /** Whether a superblock has any of the term's documents. */
  public boolean has(int superblock) {
    return listSizes[superblock] != 0;
  }

  /** Whether a superblock's postings, of which there are some, are few enough for a list. */
  public boolean hasList(int superblock) {
    return listSizes[superblock] > 0;
  }

  private boolean hasBlocks(int superblock) {
    return listSizes[superblock] == BLOCK_GROUP;
  }

  /** Whether a superblock has bounds for its blocks. */
  public boolean hasBlockBounds(int superblock) {
    return boundStarts[superblock] != boundStarts[superblock + 1];
  }

  /**
   * Reads a superblock whose postings are a list, and adds to its documents the products of their
   * weights, rounded to float, and a weight of a query.
   *
   * @param blocks a bit for each block whose documents are wanted; others are left out
   * @param to gets the documents' numbers in the superblock, rising; must have room for {@link
   *     #LIST}
   * @param at index of the first
   * @param sums of the {@value #SUPERBLOCK} documents
   * @param room {@value #ROOM} floats for what is computed on the way; what they were is lost
   * @return how many there are
   */
  public int addList(
      int superblock, long blocks, float queryWeight, int[] to, int at, double[] sums, float[] room)
      throws IOException {
    loadList(superblock);
    try {
      int found = find(0, PackedBits.lowBits(count, SUPERBLOCK), blocks);
      requireWithin(superblock, found);
      addFound(found, queryWeight, sums, room);
      for (int i = 0; i < found; i++) {
        to[at + i] = postings[i] & DOCUMENT;
      }
      return found;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
  }

  /** In the last superblock, not every number is a document's. */
  private void requireWithin(int superblock, int found) throws CorruptIndexException {
    int end = maxDoc - superblock * SUPERBLOCK;
    if (end < SUPERBLOCK) {
      for (int i = 0; i < found; i++) {
        requireSound((postings[i] & DOCUMENT) < end);
      }
    }
  }

  /**
   * Finds the postings of some blocks in rising numbers, and leaves for each in {@link #postings}
   * the document's number in the superblock and, above it, its index in the group.
   */
  private int find(int start, int lowBits, long blocks) {
    postings = ArrayUtil.growNoCopy(postings, count + 1);
    if (Long.bitCount(blocks) <= FEW_BLOCKS) {
      return findFew(start, lowBits, blocks);
    }
    PackedBits.getRising(bytes, start, count, SUPERBLOCK, lowBits, width, 0, postings);
    int found = 0;
    for (int i = 0; i < count; i++) {
      int document = postings[i];
      // Without a branch, because none could be predicted.
      postings[found] = document | i << Short.SIZE;
      found += (int) (blocks >>> document / BLOCK) & 1;
    }
    return found;
  }

  /** Goes from block to block: the high bits of rising numbers tell where each begins. */
  private int findFew(int start, int lowBits, long wantedBlocks) {
    int low = (start << 3) + PackedBits.upperBits(count, SUPERBLOCK, lowBits);
    int lowMask = PackedBits.mask(lowBits);
    int at = start;
    int zerosBefore = 0;
    int found = 0;
    for (long blocks = wantedBlocks; blocks != 0; blocks &= blocks - 1) {
      int block = Long.numberOfTrailingZeros(blocks);
      int high = block * BLOCK >>> lowBits;
      int bit = start << 3;
      if (high > 0) {
        // Behind the zero that ends the documents with the high bits before.
        long zeros = ~(long) BitUtil.VH_LE_LONG.get(bytes, at);
        int number = Long.bitCount(zeros);
        while (zerosBefore + number < high) {
          zerosBefore += number;
          at += Long.BYTES;
          zeros = ~(long) BitUtil.VH_LE_LONG.get(bytes, at);
          number = Long.bitCount(zeros);
        }
        long last = Long.expand(1L << high - zerosBefore - 1, zeros);
        bit = (at << 3) + Long.numberOfTrailingZeros(last) + 1;
      }
      int i = bit - (start << 3) - high;
      for (int end = (block * BLOCK | BLOCK - 1) >>> lowBits; high <= end; high++) {
        long ones = (long) BitUtil.VH_LE_LONG.get(bytes, bit >>> 3) >>> (bit & 7);
        int behind = Math.min(count, i + Long.numberOfTrailingZeros(~ones));
        bit += behind - i + 1;
        for (; i < behind; i++) {
          int document = high << lowBits | PackedBits.get(bytes, low + i * step, lowMask);
          postings[found] = document | i << Short.SIZE;
          found += document / BLOCK == block ? 1 : 0;
        }
      }
    }
    return found;
  }

  private void readList(int superblock, int base, int[] to) throws IOException {
    loadList(superblock);
    int lowBits = PackedBits.lowBits(count, SUPERBLOCK);
    PackedBits.getRising(bytes, 0, count, SUPERBLOCK, lowBits, width, base, to);
  }

  private void loadList(int superblock) throws IOException {
    if (loaded == superblock) {
      return;
    }
    width = widths.of(superblockBounds[superblock]);
    data.seek(dataStart + groupStarts[superblock]);
    int length = groupStarts[superblock + 1] - groupStarts[superblock];
    loadList(listSizes[superblock], SUPERBLOCK, length);
    loaded = superblock;
  }

  private void loadList(int size, int universe, int length) throws IOException {
    loaded = -1;
    count = size;
    bitmaps = false;
    bytes = ArrayUtil.growNoCopy(bytes, length + BlockArithmetic.SLACK);
    data.readBytes(bytes, 0, length);
    setRising(0, universe, PackedBits.lowBits(size, universe));
  }

  /**
   * Reads the bounds of a superblock's blocks, which {@linkplain #hasBlockBounds there are}: whole
   * numbers of {@value #PARTS}ths of the superblock's bound, four bits each. That of block {@code
   * b} is in the long {@code b % 16 / 4}, from bit {@code b / 16 * 16 + b % 4 * 4} on: shifted and
   * masked, a long gives the bounds of four blocks that are 16 apart, in 16 bits each.
   *
   * @param to gets {@value #BOUND_LONGS} longs
   */
  public void readBlockBounds(int superblock, long[] to) throws IOException {
    loadBounds(superblock, superblock + 1);
    if (isCoarse(superblock)) {
      long all = (long) BitUtil.VH_LE_LONG.get(bytes, 0);
      for (int i = 0; i < BOUND_LONGS; i++) {
        // Each for four blocks.
        to[i] = (all >>> 4 * i & BlockArithmetic.FOUR_BOUNDS) * 0x1111;
      }
    } else {
      for (int i = 0; i < BOUND_LONGS; i++) {
        to[i] = (long) BitUtil.VH_LE_LONG.get(bytes, i * Long.BYTES);
      }
    }
  }

  /**
   * Adds the bounds of the blocks of some superblocks to sums, each multiplied by a factor.
   *
   * @param from the first superblock
   * @param end the superblock behind the last
   * @param factors by superblock, from the first on; where it is 0, nothing is added or read
   * @param sums four times {@value #BOUND_LONGS} longs for each superblock of the segment: in long
   *     {@code i} the sums of the blocks {@code i}, {@code i + 16}, {@code i + 32} and {@code i +
   *     48}, in 16 bits each, which must not overflow
   */
  public void addBlockBounds(int from, int end, int[] factors, long[] sums) throws IOException {
    loadBounds(from, end);
    for (int superblock = from; superblock < end; superblock++) {
      int factor = factors[superblock - from];
      if (factor == 0) {
        continue;
      }
      int start = boundStarts[superblock] - boundStarts[from];
      int at = superblock * 4 * BOUND_LONGS;
      if (isCoarse(superblock)) {
        long all = (long) BitUtil.VH_LE_LONG.get(bytes, start);
        for (int i = 0; i < BOUND_LONGS; i++, at += 4) {
          long product = (all >>> 4 * i & BlockArithmetic.FOUR_BOUNDS) * factor;
          sums[at] += product;
          sums[at + 1] += product;
          sums[at + 2] += product;
          sums[at + 3] += product;
        }
      } else {
        BlockArithmetic.FASTEST.addBounds(bytes, start, factor, sums, at);
      }
    }
  }

  private boolean isCoarse(int superblock) {
    return boundStarts[superblock + 1] - boundStarts[superblock]
        == BlockMaxPostingsFormat.COARSE_BOUND_BYTES;
  }

  private void loadBounds(int from, int end) throws IOException {
    loaded = -1;
    int length = boundStarts[end] - boundStarts[from];
    bytes = ArrayUtil.growNoCopy(bytes, length);
    bounds.seek(blockBoundsStart + boundStarts[from]);
    bounds.readBytes(bytes, 0, length);
  }

  /**
   * Reads a block group.
   *
   * @param few leaves out the weights, if the documents are bitmaps
   */
  private void loadBlocks(int superblock, boolean few) throws IOException {
    if (loaded == superblock && (few || !documentsOnly)) {
      return;
    }
    loaded = -1;
    width = widths.of(superblockBounds[superblock]);
    int length = groupStarts[superblock + 1] - groupStarts[superblock];
    if (few) {
      length = Math.min(length, bitmapAt(BLOCKS));
    }
    bytes = ArrayUtil.growNoCopy(bytes, length + BlockArithmetic.SLACK);
    data.seek(dataStart + groupStarts[superblock]);
    data.readBytes(bytes, 0, length);
    int head = (short) BitUtil.VH_LE_SHORT.get(bytes, 0);
    bitmaps = (head & BITMAPS) != 0;
    if (few && !bitmaps) {
      loadBlocks(superblock, false);
      return;
    }
    count = (head & BITMAPS - 1) + 1;
    if (bitmaps) {
      long blocks = (long) BitUtil.VH_LE_LONG.get(bytes, Short.BYTES);
      int number = Long.bitCount(blocks);
      weightsAt = bitmapAt(number) << 3;
      step = width;
      int weights = few ? 0 : count * width;
      requireSound(
          number > 0
              && number <= count
              && weightsAt + weights <= length << 3
              && superblock * SUPERBLOCK + lastOfBitmaps(blocks, number) < maxDoc);
    } else {
      setRising(Short.BYTES, SUPERBLOCK, LOW_BITS);
      requireSound(weightsAt - LOW_BITS + count * step <= length << 3);
    }
    documentsOnly = few;
    loaded = superblock;
  }

  private int lastOfBitmaps(long blocks, int number) {
    int last = (int) BitUtil.VH_LE_INT.get(bytes, bitmapAt(number - 1));
    int block = Long.SIZE - 1 - Long.numberOfLeadingZeros(blocks);
    return block * BLOCK + Integer.SIZE - 1 - Integer.numberOfLeadingZeros(last);
  }

  /**
   * Adds to some documents of a superblock the products of their weights, rounded to float, and a
   * weight of a query.
   *
   * @param wanted a bit for each document, a number for each of the {@value #BLOCKS} blocks
   * @param wantedBlocks a bit for each block that has any of these documents; what is added to sums
   *     of the blocks' other documents is not defined
   * @param sums of the {@value #SUPERBLOCK} documents
   * @param room {@value #ROOM} floats for what is computed on the way; what they were is lost
   */
  public void addProducts(
      int superblock,
      int[] wanted,
      long wantedBlocks,
      float queryWeight,
      double[] sums,
      float[] room)
      throws IOException {
    try {
      boolean few = Long.bitCount(wantedBlocks) <= FEW_BLOCKS;
      int start = 0;
      int lowBits;
      if (hasBlocks(superblock)) {
        loadBlocks(superblock, few);
        start = Short.BYTES;
        lowBits = LOW_BITS;
      } else {
        loadList(superblock);
        lowBits = PackedBits.lowBits(count, SUPERBLOCK);
      }
      if (bitmaps) {
        if (few) {
          addFew(superblock, wanted, wantedBlocks, queryWeight, sums);
        } else {
          BlockArithmetic.FASTEST.addBitmaps(
              packedWeights(),
              (long) BitUtil.VH_LE_LONG.get(bytes, Short.BYTES),
              bitmapAt(0),
              wanted,
              wantedBlocks,
              queryWeight,
              sums,
              room);
        }
      } else if (wantedBlocks == -1 && maxDoc - superblock * SUPERBLOCK >= SUPERBLOCK) {
        addRising(start, lowBits, queryWeight, sums, room);
      } else {
        int found = find(start, lowBits, wantedBlocks);
        requireWithin(superblock, found);
        if (few) {
          addWanted(found, wanted, queryWeight, sums);
        } else {
          addFound(found, queryWeight, sums, room);
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
  }

  private void addWanted(int found, int[] wanted, float queryWeight, double[] sums) {
    int mask = PackedBits.mask(width);
    for (int i = 0; i < found; i++) {
      int document = postings[i] & DOCUMENT;
      if ((wanted[document / BLOCK] >>> document & 1) != 0) {
        int code = PackedBits.get(bytes, weightsAt + (postings[i] >>> Short.SIZE) * step, mask);
        sums[document] += queryWeight * PostingWeight.ofFrequency(least + code);
      }
    }
  }

  private void addRising(int start, int lowBits, float queryWeight, double[] sums, float[] room) {
    BlockArithmetic.FASTEST.readProducts(packedWeights(), queryWeight, room);
    int low = (start << 3) + PackedBits.upperBits(count, SUPERBLOCK, lowBits);
    int mask = PackedBits.mask(lowBits);
    int i = 0;
    for (int at = start; i < count; at += Long.BYTES) {
      int before = (at - start << 3) - i;
      for (long ones = (long) BitUtil.VH_LE_LONG.get(bytes, at);
          ones != 0 && i < count;
          ones &= ones - 1) {
        int high = before + Long.numberOfTrailingZeros(ones);
        before--;
        sums[high << lowBits | PackedBits.get(bytes, low, mask)] += room[i++];
        low += step;
      }
    }
  }

  private void addFound(int found, float queryWeight, double[] sums, float[] room) {
    BlockArithmetic.FASTEST.readProducts(packedWeights(), queryWeight, room);
    for (int i = 0; i < found; i++) {
      sums[postings[i] & DOCUMENT] += room[postings[i] >>> Short.SIZE];
    }
  }

  /** Goes from block to block and reads only the weights of the wanted documents. */
  private void addFew(
      int superblock, int[] wanted, long wantedBlocks, float queryWeight, double[] sums)
      throws IOException {
    long present = (long) BitUtil.VH_LE_LONG.get(bytes, Short.BYTES);
    long start = dataStart + groupStarts[superblock];
    int mask = PackedBits.mask(width);
    int walked = 0;
    int before = 0;
    for (long blocks = wantedBlocks & present; blocks != 0; blocks &= blocks - 1) {
      int block = Long.numberOfTrailingZeros(blocks);
      int number = Long.bitCount(present & (1L << block) - 1);
      for (; walked < number; walked++) {
        before += Integer.bitCount((int) BitUtil.VH_LE_INT.get(bytes, bitmapAt(walked)));
      }
      int bitmap = (int) BitUtil.VH_LE_INT.get(bytes, bitmapAt(number));
      int both = bitmap & wanted[block];
      if (both == 0) {
        continue;
      }
      int skipped = Integer.bitCount(bitmap & (both & -both) - 1);
      int bit = weightsAt + (before + skipped) * width;
      data.seek(start + (bit >>> 3));
      // There is a footer behind the last weight, so that eight more bytes can always be read.
      int length = ((bit & 7) + (Integer.bitCount(bitmap) - skipped) * width >>> 3) + Long.BYTES;
      data.readBytes(weightsOfBlock, 0, length);
      bit = (bit & 7) - skipped * width;
      for (int rest = both; rest != 0; rest &= rest - 1) {
        int index = Integer.bitCount(bitmap & (rest & -rest) - 1);
        int code = PackedBits.get(weightsOfBlock, bit + index * width, mask);
        sums[block * BLOCK + Integer.numberOfTrailingZeros(rest)] +=
            queryWeight * PostingWeight.ofFrequency(least + code);
      }
    }
  }

  private PackedWeights packedWeights() {
    return new PackedWeights(bytes, weightsAt, step, width, least, count);
  }

  private static int bitmapAt(int number) {
    return Short.BYTES + Long.BYTES + number * Integer.BYTES;
  }

  /**
   * Reads the documents of a superblock, whichever form they have.
   *
   * @return how many they are
   */
  int readDocuments(int superblock, int[] to) throws IOException {
    int base = superblock * SUPERBLOCK;
    try {
      if (!hasBlocks(superblock)) {
        readList(superblock, base, to);
      } else {
        loadBlocks(superblock, false);
        if (bitmaps) {
          readBitmaps(base, to);
        } else {
          PackedBits.getRising(bytes, Short.BYTES, count, SUPERBLOCK, LOW_BITS, width, base, to);
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
    requireRising(to, base, Math.min(maxDoc, base + SUPERBLOCK));
    return count;
  }

  private void readBitmaps(int base, int[] to) throws CorruptIndexException {
    int at = Short.BYTES + Long.BYTES;
    int i = 0;
    for (long present = (long) BitUtil.VH_LE_LONG.get(bytes, Short.BYTES);
        present != 0;
        present &= present - 1) {
      int first = base + Long.numberOfTrailingZeros(present) * BLOCK;
      for (int rest = (int) BitUtil.VH_LE_INT.get(bytes, at); rest != 0; rest &= rest - 1) {
        to[i++] = first + Integer.numberOfTrailingZeros(rest);
      }
      at += Integer.BYTES;
    }
    requireSound(i == count);
  }

  /**
   * Whether products are added by vector instructions: to all documents of a superblock it then
   * takes hardly longer than to half of them.
   */
  public static boolean isVectorized() {
    return BlockArithmetic.FASTEST.isVectorized();
  }

  /**
   * Of some documents of a block, those whose sums are at least as great as a number.
   *
   * @param documents a bit for each
   * @param sums of the {@value #SUPERBLOCK} documents of the superblock
   * @param enough not NaN
   */
  public static int reaching(int documents, double[] sums, int block, double enough) {
    return BlockArithmetic.FASTEST.reaching(documents, sums, block * BLOCK, enough);
  }

  /** The frequency of one of the documents that were read last. */
  int frequency(int index) {
    return least + PackedBits.get(bytes, weightsAt + index * step, PackedBits.mask(width));
  }

  /** The greatest frequency that a superblock's bound allows. */
  int greatestFrequency(int superblock) {
    int units = superblockBounds[superblock] + 128;
    if (units == UNITS || !isFeature()) {
      return greatest;
    }
    double weight = (double) units / UNITS * greatestWeight();
    // One more, because the weight was rounded down to a float and its low bits are cut off.
    return Math.max(least, Math.min(greatest, (Float.floatToIntBits((float) weight) >>> 15) + 1));
  }
}
