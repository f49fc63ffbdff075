/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.util.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The models that are known by name. Those on the class path are listed by the resources {@code
 * META-INF/m3lex/models}, a manifest's resource name in each line; those that lie on the class path
 * with all their files come first, and the first is the default.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class ModelCatalog {

  private static final String FOLDER = "/io/m3lex/models/";
  private static final String LIST = "META-INF/m3lex/models";

  private final List<ModelManifest> manifests;

  /** Makes a catalogue of manifests, in the given order. */
  public ModelCatalog(List<ModelManifest> manifests) {
    this.manifests = List.copyOf(manifests);
  }

  /**
   * The catalogue of the models on the class path.
   *
   * @throws ModelVerificationException if a shipped manifest is damaged
   * @throws UncheckedIOException if the program's own files cannot be read
   */
  public static ModelCatalog shipped() {
    try {
      List<ModelManifest> embedded = new ArrayList<>();
      List<ModelManifest> others = new ArrayList<>();
      for (URL list : Collections.list(ModelCatalog.class.getClassLoader().getResources(LIST))) {
        for (String name : Utf8.text(bytes(list.openStream())).lines().toList()) {
          InputStream stream = ModelCatalog.class.getResourceAsStream(name);
          if (stream == null) {
            throw new IOException(list + " names " + name + ", which is not on the class path");
          }
          ModelManifest manifest = ManifestFormat.parse(bytes(stream), name);
          (manifest.isEmbedded() ? embedded : others).add(manifest);
        }
      }
      embedded.addAll(others);
      return new ModelCatalog(embedded);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the program is incomplete: " + e.getMessage() + "; build or install it again", e);
    }
  }

  /** Where on the class path the head of a shipped model lies. */
  public static String headResource(String model) {
    return FOLDER + model + ".safetensors";
  }

  private static byte[] bytes(InputStream source) throws IOException {
    try (InputStream stream = source) {
      return stream.readAllBytes();
    }
  }

  /**
   * The model on the class path that is used where none is named.
   *
   * @throws NoSuchElementException if there is none
   */
  public ModelManifest defaultModel() {
    return manifests.stream()
        .filter(ModelManifest::isEmbedded)
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    "No model is on the class path. Depend on io.m3lex:m3lex-model-bge-small-en, or name the folder of a model."));
  }

  /** All manifests, the default model's first. */
  public List<ModelManifest> manifests() {
    return manifests;
  }

  /**
   * The manifest of a model.
   *
   * @throws NoSuchElementException if there is no such model; the message names those that are
   */
  public ModelManifest manifest(String name) {
    return manifests.stream()
        .filter(manifest -> manifest.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    "there is no model \"%s\"; the known models are %s"
                        .formatted(name, manifests.stream().map(ModelManifest::name).toList())));
  }

  /**
   * What a folder should hold: the manifest that it carries, else that of the known model of which
   * most files are there by name, those of the right size counting most.
   *
   * @throws ModelVerificationException if there is no such folder, the manifest cannot be read, or
   *     no known model has a file of these names
   */
  public ModelManifest ofFolder(Path folder) {
    if (Files.exists(folder.resolve(ModelManifest.FILE_NAME)) || !Files.isDirectory(folder)) {
      return ModelManifest.ofFolder(folder);
    }
    ModelManifest likeliest = null;
    int most = 0;
    for (ModelManifest manifest : manifests) {
      int likeness = manifest.files().stream().mapToInt(file -> likeness(folder, file)).sum();
      if (likeness > most) {
        most = likeness;
        likeliest = manifest;
      }
    }
    if (likeliest == null) {
      throw ModelVerificationException.ofManifest(
          folder.toString(),
          "holds no file of a known model and no " + ModelManifest.FILE_NAME,
          "Name the folder of a model, or lock this one first: m3lex model lock " + folder);
    }
    return likeliest;
  }

  private static int likeness(Path folder, ModelFile file) {
    Path path = folder.resolve(file.path());
    try {
      return !Files.exists(path) ? 0 : Files.size(path) == file.bytes() ? 100 : 1;
    } catch (IOException e) {
      return 1;
    }
  }

  /** Whose file has this hash, for people: {@code the head of bge-m3}. */
  Optional<String> ownerOf(String sha256) {
    return manifests.stream().flatMap(manifest -> ownerIn(manifest, sha256).stream()).findFirst();
  }

  static Optional<String> ownerIn(ModelManifest manifest, String sha256) {
    return manifest.files().stream()
        .filter(file -> file.sha256().equals(sha256))
        .map(file -> "%s (%s) of model %s".formatted(file.path(), file.role(), manifest.name()))
        .findFirst();
  }
}
