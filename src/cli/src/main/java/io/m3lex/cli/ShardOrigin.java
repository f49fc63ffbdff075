/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.TextRole;
import io.m3lex.corpus.VectorFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;

/**
 * What the vectors of a shard come from: the same for all shards of a file.
 *
 * @param model its name, for people; not compared
 * @param fingerprint SHA-256 over the components
 * @param components everything that decides a weight
 */
record ShardOrigin(
    CountedInput input,
    TextRole role,
    VectorFormat format,
    String model,
    String fingerprint,
    SortedMap<String, String> components) {

  ShardOrigin {
    ModelFingerprint named = new ModelFingerprint(model, components);
    if (!named.sha256().equals(fingerprint)) {
      throw new IllegalArgumentException(
          "the fingerprint is %s, that of its components %s"
              .formatted(fingerprint, named.sha256()));
    }
    components = named.components();
  }

  static ShardOrigin of(CountedInput input, VectorEncoding encoding) {
    ModelFingerprint fingerprint = encoding.encoder().fingerprint();
    return new ShardOrigin(
        input,
        encoding.role(),
        encoding.format(),
        fingerprint.model(),
        fingerprint.sha256(),
        fingerprint.components());
  }

  /** The model as messages name it. */
  String modelName() {
    return new ModelFingerprint(model, components).toString();
  }

  /** All that must be the same, by what it is called in messages. */
  Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("input", "SHA-256 " + input.sha256());
    properties.put("records of the input", Long.toString(input.records()));
    properties.put("role", role.name().toLowerCase(Locale.ROOT));
    properties.put("format", format.name().toLowerCase(Locale.ROOT));
    components.forEach((name, value) -> properties.put("model's " + name, value));
    return properties;
  }
}
