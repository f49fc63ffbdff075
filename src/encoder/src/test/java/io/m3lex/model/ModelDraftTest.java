/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.encoder.LexicalEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDraftTest {

  private static final float TOLERANCE = 1e-4f;

  @TempDir Path folder;

  @Test
  void draftOfFolderIsLockedAndOpened() throws IOException {
    TestModel.create(folder);
    Path manifest = folder.resolve(ModelManifest.FILE_NAME);
    Files.delete(manifest);
    ModelManifest draft = ModelDraft.ofFolder(folder, "ours", 0, TOLERANCE);
    ModelManifest locked =
        LexicalEncoder.lock(draft, ModelSource.folder(folder), manifest, ModelDraft.INT8_TOLERANCE);
    assertEquals(locked, ModelManifest.ofFolder(folder));
    assertTrue(locked.golden().texts().stream().anyMatch(text -> !text.weights().isEmpty()));
    try (LexicalEncoder encoder = LexicalEncoder.open(folder)) {
      assertEquals("ours", encoder.fingerprint().model());
      for (GoldenText text : locked.golden().texts()) {
        assertEquals(
            text.weights(), encoder.encode(text.text(), text.role()).vector().toMap(), text.text());
      }
    }
  }

  @Test
  void ofSeveralHeadsOneMustBeChosen() throws IOException {
    TestModel.create(folder);
    Files.copy(folder.resolve(TestModel.HEAD), folder.resolve("sparse_linear.safetensors"));
    ModelDraftException e =
        assertThrows(
            ModelDraftException.class, () -> ModelDraft.ofFolder(folder, "ours", 0, TOLERANCE));
    assertEquals(Optional.of(FileRole.HEAD), e.ambiguous());
    assertTrue(e.getMessage().startsWith(e.problem()), e.getMessage());
    ModelManifest draft =
        ModelDraft.ofFolder(folder, "ours", 0, TOLERANCE, null, "sparse_linear.safetensors");
    assertEquals("sparse_linear.safetensors", draft.file(FileRole.HEAD).path());
  }

  @Test
  void missingHeadIsRefused() throws IOException {
    TestModel.create(folder);
    Files.delete(folder.resolve(TestModel.HEAD));
    ModelDraftException e =
        assertThrows(
            ModelDraftException.class, () -> ModelDraft.ofFolder(folder, "ours", 0, TOLERANCE));
    assertTrue(e.getMessage().contains("lexical head"), e.getMessage());
    assertEquals(Optional.empty(), e.ambiguous());
  }
}
