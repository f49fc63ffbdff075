package io.m3lex.codec;

import java.util.Set;
import java.util.TreeSet;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.MergeState;

/**
 * Which model the weights of a field came from, as Lucene keeps it with the field in every segment.
 * Lucene puts indexes together without asking what their weights mean; by this the segments of two
 * models are told apart, and {@link BlockMaxPostingsFormat} refuses to merge them into one. Any
 * other format merges them, and the merged segment states both.
 */
public final class WeightOrigin {

  /**
   * Begins the name of an attribute, the rest is the model: Lucene gives a merged segment the
   * attributes of all, but only one value of each.
   */
  private static final String ATTRIBUTE = "m3lex.model.";

  private static final String UNKNOWN = "unknown";

  private WeightOrigin() {}

  /**
   * States it of the fields of a type that is not yet frozen.
   *
   * @param model SHA-256 of the model's fingerprint
   */
  public static void state(FieldType type, String model) {
    type.putAttribute(ATTRIBUTE + model, "");
  }

  /**
   * The SHA-256 of the fingerprints of the models that a segment's weights came from.
   *
   * @return {@code unknown} if the segment does not state any
   */
  public static Set<String> of(FieldInfo field) {
    Set<String> models = stated(field);
    return models.isEmpty() ? Set.of(UNKNOWN) : models;
  }

  /** Like {@link #of}, but empty if the segment does not state any. */
  public static Set<String> stated(FieldInfo field) {
    Set<String> models = new TreeSet<>();
    for (String attribute : field.attributes().keySet()) {
      if (attribute.startsWith(ATTRIBUTE)) {
        models.add(attribute.substring(ATTRIBUTE.length()));
      }
    }
    return models;
  }

  /** Refuses to merge segments of different models, or of one and of none that is stated. */
  static void requireOne(MergeState state) throws CorruptIndexException {
    for (FieldInfo field : state.mergeFieldInfos) {
      Set<String> models = new TreeSet<>();
      for (FieldInfos segment : state.fieldInfos) {
        FieldInfo weights = segment.fieldInfo(field.name);
        if (weights != null) {
          models.addAll(of(weights));
        }
      }
      if (models.size() > 1) {
        throw new CorruptIndexException(
            "segments of several models are to be merged: the weights of field \"%s\" came from the fingerprints %s"
                .formatted(field.name, String.join(" and ", models)),
            state.segmentInfo.toString());
      }
    }
  }
}
