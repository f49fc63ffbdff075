/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import io.m3lex.util.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An immutable sparse vector: features with their weights, sorted by feature.
 *
 * <p>A feature is a non-empty name in valid Unicode; BGE-M3 style models use the token id as a
 * decimal string, other models a word. Names are compared as they stand ({@code "7"} and {@code
 * "07"} are two features). Every weight is finite and greater than 0; a feature that is not in the
 * vector has weight 0. The empty vector is legal: it is what a text without any weighted token has,
 * and it matches nothing.
 *
 * <p>A vector can state the model that its weights came from. Those of a {@link SparseEncoder} do;
 * whoever makes one of numbers vouches for their model by {@link #from}. Weights of different
 * models mean different things, so an index is searched only with vectors that state its model:
 *
 * <pre>{@code
 * ModelFingerprint model = ModelFingerprint.declared("BAAI/bge-m3@5617a9f fp32");
 * index.search(SparseVector.of(weights).from(model), 10);
 * }</pre>
 *
 * <p>Vectors are equal if their features and weights are, whatever model they state.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class SparseVector {

  /** The vector without features, of no stated model. */
  public static final SparseVector EMPTY = new SparseVector(new String[0], new float[0], null);

  private final String[] features;
  private final float[] weights;

  /** Null if it is not stated. */
  private final ModelFingerprint fingerprint;

  private SparseVector(String[] features, float[] weights, ModelFingerprint fingerprint) {
    this.features = features;
    this.weights = weights;
    this.fingerprint = fingerprint;
  }

  /**
   * Makes a vector of a map from feature to weight. It states no model; see {@link #from}.
   *
   * @param weights weight by feature; features with weight 0 are left out, because they can match
   *     nothing
   * @throws IllegalArgumentException if a feature is empty or holds half of a surrogate pair, or a
   *     weight is negative, infinite or not a number; the message names the feature
   * @throws NullPointerException if the map, a feature or a weight is null
   */
  public static SparseVector of(Map<String, Float> weights) {
    SortedMap<String, Float> sorted = new TreeMap<>();
    for (Map.Entry<String, Float> entry : weights.entrySet()) {
      String feature = Objects.requireNonNull(entry.getKey(), "feature");
      float weight = Objects.requireNonNull(entry.getValue(), () -> "weight of " + feature);
      requireValid(feature, weight);
      if (weight > 0) {
        sorted.put(feature, weight);
      }
    }
    if (sorted.isEmpty()) {
      return EMPTY;
    }
    String[] features = sorted.keySet().toArray(String[]::new);
    float[] values = new float[features.length];
    for (int i = 0; i < features.length; i++) {
      values[i] = sorted.get(features[i]);
    }
    return new SparseVector(features, values, null);
  }

  private static void requireValid(String feature, float weight) {
    requireName(feature);
    if (!(weight >= 0) || weight == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "weight of feature \"" + feature + "\" must be finite and not negative: " + weight);
    }
  }

  /** Features are terms in UTF-8: two that it cannot hold would become one. */
  static void requireName(String feature) {
    if (feature.isEmpty()) {
      throw new IllegalArgumentException("a feature must have a name: found an empty one");
    }
    Optional<String> fault = Utf8.fault(feature);
    if (fault.isPresent()) {
      throw new IllegalArgumentException("feature \"%s\" %s".formatted(feature, fault.get()));
    }
  }

  /**
   * This vector, stating the model that its weights came from.
   *
   * @param fingerprint of that model
   * @throws ModelMismatchException if this vector states another model already
   */
  public SparseVector from(ModelFingerprint fingerprint) {
    Objects.requireNonNull(fingerprint, "fingerprint");
    if (this.fingerprint == null) {
      return new SparseVector(features, weights, fingerprint);
    }
    fingerprint.require(this, "Weights are wanted of", "the vector");
    return this;
  }

  /** Identifies the model that the weights came from; empty if nothing states it. */
  public Optional<ModelFingerprint> fingerprint() {
    return Optional.ofNullable(fingerprint);
  }

  /** The number of features. */
  public int size() {
    return features.length;
  }

  /** Whether this vector has no features. */
  public boolean isEmpty() {
    return features.length == 0;
  }

  /**
   * The feature at a position.
   *
   * @param index from 0 to {@link #size()} - 1; features ascend by {@link String#compareTo}
   */
  public String feature(int index) {
    return features[index];
  }

  /**
   * The weight at a position.
   *
   * @param index from 0 to {@link #size()} - 1
   */
  public float weight(int index) {
    return weights[index];
  }

  /** The weight of a feature, 0 if this vector does not have it. */
  public float weight(String feature) {
    int index = Arrays.binarySearch(features, feature);
    return index < 0 ? 0 : weights[index];
  }

  /**
   * The dot product with another vector, in the arithmetic of the index: each product is rounded to
   * float, the products are summed in double in the order of the features, and the sum is rounded
   * to float.
   *
   * @return infinite if a product or the sum is greater than a float can hold
   * @throws ModelMismatchException if the two vectors state different models
   */
  public float dot(SparseVector other) {
    if (fingerprint != null && other.fingerprint != null) {
      fingerprint.require(other, "The vector has weights of", "the other vector");
    }
    double sum = 0;
    int i = 0;
    int j = 0;
    while (i < features.length && j < other.features.length) {
      int order = features[i].compareTo(other.features[j]);
      if (order == 0) {
        sum += weights[i++] * other.weights[j++];
      } else if (order < 0) {
        i++;
      } else {
        j++;
      }
    }
    return (float) sum;
  }

  /**
   * The {@code n} features of the greatest weight; among equal weights the smaller feature name
   * comes first. This vector itself if it has no more than {@code n}. The result states the same
   * model.
   *
   * @throws IllegalArgumentException if {@code n} is negative
   */
  public SparseVector top(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("n must not be negative: " + n);
    }
    if (n >= features.length) {
      return this;
    }
    Map<String, Float> kept = new TreeMap<>();
    for (Entry entry : entriesByWeight().subList(0, n)) {
      kept.put(entry.feature(), entry.weight());
    }
    SparseVector top = of(kept);
    return fingerprint == null ? top : top.from(fingerprint);
  }

  /** All entries, the greatest weight first; among equal weights the smaller feature name first. */
  public List<Entry> entriesByWeight() {
    List<Entry> entries = new ArrayList<>(features.length);
    for (int i = 0; i < features.length; i++) {
      entries.add(new Entry(features[i], weights[i]));
    }
    entries.sort(
        Comparator.comparingDouble((Entry entry) -> -entry.weight()).thenComparing(Entry::feature));
    return entries;
  }

  /** An unmodifiable map from feature to weight, in the order of the features. */
  public SortedMap<String, Float> toMap() {
    SortedMap<String, Float> map = new TreeMap<>();
    for (int i = 0; i < features.length; i++) {
      map.put(features[i], weights[i]);
    }
    return Collections.unmodifiableSortedMap(map);
  }

  @Override
  public boolean equals(Object object) {
    return object instanceof SparseVector other
        && Arrays.equals(features, other.features)
        && Arrays.equals(weights, other.weights);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(features) + Arrays.hashCode(weights);
  }

  /** The entries in the form {@code {feature=weight, …}}. */
  @Override
  public String toString() {
    return toMap().toString();
  }

  /** One feature and its weight. */
  public record Entry(String feature, float weight) {}
}
