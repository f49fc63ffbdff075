package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.BLOCKS;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import io.m3lex.codec.BlockMaxPostings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.BytesRef;

/**
 * A query's terms in one segment, scored by superblocks: what all scorers share. A superblock's
 * bound says whether it is worth {@linkplain #open opening}; the bounds of its blocks then say
 * which of them are worth {@linkplain #score scoring}, term by term, into one array of sums.
 *
 * <p>Bounds are integers, because integer additions over bytes become vector instructions, and
 * because their sums are exact: a bound is rounded up from score times {@link #scale}, and the
 * {@linkplain #threshold threshold} down, so that no document of at least the threshold's score is
 * missed.
 */
final class BlockMaxTerms {

  /** More terms could make the sum of rounded bounds exceed an int. */
  static final int GREATEST_NUMBER = 1 << 12;

  /** What a document without any of the terms has in {@link #sums}; any product makes it +0. */
  private static final double NONE = -0.0;

  private static final long NONE_BITS = Double.doubleToRawLongBits(NONE);

  /** All bounds together stay below 2<sup>29</sup>, but for what rounding up adds. */
  private static final double BOUND_RANGE = 1 << 29;

  /** Much more than the relative error of a few operations in float. */
  private static final double MARGIN = 1e-6;

  private final int maxDoc;
  private final double scale;
  private final float factor;
  private long cost;

  /** Terms with bounds, their weights in the query, and what a unit of their bounds counts. */
  private final List<BlockMaxPostings> terms = new ArrayList<>();

  private final float[] weights;
  private final int[] units;

  /** The other terms: all of their documents, and each one's product. */
  private final List<int[]> lists = new ArrayList<>();

  private final List<float[]> listProducts = new ArrayList<>();

  /** The first document of each superblock in a list, and the list's length behind the last. */
  private final List<int[]> listStarts = new ArrayList<>();

  private final int[] superblockBounds;

  // Of the superblock that is open.
  private int superblock = -1;
  private final int[] blockBounds = new int[BLOCKS];
  private final byte[] codes = new byte[BLOCKS];
  private final int[] blockTerms;
  private int blockTermCount;

  /** The documents in lists, by their numbers in the superblock; one may be there several times. */
  private int[] entries = new int[BlockMaxPostings.LIST];

  private int entryCount;
  private final int[] read = new int[BlockMaxPostings.LIST];
  private final double[] needed = new double[BLOCKS];
  private final int[] candidates = new int[BLOCKS];

  /** The scores of the open superblock's documents, as far as they were scored. */
  private final double[] sums = new double[SUPERBLOCK];

  private BlockMaxTerms(
      int maxDoc, List<BlockMaxPostings> found, float[] queryWeights, float factor)
      throws IOException {
    this.maxDoc = maxDoc;
    this.factor = factor;
    double total = 0;
    for (int i = 0; i < found.size(); i++) {
      total += (double) queryWeights[i] * found.get(i).greatestWeight();
      cost += found.get(i).documents();
    }
    scale = BOUND_RANGE / total;
    superblockBounds = new int[(maxDoc + SUPERBLOCK - 1) / SUPERBLOCK];
    weights = new float[found.size()];
    units = new int[found.size()];
    blockTerms = new int[found.size()];
    int base = 0;
    for (int i = 0; i < found.size(); i++) {
      BlockMaxPostings postings = found.get(i);
      if (postings.isList()) {
        addList(postings, queryWeights[i]);
        continue;
      }
      int term = terms.size();
      terms.add(postings);
      weights[term] = queryWeights[i];
      int unit =
          ceiling((double) queryWeights[i] * postings.greatestWeight() / BlockMaxPostings.UNITS);
      units[term] = unit;
      base += 128 * unit;
      addProduct(unit, postings.superblockBounds(), superblockBounds);
    }
    for (int i = 0; i < superblockBounds.length; i++) {
      superblockBounds[i] += base;
    }
    Arrays.fill(sums, NONE);
  }

  private static void addProduct(int unit, byte[] bounds, int[] sums) {
    for (int i = 0; i < bounds.length; i++) {
      sums[i] += unit * bounds[i];
    }
  }

  /** What a product counts in bounds. */
  private int ceiling(double product) {
    return (int) (product * scale * (1 + MARGIN)) + 1;
  }

  private void addList(BlockMaxPostings postings, float weight) throws IOException {
    int count = postings.documents();
    int[] documents = new int[count];
    float[] products = new float[count];
    postings.readList(documents, products);
    int[] starts = new int[superblockBounds.length + 1];
    int next = 0;
    for (int i = 0; i < count; ) {
      int at = documents[i] / SUPERBLOCK;
      while (next <= at) {
        starts[next++] = i;
      }
      float top = 0;
      int end = (at + 1) * SUPERBLOCK;
      for (; i < count && documents[i] < end; i++) {
        products[i] *= weight;
        top = Math.max(top, products[i]);
      }
      superblockBounds[at] += ceiling(top);
    }
    Arrays.fill(starts, next, starts.length, count);
    lists.add(documents);
    listProducts.add(products);
    listStarts.add(starts);
  }

