/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.search;

import static io.m3lex.codec.BlockMaxPostings.BLOCK;
import static io.m3lex.codec.BlockMaxPostings.BLOCKS;
import static io.m3lex.codec.BlockMaxPostings.BOUND_LONGS;
import static io.m3lex.codec.BlockMaxPostings.SUPERBLOCK;

import io.m3lex.codec.BlockMaxPostings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.Bits;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.FixedBitSet;
import org.apache.lucene.util.LongHeap;

/**
 * A query's terms in one segment, scored by superblocks: what all scorers share. A superblock's
 * bound says whether it is worth {@linkplain #open opening}; the bounds of its blocks, which of
 * them are. Then, the terms first that cost least, postings are added up by document until the
 * bounds of the terms that remain cannot reach the threshold together in any block; a document that
 * is then found, and whose sum with the bounds of what remains reaches the threshold, is a
 * candidate. Only candidates are {@linkplain #score scored} for what remains. That is MaxScore
 * (Turtle and Flood, Query Evaluation: Strategies and Optimizations, 1995) with the bounds of
 * blocks.
 *
 * <p>Bounds are integers, because integer additions over bytes become vector instructions, and
 * because their sums and differences are exact: a bound is rounded up from score times {@link
 * #scale}, and the {@linkplain #threshold threshold} down, so that no document of at least the
 * threshold's score is missed. What remains of a bound is always an integer that was subtracted
 * from, never a floating-point number: of terms whose weights are many orders of magnitude apart,
 * the least would vanish in the greatest one's rounding.
 */
final class BlockMaxTerms {

  /** More terms could make the sum of rounded bounds exceed an int. */
  static final int GREATEST_NUMBER = 1 << 12;

  /** What a document without any of the terms has in {@link #sums}; any product makes it +0. */
  private static final double NONE = -0.0;

  private static final long NONE_BITS = Double.doubleToRawLongBits(NONE);

  /** All bounds together stay below 2<sup>29</sup>, but for what rounding up adds. */
  private static final double BOUND_RANGE = 1 << 29;

  /** The least threshold. */
  private static final int ANY = 1;

  /** The greatest bound of a block. */
  private static final int BLOCK_BOUND_RANGE = (1 << 15) - 1;

  /** The greatest number of terms of which the bounds of blocks are looked at. */
  private static final int BOUNDED = 1 << 10;

  /**
   * The superblocks whose blocks' bounds are computed at once: their sums fit the fastest cache.
   */
  private static final int WINDOW = 16;

  /** Candidates are looked at again when a sixth of what remained has been added. */
  private static final int WORTH_LOOKING = 6;

  /** Superblocks next to each other that may be scored as a whole, at most 32. */
  static final int GROUP = 8;

  /**
   * From how many blocks with candidates on, each counted once for every term that is left, the
   * superblocks behind are scored as a whole.
   */
  private static final int MANY_CANDIDATES = 200;

  /** The least number of superblocks for that: in fewer, the best hits are in one of the first. */
  private static final int MANY_SUPERBLOCKS = 128;

  /** How many blocks of a superblock must be worth opening for that. */
  private static final int MOST_BLOCKS = 40;

  /** The longs that have the bounds of a superblock's blocks. */
  private static final int BOUNDS = BLOCKS / 4;

  /** The lowest bit of each bound of a block in a long. */
  private static final long EACH = 0x0001000100010001L;

  /** The lowest four bits. */
  private static final long FIRST = BlockMaxPostings.PARTS * EACH;

  /** A sum of floats is exact in double if it is at most this many times the least of them. */
  private static final double EXACT_RANGE = 1 << 29;

  /** The bits of a double that rounding to float cuts off. */
  private static final int CUT_BITS = (1 << 29) - 1;

  /** What they are halfway between two floats. */
  private static final int HALFWAY = 1 << 28;

  /** Much more than the relative error of a few operations in float. */
  private static final double MARGIN = 1e-6;

  /**
   * More than rounding to float adds to a product too small for a relative error, times the parts
   * of a bound.
   */
  private static final double LEAST_MARGIN =
      Float.MIN_VALUE * (BlockMaxPostings.UNITS * BlockMaxPostings.PARTS);

