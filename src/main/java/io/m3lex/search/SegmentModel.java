package io.m3lex.search;

import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseVector;
import io.m3lex.codec.ModelStatement;
import java.io.IOException;
import java.util.stream.Collectors;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;

/** Holds queries to the model that a segment's weights came from, where the segment states it. */
final class SegmentModel {

  private static final int SHORT_HASH = 12;

  private SegmentModel() {}

  /**
   * Refuses a query's vector of another model.
   *
   * @throws ModelMismatchException if a segment states another model than the vector, or for some
   *     of its weights only, or states one and the vector does not
   */
  static void require(Iterable<LeafReaderContext> segments, String field, SparseVector query)
      throws IOException {
    ModelFingerprint own = query.fingerprint().orElse(null);
    String model = own == null ? null : own.sha256();
    for (LeafReaderContext segment : segments) {
      require(segment.reader(), field, own, model);
    }
  }

  private static void require(LeafReader segment, String field, ModelFingerprint own, String model)
      throws IOException {
    ModelStatement statement = ModelStatement.of(segment, field);
    if (statement.models().isEmpty()) {
      return;
    }
    if (own == null || !statement.isOnly(model)) {
      throw new ModelMismatchException(
          "Field \"%s\" holds weights of the model with the fingerprint %s%s, but the query's vector %s. %s."
              .formatted(
                  field,
                  statement.models().keySet().stream()
                      .map(stated -> stated.substring(0, Math.min(stated.length(), SHORT_HASH)))
                      .collect(Collectors.joining(", ")),
                  statement.unstated() > 0 ? ", and some of which nothing states it" : "",
                  own == null ? "states no model" : "came from " + own,
                  own == null
                      ? "Encode the query with that model, or, if its vector came from there, say"
                          + " so by SparseVector.from"
                      : "Encode the query with that model"));
    }
  }
}
