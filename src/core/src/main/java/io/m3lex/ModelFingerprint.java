/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
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
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of()
          .formatHex(digest.digest(lines.toString().getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
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
    return model + " (" + sha256().substring(0, 12) + ")";
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