  private final int maxDoc;
  private final double scale;
  private final double factor;
  private long cost;

  /** Terms with bounds, their weights in the query, and what a unit of their bounds counts. */
  private final BlockMaxPostings[] terms;

  private final float[] weights;
  private final int[] units;

  /** The other terms: all of their documents, and each one's product. */
  private final List<int[]> lists = new ArrayList<>();

  private final List<float[]> listProducts = new ArrayList<>();

  /** The first document of each superblock in a list, and the list's length behind the last. */
  private final List<int[]> listStarts = new ArrayList<>();

  private final List<int[]> listBounds = new ArrayList<>();

  /**
   * The terms in the order of their features: the index of one with bounds, or ~ that of a list.
   */
  private final int[] byFeature;

  /** The greatest sum that is surely exact, in whichever order its products were added. */
  private final double exactUpTo;

  private final int[] superblockBounds;

  /**
   * The sums of the bounds of the blocks, by superblock, but for terms that have none. There are
   * four in each long, 16 bits for each of the blocks {@code i}, {@code i + 16}, {@code i + 32} and
   * {@code i + 48}, of which the highest stays clear. They are computed for {@value #WINDOW}
   * superblocks at once.
   */
  private final long[] allBlockBounds;

  /** The superblocks' bounds of the terms that have none for the blocks. */
  private final int[] bases;

  /**
   * What a superblock's bound is to be multiplied by to count as the bound of a block; 0 as long as
   * the bounds of its blocks have not been computed.
   */
  private final double[] ratios;

  /** Of a window, the superblocks that are looked at, and what a term's bounds count there. */
  private final boolean[] inWindow = new boolean[WINDOW];

  private final int[] factors = new int[WINDOW];

  // Of the superblock that is open.
  private int superblock = -1;
  private double ratio;

  /** What a unit of the bound of a block is as a score. */
  private double blockUnit;

  /** The bounds of the open superblock of what is to be added to sums still: of its blocks, */
  private final long[] blockBounds = new long[BOUNDS];

  /** and of terms that have no bounds for its blocks. */
  private int base;

  private final long[] codes = new long[BOUND_LONGS];
  private final int[] restTerms;
  private int restTermCount;
  private final int[] restLists;
  private int restListCount;
  private double least;

  /** The documents in lists, by their numbers in the superblock; one may be there several times. */
  private int[] entries = new int[BlockMaxPostings.LIST];

  private int entryCount;

  /** What a document's sum in a list must be to make it a candidate, by block. */
  private final double[] needed = new double[BLOCKS];

  private final int[] candidates = new int[BLOCKS];

  /** The blocks with any candidates. */
  private long candidateBlocks;

  /** The blocks where documents may have sums that are in no list. */
  private long othersScored;

  /** The sums of a superblock that is opened alone. */
  private final double[] ownSums = new double[SUPERBLOCK];

  /** The scores of the open superblock's documents, as far as they were scored. */
  private double[] sums = ownSums;

  /** The group in which the superblock was that was opened last, if it had many candidates; -1. */
  private int groupOfMany = -1;

  /** The sums of a group's superblocks that were scored as a whole. */
  private double[][] wholeSums;

  /** The first superblock of the group, and a bit for each that was. */
  private int wholeFrom;

  private int wholeScored;

  /** For what is computed on the way. */
  private final float[] room = new float[BlockMaxPostings.ROOM];

  /** A feature that a segment has, its number among the query's, and its weight there. */
  private record Term(BlockMaxPostings postings, int feature, float weight) {

    boolean hasBounds() {
      return !postings.isList();
    }

    /** Documents for a unit of score: what it costs to look at the term rather than to bound it. */
    double costOfScore() {
      return postings.documents() / greatestProduct();
    }

    /** No product, which is rounded to float, is less. */
    float leastProduct() {
      return weight * postings.leastWeight();
    }

    /** No product is greater, rounded or not; never 0. */
    double greatestProduct() {
      return product(weight, postings.greatestWeight());
    }
  }

  /**
   * A bound of a product that is rounded to float. It is finite, as the weights are, and greater
   * than 0: documents whose products are beyond a float, or too small for one, are matches, too.
   */
  private static double product(float queryWeight, float weight) {
    return (double) queryWeight * weight + LEAST_MARGIN;
  }

