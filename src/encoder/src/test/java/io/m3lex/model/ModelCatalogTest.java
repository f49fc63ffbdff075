/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.checkpoint.FileBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models by name, and which one a folder was meant to hold. */
class ModelCatalogTest {

  private static final ModelManifest FEW_LARGE = manifest("few-large", 2_000, "head");
  private static final ModelManifest MANY_SMALL =
      manifest("many-small", 10, "other-head", "a", "b");

  private final ModelCatalog catalog = new ModelCatalog(List.of(FEW_LARGE, MANY_SMALL));

  @TempDir private Path folder;

  private static ModelManifest manifest(String name, int bytes, String head, String... extras) {
    List<ModelFile> files = new ArrayList<>();
    files.add(file("model.onnx", bytes, FileRole.ENCODER));
    files.add(file("tokenizer", bytes, FileRole.TOKENIZER));
    files.add(file(head, bytes, FileRole.HEAD));
    for (String extra : extras) {
      files.add(file(extra, bytes, FileRole.EXTRA));
    }
    return TestModel.manifest(name, files);
  }

  private static ModelFile file(String path, int bytes, FileRole role) {
    try {
      return ModelFile.unmeasured(path, null, role)
          .measured(FileBytes.of(ByteBuffer.allocate(bytes)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aModelIsFoundByItsName() {
    assertEquals(MANY_SMALL, catalog.manifest("many-small"));
    String message =
        assertThrows(NoSuchElementException.class, () -> catalog.manifest("few")).getMessage();
    assertTrue(message.contains("\"few\"; the known models are [few-large, many-small]"), message);
  }

  @Test
  void theShippedHeadsAreOnTheClassPath() {
    ModelManifest first = ModelCatalog.shipped().defaultModel();
    String head = ModelCatalog.headResource(first.name());
    assertNotNull(ModelCatalog.class.getResource(head), head);
  }

  @Test
  void aFolderIsThatOfWhichMostFilesAreThere() throws IOException {
    put("a", 1);
    assertEquals(MANY_SMALL, catalog.ofFolder(folder));
    put("head", 1);
    // As many of both: the first one known.
    assertEquals(FEW_LARGE, catalog.ofFolder(folder));
    put("b", 1);
    assertEquals(MANY_SMALL, catalog.ofFolder(folder));
    put("model.onnx", 2_000);
    assertEquals(FEW_LARGE, catalog.ofFolder(folder), "the right size counts most");
  }

  @Test
  void aFolderWithAManifestIsWhatItSays() throws IOException {
    put("head", 2_000);
    Files.write(folder.resolve(ModelManifest.FILE_NAME), MANY_SMALL.toJson());
    assertEquals(MANY_SMALL, catalog.ofFolder(folder));
  }

  @Test
  void aFolderWithoutAnyKnownFileIsRefused() throws IOException {
    put("other", 2_000);
    String message = refusal(folder);
    assertTrue(message.contains("holds no file of a known model"), message);
    assertTrue(message.contains("m3lex model lock " + folder), message);
    assertTrue(refusal(folder.resolve("none")).contains("none"));
  }

  private String refusal(Path place) {
    return assertThrows(ModelVerificationException.class, () -> catalog.ofFolder(place))
        .getMessage();
  }

  private void put(String file, int bytes) throws IOException {
    Files.write(folder.resolve(file), new byte[bytes]);
  }
}
