package io.m3lex.encoder;

import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.HeadForm;
import io.m3lex.model.HeadForm.Feature;
import io.m3lex.model.HeadForm.Pooling;
import io.m3lex.model.HeadForm.Prior;
import io.m3lex.model.HeadForm.Queries;
import io.m3lex.model.VerifiedModel;
import java.util.HashMap;
import java.util.Map;

/**
 * A lexical head: from hidden states to the weight of every feature, in the form that the model
 * declares (see {@link HeadForm}). Immutable.
 */
final class LexicalHead {

  private final HeadForm form;
  private final float[] weight;
  private final float bias;
  private final float[] queryWeight;
  private final float queryBias;
  private final float[] queryPrior;
  private final Saturation saturation;
  private final int[] features;

  /** Takes the parameters of a verified model; every one has been checked against the form. */
  LexicalHead(VerifiedModel model) {
    this(model.manifest().head(), model.headTensors());
  }

  LexicalHead(HeadForm form, Map<String, Tensor> tensors) {
    this.form = form;
    weight = tensors.get("weight").toFloats();
    bias = number(tensors, "bias");
    boolean separate = form.queries() == Queries.SEPARATE;
    queryWeight = separate ? tensors.get("query.weight").toFloats() : weight;
    queryBias = separate ? number(tensors, "query.bias") : bias;
    queryPrior = form.prior() == Prior.QUERY ? tensors.get("query.prior").toFloats() : null;
    saturation =
        form.pooling() == Pooling.SATURATED_SUM
            ? new Saturation(
                number(tensors, "saturation.k"),
                number(tensors, "saturation.b"),
                number(tensors, "saturation.a"))
            : null;
    features = form.feature() == Feature.TABLE ? tensors.get("features").toInts() : null;
  }

  private static float number(Map<String, Tensor> tensors, String name) {
    return tensors.get(name).toFloats()[0];
  }

  /** Length of the hidden states that this head takes. */
  int hidden() {
    return weight.length;
  }

  /** Starts a text. */
  Pool pool(TextRole role) {
    return new Pool(role);
  }

  /** Gathers the weights of one text, stretch by stretch. For use by one thread. */
  final class Pool {

    private final boolean query;
    private final boolean sum;
    private final Map<Integer, Float> weights = new HashMap<>();

    private Pool(TextRole role) {
      query = role == TextRole.QUERY;
      sum = !query && form.pooling() == Pooling.SATURATED_SUM;
    }

    /** Adds a stretch of the text. */
    void add(TokenStates stretch) {
      for (int token = 0; token < stretch.tokens(); token++) {
        if (stretch.special()[token]) {
          continue;
        }
        int id = stretch.ids()[token];
        int feature = features == null ? id : features[id];
        if (feature < 0) {
          continue;
        }
        float value = weightOf(stretch.states(), token * stretch.hidden(), feature);
        if (value > 0) {
          weights.merge(feature, value, sum ? Float::sum : Float::max);
        }
      }
    }

    /** A row-wise sum in a fixed order, so that the result depends on nothing but the row. */
    private float weightOf(float[] states, int offset, int feature) {
      float[] w = query ? queryWeight : weight;
      double product = query ? queryBias : bias;
      for (int i = 0; i < w.length; i++) {
        product += (double) w[i] * states[offset + i];
      }
      if (query && queryPrior != null) {
        product += queryPrior[feature];
      }
      return Math.max(0, (float) product);
    }

    /** The text's vector. */
    SparseVector vector() {
      double mass = 0;
      if (sum) {
        // In the order of the ids, because the sum must not depend on the order of a hash table.
        for (int id : weights.keySet().stream().sorted().toList()) {
          mass += weights.get(id);
        }
      }
      Map<String, Float> named = new HashMap<>();
      for (Map.Entry<Integer, Float> entry : weights.entrySet()) {
        float value = entry.getValue();
        named.put(entry.getKey().toString(), sum ? saturation.apply(value, mass) : value);
      }
      return SparseVector.of(named);
    }
  }

  /** {@link Pooling#SATURATED_SUM}. */
  private record Saturation(double k, double b, double a) {
    float apply(double sum, double mass) {
      return (float) (sum / (sum + k * (1 - b + b * mass / a)));
    }
  }
}
