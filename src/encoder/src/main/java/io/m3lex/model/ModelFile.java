/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.m3lex.checkpoint.FileBytes;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * One file of a model, as a manifest states it.
 *
 * @param path name in the model's folder, with {@code /} between the parts; never leads out of it
 * @param resource absolute name on the class path, for models that are embedded in jars; null if
 *     the file is not there
 * @param bytes exact size
 * @param sha256 in lower-case hexadecimal
 * @param role what the file is for
 * @param unusedTensors tensors of the file that the model does not use and that are therefore not
 *     missed or complained about
 * @param constantTensors tensors of which all elements may be the same, for instance biases of 0
 *     that the architecture declares and never trains
 * @param quotedMd5 an MD5 that users quote for the file, shown beside the computed one; nothing is
 *     accepted or refused by it; null if there is none
 * @param alternatives files with the very same tensors, any of which may be there instead
 */
@JsonPropertyOrder({
  "path",
  "resource",
  "role",
  "bytes",
  "sha256",
  "quotedMd5",
  "alternatives",
  "unusedTensors",
  "constantTensors"
})
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ModelFile(
    String path,
    String resource,
    long bytes,
    String sha256,
    FileRole role,
    SortedSet<String> unusedTensors,
    SortedSet<String> constantTensors,
    String quotedMd5,
    List<Alternative> alternatives) {

  private static final String NOT_MEASURED = "0".repeat(64);

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if the path leads out of the folder, or a size or hash is none
   */
  public ModelFile {
    requireFile(path, bytes, sha256);
    if (resource != null) {
      if (!resource.startsWith("/")) {
        throw new IllegalArgumentException(
            "the resource of " + path + " must start with '/': " + resource);
      }
      requireInside(resource.substring(1));
    }
    Objects.requireNonNull(role, () -> "role of " + path + " is missing");
    unusedTensors = sorted(unusedTensors);
    constantTensors = sorted(constantTensors);
    alternatives = alternatives == null ? List.of() : List.copyOf(alternatives);
  }

  /**
   * A file that may be there instead of another.
   *
   * @param path its name in the model's folder
   * @param bytes exact size
   * @param sha256 in lower-case hexadecimal
   */
  public record Alternative(String path, long bytes, String sha256) {
    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if the path leads out of the folder, or a size or hash is
     *     none
     */
    public Alternative {
      requireFile(path, bytes, sha256);
    }
  }

  /** The files that may be there instead of this one, each with what else is known of this one. */
  List<ModelFile> alternativeFiles() {
    return alternatives.stream()
        .map(
            other ->
                new ModelFile(
                    other.path(),
                    null,
                    other.bytes(),
                    other.sha256(),
                    role,
                    unusedTensors,
                    constantTensors,
                    null,
                    null))
        .toList();
  }

  /**
   * A file whose size and hash are not known yet: for the draft of a manifest, from which {@link
   * ModelLock} makes one. As it stands, no file fits it.
   *
   * @param resource null if the file is not on the class path
   */
  public static ModelFile unmeasured(String path, String resource, FileRole role) {
    return new ModelFile(path, resource, 0, NOT_MEASURED, role, null, null, null, null);
  }

  /** Whether a whole model has this file. */
  @JsonIgnore
  public boolean isNeeded() {
    return role != FileRole.EXTRA;
  }

  /** Whether the file is read tensor by tensor, so that it need not lie in memory as a whole. */
  @JsonIgnore
  boolean isOfTensors() {
    return switch (role) {
      case ENCODER -> !isOnnx();
      case HEAD, OTHER_HEAD -> true;
      case TOKENIZER, CONFIG -> false;
      case EXTRA -> true;
    };
  }

  /** Whether the name is that of an ONNX file. */
  @JsonIgnore
  public boolean isOnnx() {
    return path.endsWith(".onnx");
  }

  /** This file with the size and the hash of a content. */
  ModelFile measured(FileBytes content) throws IOException {
    return new ModelFile(
        path,
        resource,
        content.size(),
        content.sha256(),
        role,
        unusedTensors,
        constantTensors,
        quotedMd5,
        alternatives);
  }

  private static SortedSet<String> sorted(SortedSet<String> names) {
    return names == null
        ? Collections.emptySortedSet()
        : Collections.unmodifiableSortedSet(new TreeSet<>(names));
  }

  private static void requireFile(String path, long bytes, String sha256) {
    requireInside(path);
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes of " + path + " must not be negative: " + bytes);
    }
    if (sha256 == null || !sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "sha256 of " + path + " must be 64 lower-case hexadecimal digits: " + sha256);
    }
  }

  /** Accepts a plain relative name; '=' and line breaks would spoil the fingerprint. */
  private static void requireInside(String path) {
    if (path == null || !path.matches("[^/\\\\:=\\p{Cntrl}]+(/[^/\\\\:=\\p{Cntrl}]+)*")) {
      throw new IllegalArgumentException(
          "a path must be a file name, or names with '/' between them, without '\\', ':' and '=': "
              + path);
    }
    for (String part : path.split("/")) {
      if (part.equals(".") || part.equals("..")) {
        throw new IllegalArgumentException(
            "a path must not lead out of the model's folder: " + path);
      }
    }
  }
}
