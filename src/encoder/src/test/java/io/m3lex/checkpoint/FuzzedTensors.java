/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** What must hold for tensors out of any file, however strange. */
final class FuzzedTensors {

  /** {@link TorchCheckpoint} puts tensors of a few times the file's size in order. */
  private static final int MOST_COPIES = 8;

  /** A number of one byte in ONNX may stand for eight. */
  private static final int PACKED = 8;

  private FuzzedTensors() {}

  /**
   * Looks at every element, and writes the tensors and reads them again.
   *
   * @param fileBytes the length of the file that they came from
   */
  static void check(Map<String, Tensor> tensors, int fileBytes) throws IOException {
    check(tensors, Map.of(), fileBytes);
  }

  static void check(Map<String, Tensor> tensors, Map<String, String> metadata, int fileBytes)
      throws IOException {
    long bytes = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      require(entry.getKey().equals(tensor.name()), tensor);
      tensor.scan();
      require(tensor.data().remaining() == tensor.elementCount() * tensor.type().bytes(), tensor);
      require(tensor.data().remaining() <= (long) PACKED * fileBytes, tensor);
      bytes += tensor.data().remaining();
    }
    if (bytes > (long) MOST_COPIES * fileBytes || tensors.containsKey(SafetensorsFile.METADATA)) {
      // Many names for the same bytes, or a name that safetensors keep for themselves.
      return;
    }
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    for (ByteBuffer part : SafetensorsWriter.parts(tensors.values(), metadata)) {
      byte[] content = new byte[part.remaining()];
      part.duplicate().get(content);
      written.write(content);
    }
    SafetensorsFile again =
        SafetensorsFile.parse(ByteBuffer.wrap(written.toByteArray()), "again.safetensors");
    if (!again.tensors().equals(tensors) || !again.metadata().equals(metadata)) {
      throw new AssertionError("written and read again: " + again.tensors() + " of " + tensors);
    }
  }

  /** A refusal must be one that people can read. */
  static void check(CheckpointFormatException refusal) {
    String message = refusal.getMessage();
    if (!message.startsWith("x.") || message.length() > 20_000) {
      throw new AssertionError("not a message for people: " + message, refusal);
    }
  }

  private static void require(boolean condition, Tensor tensor) {
    if (!condition) {
      throw new AssertionError("wrong: " + tensor);
    }
  }
}
