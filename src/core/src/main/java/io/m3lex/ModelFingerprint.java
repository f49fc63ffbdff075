/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import io.m3lex.util.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Identifies everything that decides a weight: the model's files, tokenizer, head, pooling,
 * precision, maximum length, treatment of long texts, rounding and the program that runs the
 * network. Two vectors may be compared only if their fingerprints are equal.
 *
 * <p>The components stay readable, so that a mismatch can name what differs.
 *
 * <p>Immutable.
 */
public final class ModelFingerprint {

  /** The component with the most tokens that the network reads at once, special ones included. */
  public static final String MAX_TOKENS = "max-tokens";

  /** Digits of a hash that messages show. */
  private static final int SHOWN_DIGITS = 12;

  private final String model;
  private final SortedMap<String, String> components;

  /** Every search compares it, so it is computed once. */
  private final String sha256;

  /**
   * Makes a fingerprint.
   *
   * @param model the model's name, for people; not compared
   * @param components value by component name, for instance {@code file:tokenizer.json} with a
   *     SHA-256; at least one
   * @throws IllegalArgumentException if there is no component, a name or value is empty or not one
   *     line, or a name contains {@code =}
   */
  public ModelFingerprint(String model, SortedMap<String, String> components) {
    this.model = Objects.requireNonNull(model, "model");
    if (components.isEmpty()) {
      throw new IllegalArgumentException("a fingerprint needs at least one component");
    }
    for (Map.Entry<String, String> component : components.entrySet()) {
      requireSingleLine(component.getKey());
      requireSingleLine(component.getValue());
      if (component.getKey().indexOf('=') >= 0) {
        throw new IllegalArgumentException(
            "a component's name must not contain '=': " + component.getKey());
      }
    }
    this.components = Collections.unmodifiableSortedMap(new TreeMap<>(components));
    sha256 = sha256(this.components);
  }

  /**
   * The fingerprint of vectors that were made elsewhere: a name that their maker vouches for, such
   * as {@code BAAI/bge-m3@5617a9f fp32}.
   *
   * @throws IllegalArgumentException if the name is blank, has several lines, or is no valid
   *     Unicode: half a surrogate pair
   */
  public static ModelFingerprint declared(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a declared fingerprint needs a name");
    }
    return new ModelFingerprint(name, new TreeMap<>(Map.of("declared", name)));
  }

  /** The model's name, for people; not compared. */
  public String model() {
    return model;
  }

  /** Value by component name, unmodifiable; never empty. */
  public SortedMap<String, String> components() {
    return components;
  }

  /**
   * SHA-256 over the components, in lower-case hexadecimal: one line {@code name=value} for each,
   * in the order of their names.
   */
  public String sha256() {
    return sha256;
  }

  private static String sha256(SortedMap<String, String> components) {
    StringBuilder lines = new StringBuilder();
    components.forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    return Sha256.of(lines.toString());
  }

  /** The components in which another fingerprint differs, in the order of their names. */
  public List<Difference> differencesTo(ModelFingerprint other) {
    List<Difference> differences = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>(components.keySet());
    names.addAll(other.components.keySet());
    for (String name : names) {
      String here = components.get(name);
      String there = other.components.get(name);
      if (!Objects.equals(here, there)) {
        differences.add(new Difference(name, here, there));
      }
    }
    return differences;
  }

  /**
   * Refuses a model other than this one. Every comparison of models ends here.
   *
   * @param other the model to compare
   * @param holder what has weights of this model, as the beginning of a sentence that the model's
   *     name completes: {@code Index idx was built with}
   * @param what whose model the other is: {@code the encoder}
   * @throws ModelMismatchException if it is another, naming every component that differs
   */
  public void require(ModelFingerprint other, String holder, String what) {
    if (equals(other)) {
      return;
    }
    StringBuilder message =
        new StringBuilder(
            "%s %s, but %s is %s. They differ in:".formatted(holder, this, what, other));
    for (Difference difference : differencesTo(other)) {
      message.append(
          "%n  %s: expected %s, found %s"
              .formatted(
                  difference.component(), shown(difference.here()), shown(difference.there())));
    }
    message.append(
        "%nUse the expected model; to change the model, build the index again.".formatted());
    throw new ModelMismatchException(message.toString());
  }

  /**
   * Refuses a vector that does not state this model.
   *
   * @param holder as in {@link #require(ModelFingerprint, String, String)}
   * @param what the vector: {@code the query's vector}
   * @throws ModelMismatchException if it states another model, or none
   */
  public void require(SparseVector vector, String holder, String what) {
    ModelFingerprint stated =
        vector
            .fingerprint()
            .orElseThrow(
                () ->
                    new ModelMismatchException(
                        "%s %s, but %s states no model. Encode the text with that model, or, if the vector came from there, say so by SparseVector.from."
                            .formatted(holder, this, what)));
    require(stated, holder, "the model of " + what);
  }

  /**
   * Refuses a model other than this one, of which only the hash is known.
   *
   * @param sha256 of the other fingerprint, in lower-case hexadecimal; null if nothing states it
   * @param holder as in {@link #require(ModelFingerprint, String, String)}
   * @param what what states the hash, or should: {@code field "fingerprint"}
   * @throws ModelMismatchException if it is another, or null
   */
  public void requireSha256(String sha256, String holder, String what) {
    if (!this.sha256.equals(sha256)) {
      throw new ModelMismatchException(
          "%s %s, but %s %s. Use weights of that model, and state its fingerprint %s."
              .formatted(
                  holder,
                  this,
                  what,
                  sha256 == null ? "is absent" : "is \"" + sha256 + "\"",
                  this.sha256));
    }
  }

  private static String shown(String value) {
    if (value == null) {
      return "nothing";
    }
    return value.matches("[0-9a-f]{64}") ? value.substring(0, SHOWN_DIGITS) + "…" : value;
  }

  /** Fingerprints are equal if all components are; the model's name does not count. */
  @Override
  public boolean equals(Object object) {
    return object instanceof ModelFingerprint other && components.equals(other.components);
  }

  @Override
  public int hashCode() {
    return sha256.hashCode();
  }

  /** The model's name and the first 12 digits of the hash. */
  @Override
  public String toString() {
    return model + " (" + sha256().substring(0, SHOWN_DIGITS) + ")";
  }

  private static void requireSingleLine(String text) {
    if (text.isEmpty() || text.indexOf('\n') >= 0) {
      throw new IllegalArgumentException(
          "a fingerprint's component must be one line of text: \"" + text + "\"");
    }
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      // UTF-8 has no bytes for it: different components would have one hash.
      throw new IllegalArgumentException(
          "a fingerprint's component must be valid Unicode, without half a surrogate pair: \""
              + text
              + "\"");
    }
  }

  /**
   * One component that differs.
   *
   * @param component its name
   * @param here its value in the fingerprint that was asked, null if absent
   * @param there its value in the other, null if absent
   */
  public record Difference(String component, String here, String there) {}
}
