package io.m3lex.search;

import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import io.m3lex.codec.WeightOrigin;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.LeafReader;

/** Holds queries to the model that a segment's weights came from, where the segment states it. */
final class SegmentModel {

  private static final int SHORT_HASH = 12;

  private SegmentModel() {}

  /**
   * Refuses a query's vector of another model.
   *
   * @throws ModelMismatchException if the segment states another model than the vector, or states
   *     one and the vector does not
   */
  static void require(LeafReader segment, String field, SparseVector query) {
    Set<String> models = stated(segment, field);
    if (models.isEmpty()) {
      return;
    }
    ModelFingerprint own = query.fingerprint().orElse(null);
    if (own == null || !models.equals(Set.of(own.sha256()))) {
      throw new ModelMismatchException(
          "Field \"%s\" holds weights of the model with the fingerprint %s, but the query's vector %s. %s."
              .formatted(
                  field,
                  models.stream()
                      .map(model -> model.substring(0, Math.min(model.length(), SHORT_HASH)))
                      .collect(Collectors.joining(", ")),
                  own == null ? "states no model" : "came from " + own,
                  own == null
                      ? "Encode the query with that model, or, if its vector came from there, say"
                          + " so by SparseVector.from"
                      : "Encode the query with that model"));
    }
  }

  /** The SHA-256 of the fingerprints of the models that a field's weights came from. */
  private static Set<String> stated(LeafReader segment, String field) {
    FieldInfo info = segment.getFieldInfos().fieldInfo(field);
    return info == null ? Set.of() : WeightOrigin.stated(info);
  }
}
