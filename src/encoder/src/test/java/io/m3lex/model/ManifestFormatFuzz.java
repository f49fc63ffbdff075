/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.util.Arrays;

/** Fuzzes {@link ManifestFormat}: an input is a whole manifest. */
public final class ManifestFormatFuzz {

  private ManifestFormatFuzz() {}

  /** Whether an input is read; fails if it is neither read whole nor refused as documented. */
  public static boolean fuzzerTestOneInput(byte[] input) {
    ModelManifest manifest;
    try {
      manifest = ManifestFormat.parse(input, "m.json");
    } catch (ModelVerificationException e) {
      if (e.report().faults().size() != 1 || !e.getMessage().startsWith("m.json")) {
        throw new AssertionError("not a message for people: " + e.getMessage(), e);
      }
      return false;
    }
    byte[] json = manifest.toJson();
    ModelManifest again = ManifestFormat.parse(json, "again.json");
    if (!again.equals(manifest) || !Arrays.equals(json, again.toJson())) {
      throw new AssertionError("written and read again: " + again + " of " + manifest);
    }
    use(manifest);
    return true;
  }

  /** Asks for what a verification asks for before it looks into files. */
  private static void use(ModelManifest manifest) {
    for (FileRole role : FileRole.values()) {
      if (!role.isRepeatable()) {
        manifest.file(role);
      }
    }
    if (!manifest.hasOnnxEncoder()) {
      manifest.architectureFile();
    }
    manifest.files().forEach(ModelFile::alternativeFiles);
    manifest.head().tensors(manifest.encoder().hiddenSize(), manifest.encoder().vocabularySize());
    manifest.head().fingerprintComponents();
    for (GoldenText text : manifest.golden().texts()) {
      text.weights().values().forEach(weight -> requireFinite(weight));
    }
    requireFinite(manifest.witnessTolerance());
    requireFinite(manifest.golden().tolerance());
  }

  private static void requireFinite(float number) {
    if (!(number >= 0) || number == Float.POSITIVE_INFINITY) {
      throw new AssertionError("a number that is none: " + number);
    }
  }
}
