/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxInitializersTest {

  private static final int INITIALIZER = 5;

  @Test
  void readsEveryInitializerOfTheEmbeddedEncoder() throws IOException {
    byte[] model;
    try (InputStream stream = getClass().getResourceAsStream("/bge-small-en-v1.5-q.onnx")) {
      model = stream.readAllBytes();
    }
    Map<String, Tensor> tensors = read(model);
    assertEquals(347, tensors.size());
    Tensor words = tensors.get("embeddings.word_embeddings.weight_quantized");
    assertEquals("embeddings.word_embeddings.weight_quantized U8[30522, 384]", words.toString());
    assertEquals(30_522 * 384, words.elementCount());
    Tensor norm = tensors.get("embeddings.LayerNorm.weight");
    assertEquals(ElementType.F32, norm.type());
    assertTrue(norm.hasShape(384));
    // Scalars and scales are in typed fields instead of raw data.
    assertTrue(tensors.get("embeddings.word_embeddings.weight_scale").toFloats()[0] > 0);
    Tensor scale = tensors.get("onnx::MatMul_1525_scale");
    assertEquals(384, scale.elementCount());
    assertFalse(scale.isConstant());
    Tensor zeroPoint = tensors.get("onnx::MatMul_1525_zero_point");
    assertEquals("onnx::MatMul_1525_zero_point I8[384]", zeroPoint.toString());
    assertTrue(zeroPoint.isConstant());
    for (Tensor tensor : tensors.values()) {
      assertTrue(tensor.firstNotFinite().isEmpty(), tensor.toString());
    }
  }

  @Test
  void readsRawPackedAndSingleData() throws IOException {
    OnnxBytes graph =
        new OnnxBytes()
            .message(INITIALIZER, tensor("raw", 3, 2).block(9, new byte[] {1, (byte) 0x80}))
            .message(INITIALIZER, tensor("packed", 3, 2).packed(5, 127, -128))
            .message(INITIALIZER, tensor("single", 1, 2).fixed32(4, 1.5f).fixed32(4, -2))
            .message(INITIALIZER, tensor("long", 7, 2).packed(7, -1, Long.MAX_VALUE))
            .message(INITIALIZER, tensor("half", 10, 1).packed(5, Float.floatToFloat16(0.5f)))
            .message(
                INITIALIZER,
                new OnnxBytes().packed(1, 1, 2).number(2, 2).text(8, "dims").packed(5, 7, 255))
            .message(INITIALIZER, tensor("empty", 1, 0));
    Map<String, Tensor> tensors = read(OnnxBytes.model(graph));
    assertEquals(
        List.of("raw", "packed", "single", "long", "half", "dims", "empty"),
        List.copyOf(tensors.keySet()));
    assertArrayEquals(new float[] {1, -128}, tensors.get("raw").toFloats());
    assertArrayEquals(new float[] {127, -128}, tensors.get("packed").toFloats());
    assertArrayEquals(new float[] {1.5f, -2}, tensors.get("single").toFloats());
    assertEquals(Long.MAX_VALUE, tensors.get("long").data().getLong(8));
    assertArrayEquals(new float[] {0.5f}, tensors.get("half").toFloats());
    assertTrue(tensors.get("dims").hasShape(1, 2));
    assertArrayEquals(new float[] {7, 255}, tensors.get("dims").toFloats());
    assertEquals(0, tensors.get("empty").elementCount());
  }

  @Test
  void refusesWeightsInAnotherFile() {
    OnnxBytes external = tensor("w", 1, 2).message(13, new OnnxBytes().text(1, "location"));
    assertRefused("external data", graphOf(external));
    assertRefused("external data", graphOf(tensor("w", 1, 2).number(14, 1)));
  }

  @Test
  void refusesWhatDoesNotFitTogether() {
    assertRefused("do not agree", graphOf(tensor("w", 1, 3).block(9, new byte[8])));
    assertRefused("do not agree", graphOf(tensor("w", 1, Long.MAX_VALUE).block(9, new byte[8])));
    assertRefused("do not agree", graphOf(tensor("w", 1, -2).block(9, new byte[8])));
    assertRefused("do not agree", graphOf(tensor("w", 1, 3)));
    assertRefused("data type 8", graphOf(tensor("w", 8, 1).block(9, new byte[1])));
    assertRefused("data type", graphOf(tensor("w", (1L << 32) + 1, 1).block(9, new byte[4])));
    assertRefused("twice", graphOf(tensor("w", 1, 1).block(9, new byte[4]).fixed32(4, 1)));
    assertRefused("two kinds", graphOf(tensor("w", 1, 1).packed(5, 1).fixed32(4, 1)));
    assertRefused("does not belong", graphOf(tensor("w", 1, 1).packed(5, 1)));
    assertRefused("a tensor has the name", graphOf(tensor("", 1, 1).fixed32(4, 1)));
    assertRefused(
        "two initializers",
        OnnxBytes.model(
            new OnnxBytes()
                .message(INITIALIZER, tensor("w", 1, 1).fixed32(4, 1))
                .message(INITIALIZER, tensor("w", 1, 1).fixed32(4, 2))));
    assertRefused("sparse", OnnxBytes.model(new OnnxBytes().message(15, new OnnxBytes())));
  }

  @Test
  void refusesWhatIsNoModel() {
    assertRefused("is empty", new byte[0]);
    assertRefused("no graph", new OnnxBytes().number(1, 8).toByteArray());
    assertRefused("not an ONNX model", "{\"a\": 1}".getBytes(StandardCharsets.UTF_8));
    assertRefused(
        "git lfs pull",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"
            .getBytes(StandardCharsets.UTF_8));
    assertRefused("is a web page", "\n<!DOCTYPE HTML>\n<html>".getBytes(StandardCharsets.UTF_8));
  }

  private static OnnxBytes tensor(String name, long type, long length) {
    return new OnnxBytes().number(1, length).number(2, type).text(8, name);
  }

  private static byte[] graphOf(OnnxBytes tensor) {
    return OnnxBytes.model(new OnnxBytes().message(INITIALIZER, tensor));
  }

  private static Map<String, Tensor> read(byte[] model) throws IOException {
    return OnnxInitializers.read(ByteBuffer.wrap(model), "model.onnx");
  }

  private static void assertRefused(String reason, byte[] model) {
    CheckpointFormatException e =
        assertThrows(CheckpointFormatException.class, () -> read(model), reason);
    assertTrue(e.getMessage().startsWith("model.onnx"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }
}
