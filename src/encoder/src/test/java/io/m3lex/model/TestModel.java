/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.TextRole;
import io.m3lex.checkpoint.SafetensorsWriter;
import io.m3lex.checkpoint.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * A folder with a whole model: the real encoder and tokenizer of the class path, and a head of
 * random numbers.
 */
final class TestModel {

  static final String ENCODER = "model.onnx";
  static final String TOKENIZER = "tokenizer.json";
  static final String HEAD = "lexical_head.safetensors";

  static final Golden GOLDEN =
      new Golden(
          1e-4f,
          List.of(
              new GoldenText(
                  "heat transfer", TextRole.DOCUMENT, new TreeMap<>(Map.of("3684", 0.5f)))));

  private TestModel() {}

  /** Fills a folder and locks it. */
  static ModelManifest create(Path folder) throws IOException {
    copyResource("/bge-small-en-v1.5-q.onnx", folder.resolve(ENCODER));
    copyResource("/bge-small-en-v1.5-q-tokenizer.json", folder.resolve(TOKENIZER));
    writeHead(folder, "weight", 384, 1);
    VerifiedModel examined = ModelLock.examine(draft(HeadForm.M3), ModelSource.folder(folder));
    return ModelLock.write(examined, GOLDEN, folder.resolve(ModelManifest.FILE_NAME));
  }

  /** The manifest of a model of which only the files matter. */
  static ModelManifest manifest(String name, List<ModelFile> files) {
    return new ModelManifest(
        ModelManifest.FORMAT_VERSION,
        name,
        "",
        "",
        "",
        null,
        new EncoderOutput("xlm-roberta", "last_hidden_state", 4, 5, 6),
        HeadForm.M3,
        files,
        Golden.NONE,
        0,
        Map.of(),
        List.of());
  }

  static ModelManifest draft(HeadForm form) {
    return new ModelManifest(
        ModelManifest.FORMAT_VERSION,
        "test-model",
        "A model for tests",
        "nowhere",
        "MIT",
        null,
        new EncoderOutput("bert", "last_hidden_state", 384, 30_522, 512),
        form,
        List.of(
            ModelFile.unmeasured(ENCODER, "/bge-small-en-v1.5-q.onnx", FileRole.ENCODER),
            ModelFile.unmeasured(
                TOKENIZER, "/bge-small-en-v1.5-q-tokenizer.json", FileRole.TOKENIZER),
            ModelFile.unmeasured(HEAD, null, FileRole.HEAD)),
        Golden.NONE,
        1e-3f,
        Map.of("command", "none", "measured", Map.of("nDCG@10", 0.25)),
        List.of("the head is random"));
  }

  /** Writes a head of one row and a bias. */
  static void writeHead(Path folder, String name, int hiddenSize, long seed) throws IOException {
    writeHead(
        folder,
        Tensor.of(name, new long[] {1, hiddenSize}, random(hiddenSize, seed)),
        Tensor.of("bias", new long[] {1}, 0.25f));
  }

  static void writeHead(Path folder, Tensor... tensors) throws IOException {
    SafetensorsWriter.write(folder.resolve(HEAD), List.of(tensors), Map.of());
  }

  static float[] random(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** The manifest as it would be if the files of the folder had been locked without any check. */
  static ModelManifest remeasured(ModelManifest manifest, Path folder) throws IOException {
    List<ModelFile> files = new ArrayList<>();
    for (ModelFile file : manifest.files()) {
      ModelSource.Reading reading = ModelSource.folder(folder).read(file, Long.MAX_VALUE);
      files.add(file.measured(((ModelSource.Reading.Whole) reading).content()));
    }
    return manifest.withFiles(files);
  }

  static void copyResource(String resource, Path target) throws IOException {
    try (InputStream stream = TestModel.class.getResourceAsStream(resource)) {
      Files.copy(stream, target);
    }
  }
}
