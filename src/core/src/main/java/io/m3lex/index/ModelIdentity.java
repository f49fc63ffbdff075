/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.codec.ModelStatement;
import io.m3lex.codec.PostingWeight;
import io.m3lex.index.WitnessText.Drift;
import io.m3lex.util.JsonFaults;
import io.m3lex.util.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReaderContext;

/**
 * Which model an index's weights came from: carried in the user data of every commit of a folder's
 * index, and in the mapping of an index in a cluster. Immutable.
 *
 * @param fingerprint everything that decides a weight
 * @param environment what the weights were computed with when the index was begun; empty for
 *     vectors that were made elsewhere
 * @param witnesses texts with their weights; none for vectors that were made elsewhere
 * @param tolerance greatest difference of a witness's weight that is accepted
 */
public record ModelIdentity(
    ModelFingerprint fingerprint,
    SortedMap<String, String> environment,
    List<WitnessText> witnesses,
    float tolerance) {

  /** Digits of a hash that are shown. */
  private static final int SHORT_HASH = 12;

  private static final String FORMAT_KEY = "m3lex.format";
  private static final String FORMAT = "3";
  private static final String ROUNDING_KEY = "m3lex.rounding";
  private static final String IDENTITY_KEY = "m3lex.identity";

  /** The keys of the entries in an index's user data. */
  static final List<String> KEYS = List.of(FORMAT_KEY, ROUNDING_KEY, IDENTITY_KEY);

  /** Copies what it is given. */
  public ModelIdentity {
    environment = Collections.unmodifiableSortedMap(new TreeMap<>(environment));
    witnesses = List.copyOf(witnesses);
  }

  /**
   * The identity of a new index that an encoder begins.
   *
   * @param tolerance greatest difference of a witness's weight that will be accepted; 0 for none
   * @throws IllegalArgumentException if the tolerance is negative or not finite
   */
  public static ModelIdentity of(SparseEncoder encoder, float tolerance) {
    if (!(tolerance >= 0) || tolerance == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "the tolerance must be finite and not negative: " + tolerance);
    }
    return new ModelIdentity(
        encoder.fingerprint(), encoder.environment(), WitnessText.of(encoder), tolerance);
  }

  /** The identity of a new index of vectors that were made elsewhere. */
  public static ModelIdentity declared(ModelFingerprint fingerprint) {
    return new ModelIdentity(fingerprint, new TreeMap<>(), List.of(), 0);
  }

  /** The entries that say so in an index's user data. */
  public Map<String, String> toUserData() {
    return Map.of(
        FORMAT_KEY,
        FORMAT,
        ROUNDING_KEY,
        PostingWeight.ROUNDING,
        IDENTITY_KEY,
        IdentityJson.write(this));
  }

  /**
   * SHA-256 over all that an identity states, in lower-case hexadecimal: other than that of the
   * fingerprint alone, it differs between two indexes of one model whose witnesses differ.
   */
  public String sha256() {
    return Sha256.of(toUserData().get(IDENTITY_KEY));
  }

  /**
   * The identity in an index's user data, whatever else is there.
   *
   * @param location the index, for messages
   * @throws IndexFormatException if there is none, it is of another version, or damaged
   */
  public static ModelIdentity of(Map<String, String> userData, String location)
      throws IndexFormatException {
    String format = userData.get(FORMAT_KEY);
    if (format == null) {
      throw new IndexFormatException(
          "%s is a Lucene index, but not one of m3lex: its commit names no model. Name another folder, or build the index with m3lex."
              .formatted(location));
    }
    if (!format.equals(FORMAT) || !PostingWeight.ROUNDING.equals(userData.get(ROUNDING_KEY))) {
      throw new IndexFormatException(
          "Index %s has format %s (weights: %s); this program reads format %s (weights: %s). Use the version of m3lex that wrote it, or build it again."
              .formatted(
                  location, format, userData.get(ROUNDING_KEY), FORMAT, PostingWeight.ROUNDING));
    }
    try {
      return IdentityJson.read(userData.getOrDefault(IDENTITY_KEY, ""));
    } catch (IOException | RuntimeException e) {
      throw new IndexFormatException(
          "Index %s is damaged: its commit does not say which model it was built with (%s). Restore it from a copy, or build it again."
              .formatted(
                  location,
                  e instanceof JsonProcessingException json
                      ? JsonFaults.words(json)
                      : e.getMessage()),
          e);
    }
  }

  /**
   * Refuses a model other than this index's.
   *
   * @param what whose fingerprint it is, for the message
   * @throws ModelMismatchException if it is another, naming every component that differs
   */
  public void require(ModelFingerprint other, String what, String location) {
    fingerprint.require(other, holder(location), what);
  }

  /**
   * Refuses a vector that does not state this index's model.
   *
   * @param what whose vector it is, for the message
   * @throws ModelMismatchException if it states another model, or none
   */
  public void require(SparseVector vector, String what, String location) {
    fingerprint.require(vector, holder(location), what);
  }

  private static String holder(String location) {
    return "Index " + location + " was built with";
  }

  /**
   * Holds every document of an index to it: Lucene's tools put indexes together, and other programs
   * add documents, without looking at the model.
   *
   * @param fields of weights or vectors
   * @throws ModelMismatchException if a document states another model, or has weights or vectors of
   *     which nothing states the model
   */
  void requireStatements(IndexReader reader, List<String> fields, String location)
      throws IOException {
    String ours = fingerprint.sha256();
    for (String field : fields) {
      SortedMap<String, Integer> others = new TreeMap<>();
      int unstated = 0;
      for (LeafReaderContext leaf : reader.leaves()) {
        ModelStatement statement = ModelStatement.of(leaf.reader(), field);
        if (!statement.isOnly(ours)) {
          statement.models().forEach((model, number) -> others.merge(model, number, Integer::sum));
          unstated += statement.unstated();
        }
      }
      others.remove(ours);
      if (!others.isEmpty() || unstated > 0) {
        throw new ModelMismatchException(foreign(field, others, unstated, location));
      }
    }
  }

  private String foreign(
      String field, SortedMap<String, Integer> others, int unstated, String location) {
    List<String> found = new ArrayList<>();
    others.forEach(
        (model, number) ->
            found.add(
                String.format(
                    Locale.ROOT,
                    "%d with the fingerprint %s",
                    number,
                    model.substring(0, Math.min(model.length(), SHORT_HASH)))));
    if (unstated > 0) {
      found.add(
          String.format(Locale.ROOT, "at least %d of which nothing states the model", unstated));
    }
    return "Index %s was built with %s, but it has documents whose field %s came from elsewhere: %s. Another index was added to it, or another program's documents. Restore it from a copy, or build it again."
        .formatted(location, fingerprint, field, String.join(", ", found));
  }

  /**
   * Holds an encoder to this index: its fingerprint, and the witness texts' weights as it computes
   * them now.
   *
   * @return how far the weights are from those recorded, at most the tolerance
   * @throws ModelMismatchException if the encoder's model is another, or its weights drifted too
   *     far
   */
  public float require(SparseEncoder encoder, String location) {
    require(encoder.fingerprint(), "the encoder", location);
    Drift worst =
        witnesses.stream()
            .map(witness -> witness.drift(encoder))
            .max(Comparator.comparingDouble(Drift::difference))
            .orElse(null);
    if (worst == null) {
      return 0;
    }
    if (worst.difference() > tolerance) {
      throw new ModelMismatchException(
          ("Index %s was built with the files of %s, but here they give other weights: feature %s"
                  + " of \"%s\" (%s) weighs %s in the index and %s now, a difference of %s where %s is"
                  + " accepted.%n  the index was begun with %s%n  this is %s%nUse the environment that"
                  + " the index was begun with, or build it again in this one.")
              .formatted(
                  location,
                  fingerprint,
                  encoder.describe(worst.feature()),
                  worst.witness().text(),
                  worst.witness().role().name().toLowerCase(Locale.ROOT),
                  worst.recorded(),
                  worst.computed(),
                  worst.difference(),
                  tolerance,
                  environment,
                  encoder.environment()));
    }
    return worst.difference();
  }
}
