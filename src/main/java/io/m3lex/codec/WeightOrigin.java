package io.m3lex.codec;

import java.util.TreeSet;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.FieldInfo;
import org.apache.lucene.index.FieldInfos;
import org.apache.lucene.index.MergeState;

/**
 * Which model the weights of a field came from, as Lucene keeps it with the field in every segment.
 * Lucene puts indexes together without asking what their weights mean; by this the segments of two
 * models are told apart, and {@link BlockMaxPostingsFormat} refuses to merge them into one.
 */
public final class WeightOrigin {

  private static final String ATTRIBUTE = "m3lex.model";

  private WeightOrigin() {}

  /**
   * States it of the fields of a type that is not yet frozen.
   *
   * @param model SHA-256 of the model's fingerprint
   */
  public static void state(FieldType type, String model) {
    type.putAttribute(ATTRIBUTE, model);
  }

  /**
   * The SHA-256 of the fingerprint of the model that a segment's weights came from.
   *
   * @param field null, if the segment does not have it, gives null
   * @return null if the segment does not state it
   */
  public static String of(FieldInfo field) {
    return field == null ? null : field.getAttribute(ATTRIBUTE);
  }

  /**
   * Refuses to merge segments of which one states another model than the others; Lucene would keep
   * the last one's statement for all.
   */
  static void requireOne(MergeState state) throws CorruptIndexException {
    for (FieldInfo field : state.mergeFieldInfos) {
      TreeSet<String> models = new TreeSet<>();
      for (FieldInfos segment : state.fieldInfos) {
        String model = of(segment.fieldInfo(field.name));
        if (model != null) {
          models.add(model);
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
