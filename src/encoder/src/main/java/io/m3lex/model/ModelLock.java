/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.model.ModelSource.Reading;
import io.m3lex.util.BackgroundTask;
import io.m3lex.util.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes the manifest of a fine-tuned or private model, in two steps: {@link #examine} measures the
 * files and checks their tensors; the caller encodes golden texts with what comes of it; {@link
 * #write} writes the manifest with them.
 */
public final class ModelLock {

  private ModelLock() {}

  /**
   * Measures the files of a model and checks its tensors as {@link ModelVerifier} does.
   *
   * @param draft what the model is; the sizes and hashes of its files are ignored (see {@link
   *     ModelFile#unmeasured}), and it needs no golden texts yet
   * @return the model, with the measured manifest
   * @throws ModelVerificationException if a file is missing or the tensors have a fault: such a
   *     model cannot be locked
   */
  public static VerifiedModel examine(ModelManifest draft, ModelSource source) {
    List<ModelFile> files =
        BackgroundTask.uninterrupted(
            "measure-model",
            () -> draft.files().stream().map(file -> measured(file, source)).toList());
    // Read again by the verification, which reports what could not be read, and finds out if a file
    // changed in between.
    return new ModelVerifier(new ModelCatalog(List.of()))
        .verify(draft.withFiles(files), source, List.of(), VerificationListener.NONE);
  }

  private static ModelFile measured(ModelFile file, ModelSource source) {
    if (source.read(file, Long.MAX_VALUE) instanceof Reading.Whole whole) {
      try {
        return file.measured(whole.content());
      } catch (IOException e) {
        // The verification meets it again, and reports it.
      }
    }
    return file;
  }

  /**
   * Writes the manifest of an examined model, beside its place and renamed when it is whole.
   *
   * @param golden texts with the weights that the examined model gave them
   * @param file where the manifest shall be: {@link ModelManifest#FILE_NAME} in the model's folder
   * @return the manifest as written
   * @throws IllegalArgumentException if there is no golden text, or none has a weight
   */
  public static ModelManifest write(VerifiedModel examined, Golden golden, Path file)
      throws IOException {
    if (golden.texts().stream().allMatch(text -> text.weights().isEmpty())) {
      throw new IllegalArgumentException(
          "a model cannot be locked without a golden text that has weights");
    }
    ModelManifest manifest = examined.manifest().withGolden(golden);
    WholeFile.write(file, List.of(ByteBuffer.wrap(manifest.toJson())));
    return manifest;
  }
}