  private BlockMaxTerms(int maxDoc, List<Term> found, float factor) throws IOException {
    this.maxDoc = maxDoc;
    this.factor = factor;
    double total = 0;
    for (Term term : found) {
      total += term.greatestProduct();
      cost += term.postings.documents();
    }
    scale = BOUND_RANGE / total;
    superblockBounds = new int[(maxDoc + SUPERBLOCK - 1) / SUPERBLOCK];
    allBlockBounds = new long[superblockBounds.length * BOUNDS];
    bases = new int[superblockBounds.length];
    ratios = new double[superblockBounds.length];
    weights = new float[found.size()];
    units = new int[found.size()];
    restTerms = new int[found.size()];
    restLists = new int[found.size()];
    terms = new BlockMaxPostings[(int) found.stream().filter(Term::hasBounds).count()];
    double leastProduct = Double.POSITIVE_INFINITY;
    SortedMap<Integer, Integer> indexes = new TreeMap<>();
    int base = 0;
    int i = 0;
    for (Term term : found) {
      BlockMaxPostings postings = term.postings;
      leastProduct = Math.min(leastProduct, term.leastProduct());
      indexes.put(term.feature, term.hasBounds() ? i : ~lists.size());
      if (!term.hasBounds()) {
        addList(postings, term.weight);
      } else {
        int unit = ceiling(term.greatestProduct() / BlockMaxPostings.UNITS);
        weights[i] = term.weight;
        units[i] = unit;
        terms[i++] = postings;
        base += 128 * unit;
        addProducts(unit, postings.superblockBounds(), superblockBounds);
      }
    }
    byFeature = indexes.values().stream().mapToInt(Integer::intValue).toArray();
    exactUpTo = leastProduct * EXACT_RANGE;
    for (int superblock = 0; superblock < superblockBounds.length; superblock++) {
      superblockBounds[superblock] += base;
    }
    Arrays.fill(sums, NONE);
  }

