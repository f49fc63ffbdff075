/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a model is: its files with their hashes, what its head computes, and known texts with their
 * weights. Written as JSON for people and programs, in a stable order; properties that are not
 * known are refused by name, because one that is overlooked could decide a weight.
 *
 * @param formatVersion {@link #FORMAT_VERSION}
 * @param name short and without spaces, for instance {@code bge-small-en-lexical}
 * @param title one line for people
 * @param source where the files come from
 * @param licence of the files, for instance {@code MIT}
 * @param download the address that a file's path is put behind to fetch it, ending with {@code /};
 *     null if the model cannot be fetched
 * @param encoder the network and its output
 * @param head what the head computes
 * @param files exactly one encoder, one tokenizer and one head, and any number of settings
 * @param golden known texts with their weights
 * @param witnessTolerance greatest difference between a weight that an index recorded and the same
 *     weight computed again on another machine
 * @param training data, settings, command and measured result of the head's training, in free form
 * @param notes anything else that a user should know
 */
@JsonPropertyOrder({
  "formatVersion",
  "name",
  "title",
  "source",
  "licence",
  "download",
  "encoder",
  "head",
  "files",
  "witnessTolerance",
  "training",
  "notes",
  "golden"
})
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ModelManifest(
    int formatVersion,
    String name,
    String title,
    String source,
    String licence,
    String download,
    EncoderOutput encoder,
    HeadForm head,
    List<ModelFile> files,
    Golden golden,
    float witnessTolerance,
    Map<String, Object> training,
    List<String> notes) {

  /** The version of the format that this program reads and writes. */
  public static final int FORMAT_VERSION = 1;

  private static final long GREATEST_SIZE = 16 << 20;

  /** The name of the manifest that a model's folder may carry. */
  public static final String FILE_NAME = "m3lex-model.json";

  /**
   * Checks and copies the components; null stands for the M3 form, no golden texts, no training and
   * no notes.
   *
   * @throws IllegalArgumentException if something is missing or not allowed; the message names it
   */
  public ModelManifest {
    if (formatVersion != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "formatVersion must be " + FORMAT_VERSION + ": " + formatVersion);
    }
    if (name == null || !name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new IllegalArgumentException(
          "name must consist of letters, digits, '.', '_' and '-': " + name);
    }
    title = title == null ? "" : title;
    source = source == null ? "" : source;
    licence = licence == null ? "" : licence;
    if (download != null && !download.matches("https?://\\S+/")) {
      throw new IllegalArgumentException(
          "download must be an address of http or https that ends with '/': " + download);
    }
    if (encoder == null) {
      throw new IllegalArgumentException("encoder is missing");
    }
    head = head == null ? HeadForm.M3 : head;
    if (files == null) {
      throw new IllegalArgumentException("files are missing");
    }
    files = List.copyOf(files);
    requireOneOfEach(files);
    requireConfig(files);
    golden = golden == null ? Golden.NONE : golden;
    if (!(witnessTolerance >= 0) || witnessTolerance == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "witnessTolerance must be finite and not negative: " + witnessTolerance);
    }
    requireFinite(training);
    training =
        training == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(training));
    notes = notes == null ? List.of() : List.copyOf(notes);
  }

  /** JSON can write no others, and reads a number that is too great as an infinite one. */
  private static void requireFinite(Object training) {
    if (training instanceof Map<?, ?> map) {
      map.values().forEach(ModelManifest::requireFinite);
    } else if (training instanceof List<?> list) {
      list.forEach(ModelManifest::requireFinite);
    } else if (training instanceof Number number && !Double.isFinite(number.doubleValue())) {
      throw new IllegalArgumentException("training must hold finite numbers only: " + number);
    }
  }

  private static void requireOneOfEach(List<ModelFile> files) {
    Set<String> paths = new HashSet<>();
    for (ModelFile file : files) {
      if (!paths.add(file.path())) {
        throw new IllegalArgumentException("files name " + file.path() + " twice");
      }
    }
    for (FileRole role : List.of(FileRole.ENCODER, FileRole.TOKENIZER, FileRole.HEAD)) {
      long count = files.stream().filter(file -> file.role() == role).count();
      if (count != 1) {
        throw new IllegalArgumentException(
            "files must name exactly one file of the role " + role + ", not " + count);
      }
    }
  }

  /** A network that is no ONNX file needs its architecture told. */
  private static void requireConfig(List<ModelFile> files) {
    boolean onnx =
        files.stream().anyMatch(file -> file.role() == FileRole.ENCODER && file.isOnnx());
    if (!onnx && files.stream().noneMatch(ModelManifest::isArchitecture)) {
      throw new IllegalArgumentException(
          "files must name "
              + TransformerArchitecture.FILE_NAME
              + " with the role config, because the encoder is no ONNX file");
    }
  }

  private static boolean isArchitecture(ModelFile file) {
    return file.role() == FileRole.CONFIG && file.path().equals(TransformerArchitecture.FILE_NAME);
  }

  /** Whether the encoder is an ONNX file, which holds its architecture itself. */
  @JsonIgnore
  public boolean hasOnnxEncoder() {
    return file(FileRole.ENCODER).isOnnx();
  }

  /** Whether all files lie on the class path, so that nothing is to be downloaded. */
  @JsonIgnore
  public boolean isEmbedded() {
    return files.stream().allMatch(file -> file.resource() != null);
  }

  /** The file that states the encoder's architecture; every encoder but an ONNX file has one. */
  ModelFile architectureFile() {
    return files.stream().filter(ModelManifest::isArchitecture).findFirst().orElseThrow();
  }

  /**
   * Reads a manifest of at most 16 MiB.
   *
   * @throws ModelVerificationException if the file cannot be read or is not a manifest; the message
   *     says where and what to do
   */
  public static ModelManifest read(Path file) {
    try {
      long size = Files.size(file);
      if (size > GREATEST_SIZE) {
        throw ModelVerificationException.ofManifest(
            file.toString(),
            String.format(Locale.ROOT, "%d bytes are no manifest", size),
            "Name another file");
      }
      return ManifestFormat.parse(Files.readAllBytes(file), file.toString());
    } catch (NoSuchFileException e) {
      throw ModelVerificationException.ofManifest(
          file.toString(),
          "there is no such file",
          "Name the model that the folder should hold, or lock the folder as a model of your own");
    } catch (IOException e) {
      throw ModelVerificationException.ofManifest(
          file.toString(),
          "cannot be read: " + ModelSource.reason(e),
          "Put a manifest there that this user may read");
    }
  }

  /**
   * Reads the manifest that a model's folder carries, {@link #FILE_NAME}.
   *
   * @throws ModelVerificationException if there is none, or it is not a manifest
   */
  public static ModelManifest ofFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw ModelVerificationException.ofManifest(
          folder.toString(), "there is no such folder", "Name the folder of a model");
    }
    return read(folder.resolve(FILE_NAME));
  }

  /** This manifest as JSON in UTF-8, ending with a line break. */
  public byte[] toJson() {
    return ManifestFormat.write(this);
  }

  /**
   * The one file of a role.
   *
   * @throws IllegalArgumentException for a role of which there may be any number of files
   */
  public ModelFile file(FileRole role) {
    if (role.isRepeatable()) {
      throw new IllegalArgumentException("a model may have several files of the role " + role);
    }
    return files.stream().filter(file -> file.role() == role).findFirst().orElseThrow();
  }

  /** This manifest with other files. */
  public ModelManifest withFiles(List<ModelFile> otherFiles) {
    return new ModelManifest(
        formatVersion,
        name,
        title,
        source,
        licence,
        download,
        encoder,
        head,
        otherFiles,
        golden,
        witnessTolerance,
        training,
        notes);
  }

  /** This manifest with other golden texts. */
  public ModelManifest withGolden(Golden otherGolden) {
    return new ModelManifest(
        formatVersion,
        name,
        title,
        source,
        licence,
        download,
        encoder,
        head,
        files,
        otherGolden,
        witnessTolerance,
        training,
        notes);
  }
}
