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
 * <pre>token weight = relu(w · h + b [+ prior of the token's feature])</pre>
 *
 * then pooled over the tokens of the same feature. {@link #M3} is what BGE-M3 computes, and what a
 * property has that a manifest leaves out.
 *
 * <p>A property that is not here does not exist: what decides a weight is declared here, checked
 * against the tensors of the head, and part of the fingerprint.
 *
 * @param feature what the tokens are pooled by
 * @param pooling how the tokens of one feature become the feature's weight in a document; in a
 *     query it is always the greatest
 * @param queries whether queries have tensors of their own
 * @param prior what is added to a token's number whatever its context
 */
@JsonPropertyOrder({"feature", "pooling", "queries", "prior"})
public record HeadForm(Feature feature, Pooling pooling, Queries queries, Prior prior) {

  /** The form of BGE-M3. */
  public static final HeadForm M3 = new HeadForm(null, null, null, null);

  /**
   * Fills in the form of BGE-M3 where a property is null.
   *
   * @throws IllegalArgumentException if queries have a prior but no tensors of their own
   */
  public HeadForm {
    feature = feature == null ? Feature.TOKEN_ID : feature;
    pooling = pooling == null ? Pooling.MAX : pooling;
    queries = queries == null ? Queries.SHARED : queries;
    prior = prior == null ? Prior.NONE : prior;
    if (prior == Prior.QUERY && queries == Queries.SHARED) {
      throw new IllegalArgumentException("head.prior \"query\" needs head.queries \"separate\"");
    }
  }

  /** What the tokens are pooled by: a token id, as a decimal string. */
  public enum Feature {
    /** The token's own id; special tokens are left out. */
    TOKEN_ID,
    /**
     * The id that the tensor {@code features} gives for the token's id: tokens that mean the same,
     * such as {@code layer} and {@code layers}, share one. -1 stands for none: the token has no
     * weight.
     */
    TABLE;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  /** From the weights of a feature's tokens to the feature's weight in a document. */
  public enum Pooling {
    /** The greatest. */
    MAX,
    /**
     * {@code s / (s + k (1 - b + b m / a))}, where s is the sum over the feature's tokens and m the
     * sum over all tokens of the document: BM25's treatment of repetition and length, with learned
     * weights in the place of counts. Tensors {@code saturation.k} (greater than 0), {@code
     * saturation.b} (0 to 1) and {@code saturation.a} (the average m).
     */
    SATURATED_SUM;

    /** The name in manifests and fingerprints. */
    @JsonValue
    public String label() {
      return labelOf(this);
    }
  }

  /** Whether queries have tensors of their own. */
  public enum Queries {
    /** Queries and documents are weighted by {@code weight} and {@code bias}. */
    SHARED,
    /** Queries are weighted by {@code query.weight} and {@code query.bias}. */
    SEPARATE;

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
    /** In queries a number per feature: tensor {@code query.prior}, one element per token id. */
    QUERY;

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
    components.put("head:feature", feature.label());
    components.put("head:pooling", pooling.label());
    components.put("head:queries", queries.label());
    components.put("head:prior", prior.label());
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
    tensors.add(HeadTensor.numbers("weight", hiddenSize));
    tensors.add(HeadTensor.numbers("bias", 1));
    if (queries == Queries.SEPARATE) {
      tensors.add(HeadTensor.numbers("query.weight", hiddenSize));
      tensors.add(HeadTensor.numbers("query.bias", 1));
    }
    if (prior == Prior.QUERY) {
      tensors.add(HeadTensor.numbers("query.prior", vocabularySize));
    }
    if (pooling == Pooling.SATURATED_SUM) {
      tensors.add(new HeadTensor("saturation.k", 1, Content.NUMBERS, Float.MIN_NORMAL, 1e9));
      tensors.add(new HeadTensor("saturation.b", 1, Content.NUMBERS, 0, 1));
      tensors.add(new HeadTensor("saturation.a", 1, Content.NUMBERS, Float.MIN_NORMAL, 1e9));
    }
    if (feature == Feature.TABLE) {
      tensors.add(
          new HeadTensor("features", vocabularySize, Content.TOKEN_IDS, -1, vocabularySize - 1));
    }
    return List.copyOf(tensors);
  }

  /** What the elements of a tensor are. */
  public enum Content {
    /** Floating-point numbers. */
    NUMBERS,
    /** Token ids, 32-bit integers; -1 for none. */
    TOKEN_IDS
  }

  /**
   * One tensor of a head: a row of elements.
   *
   * @param name in the head's file
   * @param length number of elements, in the shape {@code [length]} or {@code [1, length]}
   * @param content what the elements are
   * @param least least value that an element may have
   * @param greatest greatest value that an element may have
   */
  public record HeadTensor(
      String name, int length, Content content, double least, double greatest) {
    static HeadTensor numbers(String name, int length) {
      return new HeadTensor(name, length, Content.NUMBERS, -Float.MAX_VALUE, Float.MAX_VALUE);
    }
  }
}
