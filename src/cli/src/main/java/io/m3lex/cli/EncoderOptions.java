/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.EncoderSettings.Device;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import picocli.CommandLine.Option;

/** Which model encodes, and on what. */
final class EncoderOptions {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR|NAME",
      description =
          "A folder with the official files of a known model or with a locked one, or the name of one"
              + " that comes with m3lex (see \"m3lex model list\"). Default: the first of these.")
  private String model;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that encode. Default: one for each processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--device",
      defaultValue = "auto",
      description =
          "auto, cpu or gpu, for PyTorch checkpoints; auto takes a GPU if there is one. Default:"
              + " ${DEFAULT-VALUE}.")
  private Device device;

  @Option(
      names = "--sparse-only",
      description =
          "Accept a model without its head for multiple vectors, on which no lexical weight depends.")
  private boolean sparseOnly;

  int threads() {
    if (threads < 1) {
      throw new CommandException("--threads must be at least 1: " + threads);
    }
    return threads;
  }

  /** Settings that decide no weight; the rest are defaults. */
  EncoderSettings settings() {
    return EncoderSettings.DEFAULT.with(device).withThreads(threads());
  }

  /** Verifies and opens the model. */
  LexicalEncoder open(EncoderSettings settings) throws IOException {
    ModelCatalog catalog = ModelCatalog.shipped();
    ModelVerifier verifier = new ModelVerifier(catalog);
    if (sparseOnly) {
      verifier = verifier.sparseOnly();
    }
    ModelManifest manifest = catalog.defaultModel();
    ModelSource source = ModelSource.classPath();
    if (model != null && Files.isDirectory(Path.of(model))) {
      manifest = catalog.ofFolder(Path.of(model));
      source = ModelSource.folder(Path.of(model));
    } else if (model != null) {
      manifest = known(catalog, "--model", model);
      if (manifest.download() != null) {
        throw new CommandException(
            "Model %s does not come with m3lex, and there is no folder of this name. Fetch it with \"m3lex model fetch %s\", then name its folder."
                .formatted(model, model));
      }
    }
    return LexicalEncoder.open(manifest, source, verifier, settings);
  }

  /** Verifies and opens the model, with what an index was built with. */
  LexicalEncoder open(ModelFingerprint index) throws IOException {
    return open(settings().like(index));
  }

  /** The known model that an option names. */
  static ModelManifest known(ModelCatalog catalog, String option, String name) {
    try {
      return catalog.manifest(name);
    } catch (NoSuchElementException e) {
      List<String> names = catalog.manifests().stream().map(ModelManifest::name).toList();
      throw new CommandException(
          "%s %s is neither on the disk nor a known model %s.".formatted(option, name, names));
    }
  }
}
