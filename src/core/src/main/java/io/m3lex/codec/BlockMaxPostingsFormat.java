/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.io.IOException;
import org.apache.lucene.codecs.FieldsConsumer;
import org.apache.lucene.codecs.FieldsProducer;
import org.apache.lucene.codecs.PostingsFormat;
import org.apache.lucene.codecs.lucene104.Lucene104PostingsFormat;
import org.apache.lucene.codecs.perfield.PerFieldPostingsFormat;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.SegmentReadState;
import org.apache.lucene.index.SegmentWriteState;

/**
 * Postings with upper bounds for blocks of documents, made for the weights of {@code FeatureField}:
 * any reader finds ordinary postings with frequencies and impacts, {@link BlockMaxPostings} gives
 * the bounds. Follows Block-Max Pruning (Mallia, Suel and Tonellotto, Faster Learned Sparse
 * Retrieval with Block-Max Pruning, SIGIR 2024) and its superblocks (Carlson et al., Dynamic
 * Superblock Pruning for Fast Learned Sparse Retrieval, SIGIR 2025).
 *
 * <p>Documents are cut by their numbers into blocks of {@value BlockMaxPostings#BLOCK}, and these
 * into superblocks of {@value BlockMaxPostings#SUPERBLOCK}. Weights are stored exactly: the term
 * frequency less the least one of its term, in as many bits as needed.
 *
 * <p>Fields with frequencies and without positions are stored so; others that are given to this
 * format, and those of {@link ModelStatement}, are passed on to Lucene's own.
 *
 * <h2>Files</h2>
 *
 * Each begins with {@code CodecUtil.writeIndexHeader} and ends with {@code CodecUtil.writeFooter}.
 * Numbers of more than one byte are little-endian; bits are counted from the lowest of each byte.
 *
 * <ul>
 *   <li>{@code .tim}, {@code .tip}, {@code .tmd}: Lucene's block tree of terms. A term's metadata
 *       are, for a term of one document, that document as a vInt (its frequency is the total term
 *       frequency); otherwise the distance of its place in {@code .bmd} from that of the term
 *       before (vLong), and, unless it is a <i>list</i>, the same for {@code .bmb}.
 *   <li>{@code .bmd}, postings. A term begins with the least frequency and the difference of the
 *       greatest (vInts). A weight is a frequency less the least, in as many bits as the greatest
 *       needs; in a group, as the greatest that the superblock's bound allows.
 *       <ul>
 *         <li>A term in no more documents than the greater of 128 and four times the number of
 *             superblocks is a list: its documents in the code of Elias and Fano ({@link
 *             PackedBits}), with each one's weight behind its low bits.
 *         <li>Otherwise it has one group for each superblock that has any of its documents. Of at
 *             most 128 documents: a list as above. Of more, a <i>block group</i>: the number of
 *             documents less 1 (short), with the highest bit set if documents are bitmaps; then
 *             either eight bytes that say in which blocks there are any, for each of these an int
 *             with a bit for each document, and the weights; or documents and weights as in a list,
 *             with 5 low bits. Every group begins at a byte.
 *       </ul>
 *   <li>{@code .bmb}, bounds of the terms that are not lists. A bitmap of the superblocks with any
 *       of the term's documents, and one of those with a block group, each of whole bytes; for each
 *       of the first, the superblock's bound (byte): a number of 255ths of the term's greatest
 *       weight, rounded up, less 128; for each of the first that has no block group the number of
 *       documents less 1 (byte); for each of the second the length of its group (short). Then, by
 *       superblock, the bounds of its blocks, each a number from 0 to 15 of 15ths of the
 *       superblock's bound, rounded up: 32 bytes for a block group, in the order of {@link
 *       BlockMaxPostings#readBlockBounds}; 8 bytes for a list of at least 32 documents, one bound
 *       for each four blocks together; nothing for shorter lists.
 *   <li>{@code .bmm}: whether fields were passed on (byte), and the lengths of the other two files
 *       (longs).
 * </ul>
 *
 * The bounds are verified against their checksum when a segment is opened, because a damaged one
 * would silently lose documents; postings are verified by merges and {@code CheckIndex}, as
 * Lucene's.
 */
public final class BlockMaxPostingsFormat extends PostingsFormat {

  /** The name by which segments refer to this format. */
  public static final String NAME = "M3lexBlockMax";

  static final int VERSION = 0;
  static final String DATA_EXTENSION = "bmd";
  static final String BOUNDS_EXTENSION = "bmb";
  static final String META_EXTENSION = "bmm";
  static final String DATA_CODEC = "M3lexBlockMaxData";
  static final String BOUNDS_CODEC = "M3lexBlockMaxBounds";
  static final String META_CODEC = "M3lexBlockMaxMeta";
  static final String TERMS_CODEC = "M3lexBlockMaxTerms";

  /** The greatest number of documents in a group that is a list. */
  static final int LIST = 128;

  /** The least number of documents in a group with bounds for blocks. */
  static final int BOUNDED_LIST = 32;

  /** The bytes of the bounds of a block group. */
  static final int BLOCK_BOUND_BYTES = BlockMaxPostings.BLOCKS / 2;

  /** How many blocks have a bound together in a list. */
  static final int COARSE = 4;

  /** The bytes of the bounds of a list. */
  static final int COARSE_BOUND_BYTES = BLOCK_BOUND_BYTES / COARSE;

  /** What is added to the segment suffix of the fields that are passed on. */
  private static final String OTHERS_SUFFIX = "others";

  /** The format; Lucene makes it by its name when it reads a segment. */
  public BlockMaxPostingsFormat() {
    super(NAME);
  }

  /**
   * Whether a segment has bounds for a field.
   *
   * @param field null, if the segment does not have it, gives false
   */
  public static boolean isUsed(FieldInfo field) {
    return field != null
        && NAME.equals(field.getAttribute(PerFieldPostingsFormat.PER_FIELD_FORMAT_KEY));
  }

  /** Whether a field's postings get bounds. */
  static boolean hasBlocks(FieldInfo field) {
    // Frequencies that an application sets are weights as well; Lucene's FeatureField may come to
    // say so. Nobody searches by the sums in a statement.
    return (field.getIndexOptions() == IndexOptions.DOCS_AND_FREQS
            || field.getIndexOptions() == IndexOptions.DOCS_AND_CUSTOM_FREQS)
        && !ModelStatement.isStatement(field.name);
  }

  /** Whether a term is stored as one list. */
  static boolean isList(int documents, int maxDoc) {
    return documents <= Math.max(LIST, 4 * superblocks(maxDoc));
  }

  static int superblocks(int maxDoc) {
    return (maxDoc + BlockMaxPostings.SUPERBLOCK - 1) / BlockMaxPostings.SUPERBLOCK;
  }

  static PostingsFormat others() {
    return new Lucene104PostingsFormat();
  }

  static String othersSuffix(String suffix) {
    return suffix.isEmpty() ? OTHERS_SUFFIX : suffix + "_" + OTHERS_SUFFIX;
  }

  @Override
  public FieldsConsumer fieldsConsumer(SegmentWriteState state) throws IOException {
    return new BlockMaxFieldsConsumer(state);
  }

  @Override
  public FieldsProducer fieldsProducer(SegmentReadState state) throws IOException {
    return new BlockMaxFieldsProducer(state);
  }
}
