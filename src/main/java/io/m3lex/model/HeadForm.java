package io.m3lex.model;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a lexical head turns hidden states into weights, as a model declares it. Per token
 *
 * <pre>token weight = activation(w · h + b [+ prior of the token id])</pre>
 *
 * then pooled over the tokens of the same feature, then normalised if that is declared. {@link #M3}
 * is what BGE-M3 computes, and what a property has that a manifest leaves out.
 *
 * <p>A property that is not here does not exist: what decides a weight is declared here, checked
 * against the tensors of the head, and part of the fingerprint.
 *
 * @param activation applied to the token's number
 * @param pooling how the tokens of one feature become one weight
 * @param feature what the tokens are pooled by
 * @param prior what is added to the token's number
 * @param queries whether queries have tensors of their own
 * @param normalisation what is done to a document's weights at the end; queries are left as they
 *     are
 */
@JsonPropertyOrder({"activation", "pooling", "feature", "prior", "queries", "normalisation"})
public record HeadForm(
    Activation activation,
    Pooling pooling,
    Feature feature,
    Prior prior,
    Queries queries,
    Normalisation normalisation) {

  /** The form of BGE-M3. */
  public static final HeadForm M3 = new HeadForm(null, null, null, null, null, null);

  /** Fills in the form of BGE-M3 where a property is null. */
  public HeadForm {
    activation = activation == null ? Activation.RELU : activation;
    pooling = pooling == null ? Pooling.MAX : pooling;
    feature = feature == null ? Feature.TOKEN_ID : feature;
    prior = prior == null ? Prior.NONE : prior;
    queries = queries == null ? Queries.SHARED : queries;
    normalisation = normalisation == null ? Normalisation.NONE : normalisation;
  }

  /** Applied to a token's number x. */
  public enum Activation {
    /** {@code max(0, x)}. */
    RELU;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  /** From the weights of the tokens of one feature to the feature's weight. */
  public enum Pooling {
    /** The greatest. */
    MAX,
    /** {@code ln(1 + sum)}, which sees repetition. */
    LOG1P_SUM;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  /** What the tokens are pooled by. */
  public enum Feature {
    /** The token id as a decimal string. */
    TOKEN_ID;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  /** What is added to a token's number whatever its context. */
  public enum Prior {
    /** Nothing. */
    NONE,
    /** A number per token id: tensor {@code prior}, one element for each id of the vocabulary. */
    TOKEN_ID;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  /** Whether queries have tensors of their own. */
  public enum Queries {
    /** Queries and documents are weighted alike. */
    SHARED,
    /**
     * Queries use {@code query.weight}, {@code query.bias} and, with a prior, {@code query.prior}.
     */
    SEPARATE;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  /** What is done to all weights of a document at the end. */
  public enum Normalisation {
    /** Nothing. */
    NONE,
    /** They are divided by their Euclidean length. */
    UNIT_LENGTH;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  private static String labelOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The declared properties as components of a fingerprint: {@code head:pooling=max}, …. */
  public SortedMap<String, String> fingerprintComponents() {
    SortedMap<String, String> components = new TreeMap<>();
    components.put("head:activation", activation.label());
    components.put("head:pooling", pooling.label());
    components.put("head:feature", feature.label());
    components.put("head:prior", prior.label());
    components.put("head:queries", queries.label());
    components.put("head:normalisation", normalisation.label());
    return Collections.unmodifiableSortedMap(components);
  }

  /**
   * The tensors that a head of this form must have; there must be no others.
   *
   * @param hiddenSize length of a hidden state
   * @param vocabularySize number of token ids
   */
  public List<HeadTensor> tensors(int hiddenSize, int vocabularySize) {
    List<HeadTensor> tensors = new ArrayList<>();
    for (String side : queries == Queries.SEPARATE ? List.of("", "query.") : List.of("")) {
      tensors.add(new HeadTensor(side + "weight", hiddenSize));
      tensors.add(new HeadTensor(side + "bias", 1));
      if (prior == Prior.TOKEN_ID) {
        tensors.add(new HeadTensor(side + "prior", vocabularySize));
      }
    }
    return List.copyOf(tensors);
  }

  /**
   * One tensor of a head: a row of numbers.
   *
   * @param name in the head's file
   * @param length number of elements, in the shape {@code [length]} or {@code [1, length]}
   */
  public record HeadTensor(String name, int length) {}
}
