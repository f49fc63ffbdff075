package io.m3lex.codec;

import java.io.IOException;
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
 * other, a superblock's postings are read by {@link #load}: again as a list, if they are few, or
 * block by block, with a bound for each block.
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

  /** How many longs have the bounds of a superblock's blocks. */
  public static final int BOUND_LONGS = 4;

  /** The greatest number of postings that a superblock gives as a list. */
  public static final int LIST = BlockMaxPostingsFormat.LIST;

  /** Low bits of a document of a block group: its number in the block. */
  static final int LOW_BITS = 5;

  /** Set in the first short of a block group whose documents are bitmaps. */
  static final int BITMAPS = 1 << 15;

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
  private int width;
  private long dataStart;

  // Of each superblock, for a term that is not a list.
  private byte[] superblockBounds;
  private int[] groupStarts;
  private int[] listSizes;
  private int[] boundStarts;

  /** The bounds of the blocks of all superblocks, as they are stored. */
  private byte[] blockBounds;

  // Of the loaded superblock, or of all documents of a list.
  private byte[] bytes = new byte[PackedBits.SLACK];
  private int[] documentsOfList = {};
  private int count;
  private int weightsAt;
  private boolean bitmaps;

  /** Takes copies of the files. */
  BlockMaxPostings(int maxDoc, IndexInput data, IndexInput bounds) {
    this.maxDoc = maxDoc;
    this.data = data.clone();
    this.bounds = bounds.clone();
  }

  /** Goes to a term. */
  void seek(BlockMaxTermState term) throws IOException {
    documents = term.docFreq;
    singleton = term.singleton;
    if (singleton >= 0) {
      least = greatest = Math.toIntExact(term.totalTermFreq);
      width = 0;
      return;
    }
    data.seek(term.dataPointer);
    width = data.readByte();
    least = data.readVInt();
    greatest = least + data.readVInt();
    dataStart = data.getFilePointer();
    if (!isList()) {
      readDirectory(term.boundsPointer);
    }
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
    superblockBounds = new byte[superblocks];
    groupStarts = new int[superblocks + 1];
    listSizes = new int[superblocks];
    boundStarts = new int[superblocks];
    int group = 0;
    int list = groups;
    int boundStart = 0;
    int lengths = groups + lists;
    long at = 0;
    for (int superblock = 0; superblock < superblocks; superblock++) {
      groupStarts[superblock] = Math.toIntExact(at);
      int bit = 1 << (superblock & 7);
      if ((bitmaps[superblock >>> 3] & bit) == 0) {
        superblockBounds[superblock] = -128;
        continue;
      }
      superblockBounds[superblock] = sizes[group++];
      boundStarts[superblock] = boundStart;
      if ((bitmaps[bitmapBytes + (superblock >>> 3)] & bit) == 0) {
        int size = (sizes[list++] & 0xFF) + 1;
        listSizes[superblock] = size;
        at += listBytes(size, SUPERBLOCK);
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
    blockBounds = new byte[boundStart];
    bounds.readBytes(blockBounds, 0, boundStart);
  }

  private static int bits(byte[] bytes, int from, int length) {
    int bits = 0;
    for (int i = from; i < from + length; i++) {
      bits += Integer.bitCount(bytes[i] & 0xFF);
    }
    return bits;
  }

  private int listBytes(int size, int universe) {
    int bits = PackedBits.risingBits(size, universe, PackedBits.lowBits(size, universe));
    return bits + size * width + 7 >>> 3;
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
      return;
    }
    data.seek(dataStart);
    readListAt(documents, maxDoc, listBytes(documents, maxDoc), 0, to);
  }

  private void readListAt(int size, int universe, int length, int base, int[] to)
      throws IOException {
    bytes = ArrayUtil.growNoCopy(bytes, length + PackedBits.SLACK);
    data.readBytes(bytes, 0, length);
    int lowBits = PackedBits.lowBits(size, universe);
    PackedBits.getRising(bytes, 0, size, universe, lowBits, base, to);
    weightsAt = PackedBits.risingBits(size, universe, lowBits);
  }

  private void weights(float[] weights) {
    int mask = PackedBits.mask(width);
    for (int i = 0, bit = weightsAt; i < count; i++, bit += width) {
      weights[i] = PostingWeight.ofFrequency(least + PackedBits.get(bytes, bit, mask));
    }
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
    int size = listSizes[superblock];
    return size >= BlockMaxPostingsFormat.BOUNDED_LIST || size == BLOCK_GROUP;
  }

  /**
   * Reads a superblock whose postings are a list, and adds to its documents the products of their
   * weights, rounded to float, and a weight of a query.
   *
   * @param blocks a bit for each block whose documents are wanted; others are left out
   * @param to gets the documents' numbers in the superblock, rising; at least {@link #LIST} long
   * @param sums of the {@value #SUPERBLOCK} documents
   * @return how many there are
   */
  public int addList(int superblock, long blocks, float queryWeight, int[] to, double[] sums)
      throws IOException {
    readList(superblock, 0, to);
    int mask = PackedBits.mask(width);
    int wanted = 0;
    for (int i = 0, bit = weightsAt; i < count; i++, bit += width) {
      int document = to[i];
      if ((blocks >>> document / BLOCK & 1) != 0) {
        sums[document] +=
            queryWeight * PostingWeight.ofFrequency(least + PackedBits.get(bytes, bit, mask));
        to[wanted++] = document;
      }
    }
    return wanted;
  }

  private void readList(int superblock, int base, int[] to) throws IOException {
    count = listSizes[superblock];
    data.seek(dataStart + groupStarts[superblock]);
    int length = groupStarts[superblock + 1] - groupStarts[superblock];
    readListAt(count, SUPERBLOCK, length, base, to);
  }

  /**
   * Reads the bounds of a superblock's blocks: whole numbers of {@value #PARTS}ths of the
   * superblock's bound, four bits each. That of block {@code b} is in the long {@code b % 16 / 4},
   * from its bit {@code b / 16 * 16 + b % 4 * 4} on: shifted and masked, a long gives the bounds of
   * four blocks that are 16 apart, in 16 bits each.
   *
   * @param to gets four longs
   * @param at index of the first
   */
  public void readBlockBounds(int superblock, long[] to, int at) {
    int from = boundStarts[superblock];
    if (hasBlocks(superblock)) {
      for (int i = 0; i < BOUND_LONGS; i++) {
        to[at + i] = (long) BitUtil.VH_LE_LONG.get(blockBounds, from + i * Long.BYTES);
      }
    } else {
      long all = (long) BitUtil.VH_LE_LONG.get(blockBounds, from);
      for (int i = 0; i < BOUND_LONGS; i++) {
        // Each for four blocks.
        to[at + i] = (all >>> 4 * i & 0x000F000F000F000FL) * 0x1111;
      }
    }
  }

  /**
   * Reads a block group.
   *
   * @param documentsOnly leaves out the weights, if the documents are bitmaps
   */
  private void loadBlocks(int superblock, boolean documentsOnly) throws IOException {
    int length = groupStarts[superblock + 1] - groupStarts[superblock];
    if (documentsOnly) {
      length = Math.min(length, bitmapAt(BLOCKS));
    }
    bytes = ArrayUtil.growNoCopy(bytes, length + PackedBits.SLACK);
    data.seek(dataStart + groupStarts[superblock]);
    data.readBytes(bytes, 0, length);
    int head = (short) BitUtil.VH_LE_SHORT.get(bytes, 0);
    bitmaps = (head & BITMAPS) != 0;
    if (documentsOnly && !bitmaps) {
      loadBlocks(superblock, false);
      return;
    }
    count = (head & BITMAPS - 1) + 1;
    if (bitmaps) {
      long blocks = (long) BitUtil.VH_LE_LONG.get(bytes, Short.BYTES);
      weightsAt = Short.BYTES + Long.BYTES + Long.bitCount(blocks) * Integer.BYTES << 3;
    } else {
      int rising = PackedBits.risingBits(count, SUPERBLOCK, LOW_BITS);
      weightsAt = Short.BYTES + (rising + 7 >>> 3) << 3;
    }
  }

  /**
   * Adds to some documents of a superblock the products of their weights, rounded to float, and a
   * weight of a query.
   *
   * @param wanted a bit for each document, a number for each of the {@value #BLOCKS} blocks
   * @param wantedBlocks a bit for each block that has any of these documents
   * @param sums of the {@value #SUPERBLOCK} documents
   */
  public void addProducts(
      int superblock, int[] wanted, long wantedBlocks, float queryWeight, double[] sums)
      throws IOException {
    if (!hasBlocks(superblock)) {
      addList(superblock, wanted, queryWeight, sums);
      return;
    }
    boolean few = Long.bitCount(wantedBlocks) <= FEW_BLOCKS;
    loadBlocks(superblock, few);
    if (!bitmaps) {
      addRising(wanted, queryWeight, sums);
    } else if (few) {
      addFew(superblock, wanted, wantedBlocks, queryWeight, sums);
    } else {
      addBitmaps(wanted, wantedBlocks, queryWeight, sums);
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
      for (int rest = bitmap & wanted[block]; rest != 0; rest &= rest - 1) {
        int index = before + Integer.bitCount(bitmap & (rest & -rest) - 1);
        int bit = weightsAt + index * width;
        data.seek(start + (bit >>> 3));
        // There is a footer behind the last weight, so that eight bytes can always be read.
        int code = (int) (data.readLong() >>> (bit & 7)) & mask;
        sums[block * BLOCK + Integer.numberOfTrailingZeros(rest)] +=
            queryWeight * PostingWeight.ofFrequency(least + code);
      }
    }
  }

  private static int bitmapAt(int number) {
    return Short.BYTES + Long.BYTES + number * Integer.BYTES;
  }

  private void addList(int superblock, int[] wanted, float queryWeight, double[] sums)
      throws IOException {
    documentsOfList = ArrayUtil.growNoCopy(documentsOfList, LIST);
    readList(superblock, 0, documentsOfList);
    int mask = PackedBits.mask(width);
    for (int i = 0; i < count; i++) {
      int document = documentsOfList[i];
      if ((wanted[document / BLOCK] >>> document & 1) != 0) {
        int code = PackedBits.get(bytes, weightsAt + i * width, mask);
        sums[document] += queryWeight * PostingWeight.ofFrequency(least + code);
      }
    }
  }

  private void addBitmaps(int[] wanted, long wantedBlocks, float queryWeight, double[] sums) {
    int at = Short.BYTES + Long.BYTES;
    int mask = PackedBits.mask(width);
    int bit = weightsAt;
    for (long present = (long) BitUtil.VH_LE_LONG.get(bytes, Short.BYTES);
        present != 0 && wantedBlocks >>> Long.numberOfTrailingZeros(present) != 0;
        present &= present - 1) {
      int block = Long.numberOfTrailingZeros(present);
      int bitmap = (int) BitUtil.VH_LE_INT.get(bytes, at);
      for (int rest = bitmap & wanted[block]; rest != 0; rest &= rest - 1) {
        int index = Integer.bitCount(bitmap & (rest & -rest) - 1);
        int code = PackedBits.get(bytes, bit + index * width, mask);
        sums[block * BLOCK + Integer.numberOfTrailingZeros(rest)] +=
            queryWeight * PostingWeight.ofFrequency(least + code);
      }
      bit += Integer.bitCount(bitmap) * width;
      at += Integer.BYTES;
    }
  }

  private void addRising(int[] wanted, float queryWeight, double[] sums) {
    int lowMask = BLOCK - 1;
    int mask = PackedBits.mask(width);
    int start = Short.BYTES;
    int low = (start << 3) + PackedBits.upperBits(count, SUPERBLOCK, LOW_BITS);
    int i = 0;
    for (int word = 0; i < count; word++) {
      long ones = (long) BitUtil.VH_LE_LONG.get(bytes, start + (word << 3));
      for (; ones != 0 && i < count; ones &= ones - 1, i++) {
        int block = (word << 6) + Long.numberOfTrailingZeros(ones) - i;
        if (wanted[block] != 0) {
          int document = PackedBits.get(bytes, low + i * LOW_BITS, lowMask);
          if ((wanted[block] >>> document & 1) != 0) {
            int code = PackedBits.get(bytes, weightsAt + i * width, mask);
            sums[block << LOW_BITS | document] +=
                queryWeight * PostingWeight.ofFrequency(least + code);
          }
        }
      }
    }
  }

  /**
   * Reads the documents of a superblock, whichever form they have.
   *
   * @return how many they are
   */
  int readDocuments(int superblock, int[] to) throws IOException {
    int base = superblock * SUPERBLOCK;
    if (!hasBlocks(superblock)) {
      readList(superblock, base, to);
      return count;
    }
    loadBlocks(superblock, false);
    if (!bitmaps) {
      PackedBits.getRising(bytes, Short.BYTES, count, SUPERBLOCK, LOW_BITS, base, to);
      return count;
    }
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
    return count;
  }

  /** The frequency of one of the documents that were read last. */
  int frequency(int index) {
    return least + PackedBits.get(bytes, weightsAt + index * width, PackedBits.mask(width));
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