  /**
   * Looks up features.
   *
   * @param maxDoc of the segment
   * @param weights of the features in the query, the boost included
   * @param factor bounds are multiplied by this before they are compared, at most 1
   * @return null if the segment has postings without bounds
   */
  static BlockMaxTerms of(
      int maxDoc, Terms dictionary, BytesRef[] features, float[] weights, float factor)
      throws IOException {
    List<BlockMaxPostings> found = new ArrayList<>(features.length);
    float[] foundWeights = new float[features.length];
    TermsEnum seeker = dictionary.iterator();
    for (int i = 0; i < features.length; i++) {
      if (seeker.seekExact(features[i])) {
        BlockMaxPostings postings = BlockMaxPostings.of(seeker.postings(null, PostingsEnum.FREQS));
        if (postings == null) {
          return null;
        }
        foundWeights[found.size()] = weights[i];
        found.add(postings);
      }
    }
    return new BlockMaxTerms(maxDoc, found, foundWeights, factor);
  }

  /** The number of postings of all terms. */
  long cost() {
    return cost;
  }

  int maxDoc() {
    return maxDoc;
  }

  /** The bounds of all superblocks: 0 where there are no documents. Not to be changed. */
  int[] superblockBounds() {
    return superblockBounds;
  }

  /** The least score, as bounds count, of documents that can have a score; at least 1. */
  int threshold(float score) {
    return (int) Math.max(1, Math.min(least(score) * scale, Integer.MAX_VALUE));
  }

  private double least(float score) {
    return score / (double) factor * (1 - MARGIN);
  }

  /** A score that no document of a bound exceeds. */
  float greatestScore(int bound) {
    return Math.nextUp((float) (bound / scale));
  }

  /** The superblock that was opened last, at first -1. */
  int superblock() {
    return superblock;
  }

  /**
   * Finds the candidates of a superblock. The one before must have been {@linkplain #clear
   * cleared}.
   *
   * @param leastScore what a candidate must be able to reach; 0 if all that match are candidates
   * @return whether there are any
   */
  boolean open(int number, float leastScore) throws IOException {
    superblock = number;
    entryCount = 0;
    blockTermCount = 0;
    long base = 0;
    for (int term = 0; term < terms.size(); term++) {
      BlockMaxPostings postings = terms.get(term);
      if (postings.hasBlocks(number)) {
        if (blockTermCount == 0) {
          Arrays.fill(blockBounds, 0);
        }
        postings.readBlockBounds(number, codes);
        addProduct(units[term], codes, blockBounds);
        base += 128L * units[term];
        blockTerms[blockTermCount++] = term;
      } else if (postings.has(number)) {
        int count = postings.addList(number, weights[term], read, sums);
        entries = ArrayUtil.grow(entries, entryCount + count);
        System.arraycopy(read, 0, entries, entryCount, count);
        entryCount += count;
      }
    }
    for (int i = 0; i < lists.size(); i++) {
      addList(lists.get(i), listProducts.get(i), listStarts.get(i));
    }
    return findCandidates(base, least(leastScore));
  }

  private void addList(int[] documents, float[] products, int[] starts) {
    int first = superblock * SUPERBLOCK;
    int from = starts[superblock];
    int to = starts[superblock + 1];
    entries = ArrayUtil.grow(entries, entryCount + to - from);
    for (int i = from; i < to; i++) {
      int document = documents[i] - first;
      sums[document] += products[i];
      entries[entryCount++] = document;
    }
  }

  private boolean findCandidates(long base, double least) {
    boolean any = false;
    for (int i = 0; i < BLOCKS; i++) {
      double bound = blockTermCount == 0 ? 0 : (blockBounds[i] + base) / scale;
      // What the sum of a document in lists must be; of the others, the sum is 0.
      needed[i] = least - bound;
      candidates[i] = bound > 0 && bound >= least ? -1 : 0;
      any |= candidates[i] != 0;
    }
    for (int i = 0; i < entryCount; i++) {
      int document = entries[i];
      if (sums[document] >= needed[document / BLOCK]) {
        candidates[document / BLOCK] |= 1 << document;
        any = true;
      }
    }
    return any;
  }

  /** A bit for each document of the open superblock, by block. May be made fewer. */
  int[] candidates() {
    return candidates;
  }

  /** Completes the sums of the candidates. */
  void score() throws IOException {
    for (int i = 0; i < blockTermCount; i++) {
      int term = blockTerms[i];
      terms.get(term).addProducts(superblock, candidates, weights[term], sums);
    }
  }

  /** The scores of the candidates. A candidate that does not match has -0. */
  double[] sums() {
    return sums;
  }

  /** Whether a candidate has any of the terms. */
  static boolean isMatch(double sum) {
    return Double.doubleToRawLongBits(sum) != NONE_BITS;
  }

  /** Closes the superblock. */
  void clear() {
    for (int i = 0; i < entryCount; i++) {
      sums[entries[i]] = NONE;
    }
    if (blockTermCount > 0) {
      for (int i = 0; i < BLOCKS; i++) {
        if (candidates[i] != 0) {
          Arrays.fill(sums, i * BLOCK, i * BLOCK + BLOCK, NONE);
        }
      }
    }
    entryCount = 0;
    blockTermCount = 0;
  }
}
