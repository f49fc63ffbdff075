/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.ModelFingerprint;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model that passed verification, with the very bytes that were verified. Nothing else makes one.
 *
 * <p>Instances are immutable and safe for use by several threads. The bytes lie outside the Java
 * heap; those of checkpoints and heads of more than 256 MiB are read from their files when they are
 * needed, and compared with what was verified: a file that was written to meanwhile ends in a
 * {@link io.m3lex.checkpoint.FileChangedException} (a new file of the same name does no harm). They
 * are released with the instance.
 */
public final class VerifiedModel {

  private final ModelManifest manifest;
  private final Map<String, FileBytes> contents;
  private final SortedMap<String, Tensor> headTensors;
  private final SortedMap<String, Tensor> otherHeadTensors;
  private final SortedMap<String, Tensor> encoderTensors;
  private final Optional<TransformerArchitecture> architecture;
  private final VerificationReport report;

  VerifiedModel(
      ModelManifest manifest,
      Map<String, FileBytes> contents,
      TensorCheck tensors,
      VerificationReport report) {
    this.manifest = manifest;
    this.contents = Map.copyOf(contents);
    headTensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors.headTensors()));
    otherHeadTensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors.otherHeadTensors()));
    encoderTensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors.encoderTensors()));
    architecture = tensors.architecture();
    this.report = report;
  }

  /** What the model is. */
  public ModelManifest manifest() {
    return manifest;
  }

  /**
   * The bytes of the one file of a role: a read-only buffer of the caller's own, from position 0,
   * which is a copy if the file has more than 256 MiB and holds tensors.
   *
   * @throws IllegalArgumentException for a role of several files; see {@link #bytes(ModelFile)}
   */
  public ByteBuffer bytes(FileRole role) {
    return bytes(manifest.file(role));
  }

  /**
   * The bytes of a file of the manifest.
   *
   * @throws IllegalArgumentException if the manifest does not have the file
   */
  public ByteBuffer bytes(ModelFile file) {
    FileBytes content = contents.get(file.path());
    if (content == null || content.size() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "model %s has no file %s of at most 2 GiB".formatted(manifest.name(), file));
    }
    return buffer(file, content);
  }

  /** A read-only buffer over a file of at most 2 GiB. */
  static ByteBuffer buffer(ModelFile file, FileBytes content) {
    try {
      return content.slice(0, Math.toIntExact(content.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(file.path() + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The encoder's architecture; empty if the encoder is an ONNX file. */
  public Optional<TransformerArchitecture> architecture() {
    return architecture;
  }

  /**
   * The tensors that the encoder's architecture demands, by name: all of them and no others. Empty
   * if the encoder is an ONNX file.
   */
  public SortedMap<String, Tensor> encoderTensors() {
    return encoderTensors;
  }

  /** The tensors that the head's declared form demands, by name: all of them and no others. */
  public SortedMap<String, Tensor> headTensors() {
    return headTensors;
  }

  /** The tensors of the file of role {@link FileRole#OTHER_HEAD}; none if it is not there. */
  public SortedMap<String, Tensor> otherHeadTensors() {
    return otherHeadTensors;
  }

  /** What the verification checked. */
  public VerificationReport report() {
    return report;
  }

  /**
   * The model's part of a fingerprint: the hash of every file ({@code file:tokenizer.json}) or
   * {@code absent} (of another head, see {@link ModelVerifier#sparseOnly()}), the head's declared
   * properties ({@code head:pooling}), the network's output that is read ({@code encoder:output}),
   * and the maximum number of tokens ({@code max-tokens}). Whoever runs the model adds what else
   * decides a weight.
   */
  public SortedMap<String, String> fingerprintComponents() {
    SortedMap<String, String> components = new TreeMap<>(manifest.head().fingerprintComponents());
    for (ModelFile file : manifest.files()) {
      if (file.isNeeded()) {
        // Of a file and its alternatives it is always the one hash: they hold the same tensors.
        components.put(
            "file:" + file.path(), contents.containsKey(file.path()) ? file.sha256() : "absent");
      }
    }
    components.put("encoder:architecture", manifest.encoder().architecture());
    components.put("encoder:output", manifest.encoder().output());
    components.put(ModelFingerprint.MAX_TOKENS, Integer.toString(manifest.encoder().maxTokens()));
    return Collections.unmodifiableSortedMap(components);
  }
}
