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
 * is the SHA-256 of the model's fingerprint, the frequency the sum of the frequencies that the
 * document has in the field of weights. So the statement goes wherever the weights go, through
 * every flush and every merge by any codec, and the sums must agree: whatever another program adds
 * without a statement, in documents of its own or in those that state a model, is found out by the
 * statistics of two fields, without reading postings. For vectors the documents are counted.
 *
 * <p>Deleted documents count until they are merged away, for both fields alike.
 *
 * @param models number of documents by the SHA-256 of the fingerprint that they state
 * @param unstated number of documents at least that have weights or vectors of which nothing states
 *     the model
 */
public record ModelStatement(SortedMap<String, Integer> models, int unstated) {

  private static final String SUFFIX = "$model";
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
   * @param sum of the document's frequencies in the field; 1 for vectors
   */
  public static IndexableField statement(String field, String model, int sum) {
    return new FrequencyField(fieldOf(field), List.of(model), new int[] {sum});
  }

  /**
   * What the documents of a segment state of a field; nothing if none has it. Cheap enough for
   * every query where the field holds postings or vectors for nearest-neighbour search; goes
   * through the documents where it holds doc values.
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
    boolean agree = true;
    if (info != null && info.getIndexOptions() != IndexOptions.NONE) {
      Terms terms = segment.terms(field);
      present = terms == null ? 0 : terms.getDocCount();
      agree = sum(terms) == sum(statements);
    } else if (info != null && info.hasVectorValues()) {
      present = vectors(segment, info);
    } else if (info != null && info.getDocValuesType() != DocValuesType.NONE) {
      present = values(segment, field);
    }
    // Neither may be greater: a statement without weights is none of ours.
    agree &= present == stating;
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
    while (documents != null && documents.nextDoc() != DocIdSetIterator.NO_MORE_DOCS) {
      present++;
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
