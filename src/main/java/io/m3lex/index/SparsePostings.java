package io.m3lex.index;

import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.codec.PostingWeight;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexableField;

/**
 * Makes the postings of a field's vectors; the segments that get them state the model. Immutable.
 */
public final class SparsePostings {

  private final String field;
  private final ModelFingerprint model;
  private final FieldType type;

  /**
   * Postings of a field.
   *
   * @param model which the field's vectors come from
   */
  public SparsePostings(String field, ModelFingerprint model) {
    this.field = field;
    this.model = model;
    type = VectorField.type(model.sha256());
  }

  /**
   * The postings of a vector, weights rounded to what a posting can hold.
   *
   * @param vector one that states no model is taken for one of this field's model, which the caller
   *     has made sure of
   * @param what names a feature in messages
   * @return none for a vector without features
   * @throws io.m3lex.ModelMismatchException if the vector states another model
   * @throws IllegalArgumentException if a feature is no term of Lucene: longer than 32,766 bytes,
   *     or no valid Unicode
   */
  public List<IndexableField> of(SparseVector vector, String what) {
    vector.from(model);
    List<String> features = new ArrayList<>(vector.size());
    float[] weights = new float[vector.size()];
    for (int i = 0; i < vector.size(); i++) {
      float weight = PostingWeight.round(vector.weight(i));
      if (weight > 0) {
        TermText.require(what, vector.feature(i));
        weights[features.size()] = weight;
        features.add(vector.feature(i));
      }
    }
    return features.isEmpty()
        ? List.of()
        : List.of(new VectorField(field, type, features, weights));
  }
}
