/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds protobuf messages of ONNX byte by byte. */
final class OnnxBytes {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A ModelProto with one graph. */
  static byte[] model(OnnxBytes graph) {
    return new OnnxBytes().number(1, 8).text(2, "test").message(7, graph).toByteArray();
  }

  OnnxBytes number(int field, long value) {
    varint((long) field << 3);
    return varint(value);
  }

  OnnxBytes text(int field, String text) {
    return block(field, text.getBytes(StandardCharsets.UTF_8));
  }

  OnnxBytes message(int field, OnnxBytes message) {
    return block(field, message.toByteArray());
  }

  OnnxBytes packed(int field, long... values) {
    OnnxBytes block = new OnnxBytes();
    for (long value : values) {
      block.varint(value);
    }
    return message(field, block);
  }

  OnnxBytes block(int field, byte[] content) {
    varint((long) field << 3 | 2);
    varint(content.length);
    bytes.writeBytes(content);
    return this;
  }

  /** A float outside a packed block, as old writers leave it. */
  OnnxBytes fixed32(int field, float value) {
    varint((long) field << 3 | 5);
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < 32; shift += 8) {
      bytes.write(bits >>> shift);
    }
    return this;
  }

  private OnnxBytes varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    bytes.write((int) rest);
    return this;
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }
}
