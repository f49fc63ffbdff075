/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.lucene.index.ByteVectorValues;
import org.apache.lucene.index.DocValuesType;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FloatVectorValues;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.Terms;
import org.apache.lucene.index.TermsEnum;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FieldExistsQuery;
import org.apache.lucene.util.BytesRef;

/**
 * Which models the weights or vectors of a field in a segment came from, as its documents state it.
 *
 * <p>Every document that has weights in a field also has one posting in a field beside it: the term
 * is the SHA-256 of the model's fingerprint, the frequency one more than the sum of the frequencies
 * that the document has in the field of weights. So the statement goes wherever the weights go,
 * through every flush and every merge by any codec, and the sums must agree: whatever another
 * program adds without a statement, in documents of its own or in those that state a model, is
 * found out by the statistics of two fields, without reading postings; the one more finds out a
 * document with two statements, in which weights of two texts add up. For vectors the documents are
 * counted, and none may be replaced: m3lex never updates doc values.
 *
 * <p>Deleted documents count until they are merged away, for both fields alike.
 *
 * @param models number of documents by the SHA-256 of the fingerprint that they state
 * @param unstated number of documents at least that have weights or vectors of which nothing states
 *     the model
 */
public record ModelStatement(SortedMap<String, Integer> models, int unstated) {

  private static final String SUFFIX = "$model";
  private static final long NOT_UPDATED = -1;
  private static final ModelStatement NONE = new ModelStatement(Collections.emptySortedMap(), 0);

  /** Copies what it is given. */
  public ModelStatement {
    models = Collections.unmodifiableSortedMap(new TreeMap<>(models));
  }

  /** The name of the field in which documents state the model of another field. */
  public static String fieldOf(String field) {
    return field + SUFFIX;
  }

  /** Whether a field is one in which documents state the model of another. */
  public static boolean isStatement(String field) {
    return field.endsWith(SUFFIX);
  }

  /**
   * What a document states. It must follow directly on what it speaks of: a document that Lucene
   * gives up in the middle leaves what came before the fault in the segment, deleted.
   *
   * @param field the field of weights or vectors
   * @param model SHA-256 of the model's fingerprint
   * @param frequency one more than the sum of the document's frequencies in the field; 1 for
   *     vectors
   */
  public static IndexableField statement(String field, String model, int frequency) {
    return new FrequencyField(fieldOf(field), List.of(model), new int[] {frequency});
  }

  /**
   * What the documents of a segment state of a field; nothing if none has it. Cheap enough for
   * every query where the field holds postings or vectors for nearest-neighbour search, or doc
   * values in most documents; goes through the gaps between documents with doc values.
   */
  public static ModelStatement of(LeafReader segment, String field) throws IOException {
    FieldInfo info = segment.getFieldInfos().fieldInfo(field);
    Terms statements = segment.terms(fieldOf(field));
    if (info == null && statements == null) {
      return NONE;
    }
    SortedMap<String, Integer> models = models(statements);
    int stating = statements == null ? 0 : statements.getDocCount();
    int present = 0;
    long sum = 0;
    boolean agree = info == null || info.getDocValuesGen() == NOT_UPDATED;
    if (info != null && info.getIndexOptions() != IndexOptions.NONE) {
      Terms terms = segment.terms(field);
      present = terms == null ? 0 : terms.getDocCount();
      sum = sum(terms);
    } else if (info != null && info.hasVectorValues()) {
      present = vectors(segment, info);
    } else if (info != null && info.getDocValuesType() != DocValuesType.NONE) {
      present = values(segment, field);
    }
    // Neither may be greater: a statement without weights is none of ours.
    agree &= present == stating && sum(statements) == sum + stating;
    return new ModelStatement(models, Math.max(present - stating, agree ? 0 : 1));
  }

  private static long sum(Terms terms) throws IOException {
    return terms == null ? 0 : terms.getSumTotalTermFreq();
  }

  private static SortedMap<String, Integer> models(Terms statements) throws IOException {
    SortedMap<String, Integer> models = new TreeMap<>();
    if (statements == null) {
      return models;
    }
    BytesRef only = statements.getMin();
    if (only != null && only.equals(statements.getMax())) {
      // In memory, without a look into the dictionary of terms.
      models.put(only.utf8ToString(), statements.getDocCount());
      return models;
    }
    TermsEnum each = statements.iterator();
    while (each.next() != null) {
      models.put(each.term().utf8ToString(), each.docFreq());
    }
    return models;
  }

  private static int vectors(LeafReader segment, FieldInfo info) throws IOException {
    return switch (info.getVectorEncoding()) {
      case FLOAT32 -> {
        FloatVectorValues values = segment.getFloatVectorValues(info.name);
        yield values == null ? 0 : values.size();
      }
      case BYTE -> {
        ByteVectorValues values = segment.getByteVectorValues(info.name);
        yield values == null ? 0 : values.size();
      }
    };
  }

  private static int values(LeafReader segment, String field) throws IOException {
    DocIdSetIterator documents = FieldExistsQuery.getDocValuesDocIdSetIterator(field, segment);
    int present = 0;
    if (documents == null) {
      return present;
    }
    for (int first = documents.nextDoc(); first != DocIdSetIterator.NO_MORE_DOCS; ) {
      int end = documents.docIDRunEnd();
      present += end - first;
      first = documents.advance(end);
    }
    return present;
  }

  /**
   * Whether nothing in the segment came from another model, or from none that is stated.
   *
   * @param model SHA-256 of the model's fingerprint
   */
  public boolean isOnly(String model) {
    return unstated == 0 && (models.isEmpty() || models.keySet().equals(Set.of(model)));
  }
}
