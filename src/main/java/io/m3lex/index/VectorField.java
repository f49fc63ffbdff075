package io.m3lex.index;

import io.m3lex.codec.PostingWeight;
import io.m3lex.codec.WeightOrigin;
import java.util.List;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.TermFrequencyAttribute;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.index.IndexOptions;

/**
 * All postings of a vector as one field: those that a {@link
 * org.apache.lucene.document.FeatureField} for each feature would make, without a hundred fields a
 * document.
 */
final class VectorField extends Field {

  private final List<String> features;
  private final float[] weights;

  /**
   * A field.
   *
   * @param type what {@link #type} makes
   * @param features each once
   * @param weights of the features, such as a posting can hold
   */
  VectorField(String name, FieldType type, List<String> features, float[] weights) {
    super(name, type);
    this.features = features;
    this.weights = weights;
  }

  /**
   * The type of all fields of a model's weights.
   *
   * @param model SHA-256 of the model's fingerprint
   */
  static FieldType type(String model) {
    FieldType type = new FieldType();
    type.setTokenized(false);
    type.setOmitNorms(true);
    type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    WeightOrigin.state(type, model);
    type.freeze();
    return type;
  }

  @Override
  public TokenStream tokenStream(Analyzer analyzer, TokenStream reuse) {
    Features stream = reuse instanceof Features own ? own : new Features();
    stream.field = this;
    return stream;
  }

  /** Each feature as a term whose frequency stands for its weight. */
  private static final class Features extends TokenStream {
    private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    private final TermFrequencyAttribute frequency = addAttribute(TermFrequencyAttribute.class);
    private VectorField field;
    private int next;

    @Override
    public void reset() {
      next = 0;
    }

    @Override
    public boolean incrementToken() {
      if (next == field.features.size()) {
        return false;
      }
      clearAttributes();
      term.append(field.features.get(next));
      frequency.setTermFrequency(PostingWeight.toFrequency(field.weights[next]));
      next++;
      return true;
    }
  }
}
