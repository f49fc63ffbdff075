/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.checkpoint.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelLockTest {

  @TempDir Path folder;

  @Test
  void lockedModelPassesVerification() throws IOException {
    ModelManifest locked = TestModel.create(folder);
    assertEquals(locked, ModelManifest.ofFolder(folder));
    VerifiedModel model =
        new ModelVerifier(new ModelCatalog(List.of()))
            .verify(ModelManifest.ofFolder(folder), ModelSource.folder(folder));
    assertEquals(locked, model.manifest());
  }

  @Test
  void faultyModelCannotBeLocked() throws IOException {
    TestModel.copyResource("/bge-small-en-v1.5-q.onnx", folder.resolve(TestModel.ENCODER));
    TestModel.writeHead(
        folder,
        Tensor.of("weight", new long[] {384}, new float[384]),
        Tensor.of("bias", new long[] {1}, 0));
    ModelVerificationException e =
        assertThrows(
            ModelVerificationException.class,
            () -> ModelLock.examine(TestModel.draft(HeadForm.M3), ModelSource.folder(folder)));
    assertEquals(
        List.of(
            new Fault.Missing(TestModel.TOKENIZER, folder.toString(), FileRole.TOKENIZER),
            new Fault.Constant(TestModel.HEAD, "weight", "[384]")),
        e.report().faults());
  }

  @Test
  void modelWithoutWorkingGoldenTextCannotBeLocked() throws IOException {
    TestModel.create(folder);
    VerifiedModel examined =
        ModelLock.examine(TestModel.draft(HeadForm.M3), ModelSource.folder(folder));
    Path file = folder.resolve("other.json");
    assertThrows(
        IllegalArgumentException.class, () -> ModelLock.write(examined, Golden.NONE, file));
    assertFalse(Files.exists(file));
    ModelManifest written = ModelLock.write(examined, TestModel.GOLDEN, file);
    assertTrue(written.file(FileRole.ENCODER).bytes() > 34_000_000);
  }
}