  private static void addProducts(int factor, byte[] bounds, int[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += factor * bounds[i];
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
    int[] bounds = new int[superblockBounds.length];
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
        top = Math.max(top, products[i]);
        products[i] *= weight;
      }
      bounds[at] = ceiling(product(weight, top));
      superblockBounds[at] += bounds[at];
    }
    Arrays.fill(starts, next, starts.length, count);
    lists.add(documents);
    listProducts.add(products);
    listStarts.add(starts);
    listBounds.add(bounds);
  }

  /**
   * Looks up features.
   *
   * @param maxDoc of the segment
   * @param unwrapping gives the postings with bounds behind those of the dictionary
   * @param weights of the features in the query, the boost included
   * @param factor bounds are multiplied by this before they are compared, at most 1
   * @return null if the segment has postings without bounds
   */
  static BlockMaxTerms of(
      int maxDoc,
      Terms dictionary,
      UnaryOperator<PostingsEnum> unwrapping,
      BytesRef[] features,
      float[] weights,
      float factor)
      throws IOException {
    List<Term> found = new ArrayList<>(features.length);
    TermsEnum seeker = dictionary.iterator();
    for (int i = 0; i < features.length; i++) {
      if (seeker.seekExact(features[i])) {
        BlockMaxPostings postings =
            BlockMaxPostings.of(unwrapping.apply(seeker.postings(null, PostingsEnum.FREQS)));
        if (postings == null) {
          return null;
        }
        found.add(new Term(postings, i, weights[i]));
      }
    }
    found.sort(Comparator.comparingDouble(Term::costOfScore));
    return new BlockMaxTerms(maxDoc, found, factor);
  }

  /** The number of postings of all terms. */
  long cost() {
    return cost;
  }

  int maxDoc() {
    return maxDoc;
  }

  /** Whether superblocks next to each other may be scored together, as a whole. */
  boolean scoresGroups() {
    return superblockBounds.length >= MANY_SUPERBLOCKS && BlockMaxPostings.isVectorized();
  }

  /** The number of terms that the segment has. */
  int count() {
    return terms.length + lists.size();
  }

  /** The bounds of all superblocks: 0 where there are no documents. Not to be changed. */
  int[] superblockBounds() {
    return superblockBounds;
  }

  /**
   * The least score, as bounds count, of documents that can have a score; at least {@value #ANY},
   * which every document reaches that has any of the terms.
   */
  int threshold(float score) {
    return (int) Math.max(ANY, Math.min(least(score) / factor * scale, Integer.MAX_VALUE));
  }

  /** What sums must reach: a little less than a score; infinity counts as the greatest float. */
  private static double least(float score) {
    return Math.min(score, Float.MAX_VALUE) * (1 - MARGIN);
  }

  /**
   * A score that no document of some superblocks exceeds.
   *
   * @param to the last of them, which need not exist
   */
  float greatestScore(int from, int to) {
    int greatest = 0;
    for (int i = from; i <= Math.min(to, superblockBounds.length - 1); i++) {
      greatest = Math.max(greatest, superblockBounds[i]);
    }
    return Math.nextUp((float) (greatest / scale));
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
   * @param filter what candidates must match as well; null for nothing
   * @return whether there are any
   */
  boolean open(int number, float leastScore, FixedBitSet filter) throws IOException {
    return open(number, leastScore, 0, null, filter);
  }

  /**
   * Like {@link #open(int, float, FixedBitSet)}, for as long as there are fewer than k hits:
   * candidates are those that can be among the best k of this superblock.
   *
   * @param accepted the documents that count, by their numbers in the segment; null for all
   * @param filter as for {@code open}
   */
  boolean openFirst(int number, int k, Bits accepted, FixedBitSet filter) throws IOException {
    return open(number, 0, k, accepted, filter);
  }

  private boolean open(int number, float leastScore, int k, Bits accepted, FixedBitSet filter)
      throws IOException {
    int threshold = threshold(leastScore);
    long open = filter == null ? -1 : blocksOf(filter, number);
    if (open != 0) {
      open &= reachingBlocks(number, leastScore);
    }
    candidateBlocks = 0;
    othersScored = 0;
    if (open == 0) {
      return false;
    }
    if (number / GROUP == groupOfMany && Long.bitCount(open) >= MOST_BLOCKS) {
      openWhole(leastScore, filter);
      return candidateBlocks != 0;
    }
    addEssential(open, threshold);
    Arrays.fill(candidates, 0);
    if (k > 0) {
      float reached = reached(k, accepted);
      least = least(reached);
      threshold = threshold(reached);
    }
    findCandidates(open, threshold);
    boolean many = Long.bitCount(candidateBlocks) * restTermCount >= MANY_CANDIDATES;
    groupOfMany = many && leastScore > 0 && scoresGroups() ? number / GROUP : -1;
    if (filter != null) {
      keepFiltered(filter);
    }
    return candidateBlocks != 0;
  }

  /**
   * Goes to a superblock whose bound reaches a score.
   *
   * @return its blocks whose bounds do
   */
  long reachingBlocks(int number, float leastScore) throws IOException {
    superblock = number;
    least = least(leastScore);
    int threshold = threshold(leastScore);
    if (ratios[number] == 0) {
      readWindow(number / WINDOW, Math.min(threshold, superblockBounds[number]));
    }
    System.arraycopy(allBlockBounds, number * BOUNDS, blockBounds, 0, BOUNDS);
    base = bases[number];
    ratio = ratios[number];
    blockUnit = 1 / (ratio * scale);
    return reaching(threshold);
  }

  /** The blocks of a superblock of which a filter has any document. */
  private static long blocksOf(FixedBitSet filter, int superblock) {
    long blocks = 0;
    for (int block = 0; block < BLOCKS; block++) {
      blocks |= (documentsOf(filter, superblock, block) == 0 ? 0L : 1L) << block;
    }
    return blocks;
  }

  /** A filter's documents in a block, a bit for each. */
  private static int documentsOf(FixedBitSet filter, int superblock, int block) {
    long[] words = filter.getBits();
    int bit = block * BLOCK;
    int word = superblock * (SUPERBLOCK / Long.SIZE) + bit / Long.SIZE;
    return word < words.length ? (int) (words[word] >>> bit) : 0;
  }

  /**
   * Computes the bounds of the blocks of a superblock and of those around it that reach a
   * threshold, too, term by term.
   */
  private void readWindow(int window, int threshold) throws IOException {
    int from = window * WINDOW;
    int end = Math.min(from + WINDOW, superblockBounds.length);
    int bounded = Math.min(terms.length, BOUNDED);
    int range = BLOCK_BOUND_RANGE - bounded * BlockMaxPostings.PARTS;
    for (int number = from; number < end; number++) {
      inWindow[number - from] = ratios[number] == 0 && superblockBounds[number] >= threshold;
      if (inWindow[number - from]) {
        bases[number] = superblockBounds[number];
        ratios[number] = (double) range / superblockBounds[number];
      }
    }
    for (int term = 0; term < bounded; term++) {
      BlockMaxPostings postings = terms[term];
      for (int number = from; number < end; number++) {
        int factor = 0;
        if (inWindow[number - from] && postings.hasBlockBounds(number)) {
          int bound = bound(term, number);
          bases[number] -= bound;
          factor = blockFactor(bound, ratios[number]);
        }
        factors[number - from] = factor;
      }
      postings.addBlockBounds(from, end, factors, allBlockBounds);
    }
  }

  /** The bound of a term in a whole superblock. */
  private int bound(int term, int number) {
    return units[term] * (terms[term].superblockBounds()[number] + 128);
  }

  /** Whether the open superblock's blocks have bounds for a term. */
  private boolean hasBlockBounds(int term) {
    return term < BOUNDED && terms[term].hasBlockBounds(superblock);
  }

  private static int blockFactor(int bound, double ratio) {
    return (int) (bound * (ratio / BlockMaxPostings.PARTS)) + 1;
  }

  /** Takes the bounds of blocks that were read last from those of what remains. */
  private void subtractBlockBounds(long factor) {
    for (int i = 0; i < BOUND_LONGS; i++) {
      long bounds = codes[i];
      blockBounds[4 * i] -= (bounds & FIRST) * factor;
      blockBounds[4 * i + 1] -= (bounds >>> 4 & FIRST) * factor;
      blockBounds[4 * i + 2] -= (bounds >>> 8 & FIRST) * factor;
      blockBounds[4 * i + 3] -= (bounds >>> 12 & FIRST) * factor;
    }
  }

  /** The blocks whose bounds reach a threshold. */
  private long reaching(int threshold) {
    // A block's bound may be a small part of its superblock's, which was rounded up to a unit.
    int least = base > 0 ? 0 : 1;
    long needed =
        threshold == ANY ? least : (long) Math.max(least, (threshold - (double) base) * ratio);
    if (needed > BLOCK_BOUND_RANGE) {
      return 0;
    }
    long toHighest = (BLOCK_BOUND_RANGE + 1 - needed) * EACH;
    long reaching = 0;
    for (int i = 0; i < blockBounds.length; i++) {
      reaching |= (blockBounds[i] + toHighest >>> 15 & EACH) << i;
    }
    return reaching;
  }

  /**
   * What the sum of a candidate must be, by block, before what remains is added.
   *
   * @param baseBound what {@link #base} is as a score
   */
  private double needed(int block, double baseBound) {
    long bound = blockBounds[block % 16] >>> block / 16 * 16 & BLOCK_BOUND_RANGE;
    return least - factor * (bound * blockUnit + baseBound);
  }

  /**
   * Adds up lists for as long as the bounds of what remains reach the threshold in any block;
   * afterwards the bounds of blocks are those of what remains.
   *
   * @param open the blocks that are worth it
   */
  private void addEssential(long open, int threshold) throws IOException {
    boolean reaching = true;
    restListCount = 0;
    for (int i = 0; i < lists.size(); i++) {
      int bound = listBounds.get(i)[superblock];
      if (bound > 0 && reaching) {
        addList(lists.get(i), listProducts.get(i), listStarts.get(i), open);
        base -= bound;
        reaching = (reaching(threshold) & open) != 0;
      } else if (bound > 0) {
        restLists[restListCount++] = i;
      }
    }
    restTermCount = 0;
    for (int term = 0; term < terms.length; term++) {
      BlockMaxPostings postings = terms[term];
      if (reaching && postings.hasList(superblock)) {
        entries = ArrayUtil.grow(entries, entryCount + BlockMaxPostings.LIST);
        entryCount +=
            postings.addList(superblock, open, weights[term], entries, entryCount, sums, room);
        int bound = bound(term, superblock);
        if (hasBlockBounds(term)) {
          postings.readBlockBounds(superblock, codes);
          subtractBlockBounds(blockFactor(bound, ratio));
        } else {
          base -= bound;
        }
        reaching = (reaching(threshold) & open) != 0;
      } else if (postings.has(superblock)) {
        restTerms[restTermCount++] = term;
      }
    }
  }

  /**
   * Makes candidates of the documents that reach the least score, after all were scored. Where so
   * many blocks are worth it, that takes less time than to find out which documents are not.
   */
  private void openWhole(float leastScore, FixedBitSet filter) throws IOException {
    if (firstOfGroup(superblock) != wholeFrom
        || (wholeScored >>> superblock - wholeFrom & 1) == 0) {
      scoreWhole(leastScore, filter);
    }
    sums = wholeSums[superblock - wholeFrom];
    restListCount = 0;
    restTermCount = 0;
    for (int block = 0; block < BLOCKS; block++) {
      candidates[block] = BlockMaxPostings.reaching(-1, sums, block, least);
      candidateBlocks |= (candidates[block] == 0 ? 0L : 1L) << block;
    }
    if (filter != null) {
      keepFiltered(filter);
    }
  }

  /** The first superblock of one's group. */
  private static int firstOfGroup(int superblock) {
    return superblock - superblock % GROUP;
  }

  /**
   * Scores the superblock and those behind it in its group that are going to be opened, too: a
   * term's postings in all of them are read one after the other.
   */
  private void scoreWhole(float leastScore, FixedBitSet filter) throws IOException {
    int number = superblock;
    if (wholeSums == null) {
      wholeSums = new double[GROUP][SUPERBLOCK];
      wholeScored = (1 << GROUP) - 1;
    }
    for (int rest = wholeScored; rest != 0; rest &= rest - 1) {
      Arrays.fill(wholeSums[Integer.numberOfTrailingZeros(rest)], NONE);
    }
    wholeFrom = firstOfGroup(number);
    wholeScored = 1 << number - wholeFrom;
    int threshold = threshold(leastScore);
    int end = Math.min(wholeFrom + GROUP, superblockBounds.length);
    for (int other = number + 1; other < end; other++) {
      if (superblockBounds[other] >= threshold) {
        long open = reachingBlocks(other, leastScore);
        open &= filter == null ? -1 : blocksOf(filter, other);
        wholeScored |= (Long.bitCount(open) >= MOST_BLOCKS ? 1 : 0) << other - wholeFrom;
      }
    }
    reachingBlocks(number, leastScore);
    Arrays.fill(candidates, -1);
    for (int list = 0; list < lists.size(); list++) {
      for (int rest = wholeScored; rest != 0; rest &= rest - 1) {
        int i = Integer.numberOfTrailingZeros(rest);
        addToCandidates(list, wholeFrom + i, wholeSums[i]);
      }
    }
    for (int term = 0; term < terms.length; term++) {
      for (int rest = wholeScored; rest != 0; rest &= rest - 1) {
        int i = Integer.numberOfTrailingZeros(rest);
        if (terms[term].has(wholeFrom + i)) {
          terms[term].addProducts(wholeFrom + i, candidates, -1, weights[term], wholeSums[i], room);
        }
      }
    }
  }

  /**
   * Makes candidates of the documents that reach the least score with the bounds of what remains:
   * those of the lists by their sums, and all of a block whose bound reaches it alone.
   */
  private void findCandidates(long open, int threshold) {
    double baseBound = base / scale;
    othersScored = reaching(threshold) & open;
    for (int block = 0; block < BLOCKS; block++) {
      needed[block] = needed(block, baseBound);
    }
    for (long blocks = othersScored; blocks != 0; blocks &= blocks - 1) {
      candidates[Long.numberOfTrailingZeros(blocks)] = -1;
    }
    candidateBlocks = othersScored;
    for (int i = 0; i < entryCount; i++) {
      int document = entries[i];
      int block = document / BLOCK;
      if (sums[document] >= needed[block]) {
        candidates[block] |= 1 << document;
        candidateBlocks |= 1L << block;
      }
    }
  }

  /**
   * A score that k of the accepted documents have at least: the sums so far are parts of scores.
   */
  private float reached(int k, Bits accepted) {
    if (entryCount < k) {
      return 0;
    }
    LongHeap greatest = new LongHeap(k);
    int first = superblock * SUPERBLOCK;
    for (int i = 0; i < entryCount; i++) {
      int document = entries[i];
      int bit = 1 << document;
      if ((candidates[document / BLOCK] & bit) == 0
          && (accepted == null || accepted.get(first + document))) {
        candidates[document / BLOCK] |= bit;
        greatest.insertWithOverflow(Double.doubleToRawLongBits(sums[document]));
      }
    }
    Arrays.fill(candidates, 0);
    if (greatest.size() < k) {
      return 0;
    }
    return Math.max(0, Math.nextDown((float) Double.longBitsToDouble(greatest.top())));
  }

  /**
   * Adds up a list in the open blocks, as {@link BlockMaxPostings#addList} does: elsewhere sums
   * would lack terms, and might still be enough where bounds are multiplied by a factor.
   */
  private void addList(int[] documents, float[] products, int[] starts, long open) {
    int first = superblock * SUPERBLOCK;
    int from = starts[superblock];
    int to = starts[superblock + 1];
    entries = ArrayUtil.grow(entries, entryCount + to - from);
    for (int i = from; i < to; i++) {
      int document = documents[i] - first;
      if ((open >>> document / BLOCK & 1) != 0) {
        sums[document] += products[i];
        entries[entryCount++] = document;
      }
    }
  }

  /** Drops the candidates whose sums are less than what is needed in their blocks. */
  private void keepCandidates() {
    double baseBound = base / scale;
    for (long blocks = candidateBlocks; blocks != 0; blocks &= blocks - 1) {
      int block = Long.numberOfTrailingZeros(blocks);
      int kept =
          BlockMaxPostings.reaching(candidates[block], sums, block, needed(block, baseBound));
      candidates[block] = kept;
      if (kept == 0) {
        candidateBlocks ^= 1L << block;
      }
    }
  }

  /** Leaves only those candidates that a filter has. */
  private void keepFiltered(FixedBitSet filter) {
    for (long blocks = candidateBlocks; blocks != 0; blocks &= blocks - 1) {
      int block = Long.numberOfTrailingZeros(blocks);
      candidates[block] &= documentsOf(filter, superblock, block);
      if (candidates[block] == 0) {
        candidateBlocks ^= 1L << block;
      }
    }
  }

  /** The blocks of the open superblock that have candidates. */
  long candidateBlocks() {
    return candidateBlocks;
  }

  /** A bit for each document of a block of the open superblock. */
  int candidates(int block) {
    return candidates[block];
  }

  /**
   * Completes the sums of the candidates, term by term. Those that can no longer reach the least
   * score are dropped on the way.
   */
  void score() throws IOException {
    othersScored |= candidateBlocks;
    for (int i = 0; i < restListCount && candidateBlocks != 0; i++) {
      int list = restLists[i];
      addToCandidates(list, superblock, sums);
      base -= listBounds.get(list)[superblock];
      keepCandidates();
    }
    long remaining = 0;
    for (int i = 0; i < restTermCount; i++) {
      remaining += bound(restTerms[i], superblock);
    }
    long added = 0;
    for (int i = 0; i < restTermCount && candidateBlocks != 0; i++) {
      int term = restTerms[i];
      int bound = bound(term, superblock);
      remaining -= bound;
      if (!hasBlockBounds(term)) {
        terms[term].addProducts(superblock, candidates, candidateBlocks, weights[term], sums, room);
        base -= bound;
      } else {
        terms[term].readBlockBounds(superblock, codes);
        long wanted = candidateBlocks & blocks();
        if (wanted == 0) {
          continue;
        }
        terms[term].addProducts(superblock, candidates, wanted, weights[term], sums, room);
        subtractBlockBounds(blockFactor(bound, ratio));
      }
      added += bound;
      // Looking at all candidates costs as much as a term: not before there is something to find.
      if (added * WORTH_LOOKING >= remaining && remaining > 0) {
        keepCandidates();
        added = 0;
      }
    }
  }

  /**
   * Scores one document of the superblock that {@link #reachingBlocks} went to last; none is open.
   *
   * @param document its number in the superblock
   * @return its score; -0 if it does not match or cannot reach the least score
   */
  double score(int document) throws IOException {
    int block = document / BLOCK;
    candidates[block] = 1 << document;
    long remaining = superblockBounds[superblock];
    for (int i = 0; i < lists.size() && reaches(document, remaining); i++) {
      if (listBounds.get(i)[superblock] > 0) {
        addToCandidates(i, superblock, sums);
        remaining -= listBounds.get(i)[superblock];
      }
    }
    for (int term = 0; term < terms.length && reaches(document, remaining); term++) {
      if (terms[term].has(superblock)) {
        terms[term].addProducts(superblock, candidates, 1L << block, weights[term], sums, room);
        remaining -= bound(term, superblock);
      }
    }
    double sum = reaches(document, remaining) ? sums[document] : NONE;
    candidates[block] = 0;
    sums[document] = NONE;
    return sum;
  }

  private boolean reaches(int document, long remaining) {
    return sums[document] + factor * remaining / scale >= least;
  }

  /**
   * Rounds the sum of a document of the superblock that was opened last. Sums in different orders
   * differ by less than two units of their last bit for each term; only where that can decide which
   * float is the nearest, the products are added again in the order of the features.
   *
   * @param document its number in the superblock
   * @param sum of all its products, in any order
   */
  float rounded(int document, double sum) throws IOException {
    if (sum > exactUpTo) {
      int cut = (int) Double.doubleToRawLongBits(sum) & CUT_BITS;
      if (Math.abs(cut - HALFWAY) <= 2 * byFeature.length) {
        return (float) sumByFeature(document);
      }
    }
    return (float) sum;
  }

  private double sumByFeature(int document) throws IOException {
    int block = document / BLOCK;
    int[] wanted = new int[BLOCKS];
    wanted[block] = 1 << document;
    double[] sums = new double[SUPERBLOCK];
    for (int index : byFeature) {
      if (index < 0) {
        addWanted(~index, superblock, wanted, sums);
      } else if (terms[index].has(superblock)) {
        terms[index].addProducts(superblock, wanted, 1L << block, weights[index], sums, room);
      }
    }
    return sums[document];
  }

  /** The blocks whose bounds, which were read last, are not 0. */
  private long blocks() {
    long blocks = 0;
    for (int i = 0; i < BOUND_LONGS; i++) {
      long any = codes[i];
      any |= any >>> 2;
      any = (any | any >>> 1) & 0x1111111111111111L;
      any |= any >>> 3;
      blocks |= ((any | any >>> 6) & FIRST) << 4 * i;
    }
    return blocks;
  }

  private void addToCandidates(int list, int superblock, double[] sums) {
    addWanted(list, superblock, candidates, sums);
  }

  private void addWanted(int list, int superblock, int[] wanted, double[] sums) {
    int[] documents = lists.get(list);
    float[] products = listProducts.get(list);
    int[] starts = listStarts.get(list);
    int first = superblock * SUPERBLOCK;
    for (int i = starts[superblock]; i < starts[superblock + 1]; i++) {
      int document = documents[i] - first;
      if ((wanted[document / BLOCK] >>> document & 1) != 0) {
        sums[document] += products[i];
      }
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
    entryCount = 0;
    if (sums != ownSums) {
      Arrays.fill(sums, NONE);
      wholeScored &= ~(1 << superblock - wholeFrom);
      sums = ownSums;
      othersScored = 0;
    }
    for (long blocks = othersScored; blocks != 0; blocks &= blocks - 1) {
      int from = Long.numberOfTrailingZeros(blocks) * BLOCK;
      Arrays.fill(sums, from, from + BLOCK, NONE);
    }
    othersScored = 0;
    candidateBlocks = 0;
  }
}
