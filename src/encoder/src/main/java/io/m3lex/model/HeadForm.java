/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 * <p>With {@code expansionWords} a text also gets the words that its meaning comes close to, as
 * features of their own: {@code ~} and the word. Let t be the state of the template's first token,
 * which stands for the whole text (in several windows the mean of theirs), and |x| be x scaled to
 * length 1:
 *
 * <pre>closeness of word i = | |t| - expansion.center | · expansion.vectors[i]</pre>
 *
 * (the vectors have 8-bit elements, and any length). The {@code expansion.query.words} or {@code
 * expansion.document.words} words that come closest weigh what their closeness exceeds that of the
 * first word left out by, times {@code expansion.query.scale} or {@code expansion.document.scale}.
 * {@code expansion.words} has the words' token ids. A text without a weight of its own gets none.
 *
 * <p>A property that is not here does not exist: what decides a weight is declared here, checked
 * against the tensors of the head, and part of the fingerprint.
 *
 * @param feature what the tokens are pooled by
 * @param pooling how the tokens of one feature become the feature's weight in a document; in a
 *     query it is always the greatest
 * @param queries whether queries have tensors of their own
 * @param prior what is added to a token's number whatever its context
 * @param expansionWords number of words that a text as a whole can add to its own; 0 for none
 */
@JsonPropertyOrder({"feature", "pooling", "queries", "prior", "expansionWords"})
public record HeadForm(
    Feature feature,
    Pooling pooling,
    Queries queries,
    Prior prior,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) Integer expansionWords) {

  /** The form of BGE-M3. */
  public static final HeadForm M3 = new HeadForm(null, null, null, null, null);

  /**
   * Fills in the form of BGE-M3 where a property is null.
   *
   * @throws IllegalArgumentException if queries have a prior but no tensors of their own, or the
   *     number of expansion words is negative or 1
   */
  public HeadForm {
    feature = feature == null ? Feature.TOKEN_ID : feature;
    pooling = pooling == null ? Pooling.MAX : pooling;
    queries = queries == null ? Queries.SHARED : queries;
    prior = prior == null ? Prior.NONE : prior;
    expansionWords = expansionWords == null ? 0 : expansionWords;
    if (prior == Prior.QUERY && queries == Queries.SHARED) {
      throw new IllegalArgumentException("head.prior \"query\" needs head.queries \"separate\"");
    }
    if (expansionWords < 0 || expansionWords == 1) {
      throw new IllegalArgumentException(
          "head.expansionWords must be 0 or at least 2, not " + expansionWords);
    }
  }

  /** What the tokens are pooled by. */
  public enum Feature {
    /** The token's own id, as a decimal string; special tokens are left out. */
    TOKEN_ID,
    /**
     * The id that the tensor {@code features} gives for the token's id: tokens that mean the same,
     * such as {@code layer} and {@code layers}, share one. -1 stands for none: the token has no
     * weight.
     */
    TABLE,
    /**
     * The stem of the whole word (Porter, 1980), as it is written. WordPiece's continuing pieces
     * ({@code ##…}) are joined to the piece before them, and the mean of their hidden states stands
     * for the word; a word without a letter or digit has no weight.
     */
    STEM;

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
    /**
     * In queries a number per feature: tensor {@code query.prior}, one element per token id. A stem
     * has that of the smallest id whose word has this stem; stems of no single token share {@code
     * query.prior.rare}.
     */
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
    if (expansionWords > 0) {
      components.put("head:expansionWords", Integer.toString(expansionWords));
    }
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
      if (feature == Feature.STEM) {
        tensors.add(HeadTensor.numbers("query.prior.rare", 1));
      }
    }
    if (pooling == Pooling.SATURATED_SUM) {
      tensors.add(new HeadTensor("saturation.k", 1, 1, Content.NUMBERS, Float.MIN_NORMAL, 1e9));
      tensors.add(new HeadTensor("saturation.b", 1, 1, Content.NUMBERS, 0, 1));
      tensors.add(new HeadTensor("saturation.a", 1, 1, Content.NUMBERS, Float.MIN_NORMAL, 1e9));
    }
    if (feature == Feature.TABLE) {
      tensors.add(
          new HeadTensor("features", 1, vocabularySize, Content.INTEGERS, -1, vocabularySize - 1));
    }
    if (expansionWords > 0) {
      tensors.add(HeadTensor.numbers("expansion.center", hiddenSize));
      tensors.add(
          new HeadTensor(
              "expansion.words", 1, expansionWords, Content.INTEGERS, 0, vocabularySize - 1));
      tensors.add(
          new HeadTensor(
              "expansion.vectors", expansionWords, hiddenSize, Content.BYTES, -127, 127));
      for (String role : List.of("query", "document")) {
        String prefix = "expansion." + role;
        tensors.add(
            new HeadTensor(prefix + ".words", 1, 1, Content.INTEGERS, 1, expansionWords - 1));
        tensors.add(
            new HeadTensor(prefix + ".scale", 1, 1, Content.NUMBERS, Float.MIN_NORMAL, 1e9));
      }
    }
    return List.copyOf(tensors);
  }

  /** What the elements of a tensor are. */
  public enum Content {
    /** Floating-point numbers. */
    NUMBERS,
    /** 32-bit integers: token ids, -1 for none, or numbers of words. */
    INTEGERS,
    /** 8-bit integers. */
    BYTES
  }

  /**
   * One tensor of a head: rows of elements.
   *
   * @param name in the head's file
   * @param rows number of rows; a single one may have the shape {@code [length]} as well
   * @param length number of elements in a row
   * @param content what the elements are
   * @param least least value that an element may have
   * @param greatest greatest value that an element may have
   */
  public record HeadTensor(
      String name, int rows, int length, Content content, double least, double greatest) {
    /** The shape as messages show it. */
    String shapeText() {
      return rows == 1 ? "[" + length + "]" : "[" + rows + ", " + length + "]";
    }

    static HeadTensor numbers(String name, int length) {
      return new HeadTensor(name, 1, length, Content.NUMBERS, -Float.MAX_VALUE, Float.MAX_VALUE);
    }
  }
}
