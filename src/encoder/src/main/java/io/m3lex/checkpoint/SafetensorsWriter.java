/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.m3lex.util.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes safetensors files. The same tensors in the same order with the same metadata give the same
 * bytes: nothing of the time or the machine goes into the file.
 *
 * @see SafetensorsFile
 */
public final class SafetensorsWriter {

  private SafetensorsWriter() {}

  /**
   * Writes a file beside its place and renames it when it is whole.
   *
   * @param target where the file shall be; one that is there is replaced
   * @param tensors laid out in the given order
   * @param metadata any strings, written in the order of their keys; empty for none
   * @throws IllegalArgumentException if two tensors have the same name, or one a name that the
   *     format keeps for itself
   */
  public static void write(Path target, Collection<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    WholeFile.write(target, parts(tensors, metadata));
  }

  /** The content of a file, in order. */
  static List<ByteBuffer> parts(Collection<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<ByteBuffer> parts = new ArrayList<>(tensors.size() + 2);
    byte[] header = header(tensors, metadata);
    parts.add(
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .flip());
    parts.add(ByteBuffer.wrap(header));
    tensors.forEach(tensor -> parts.add(tensor.data()));
    return parts;
  }

  private static byte[] header(Collection<Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsFile.METADATA);
        for (Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      Set<String> names = new HashSet<>();
      long offset = 0;
      for (Tensor tensor : tensors) {
        if (!names.add(tensor.name()) || tensor.name().equals(SafetensorsFile.METADATA)) {
          throw new IllegalArgumentException(
              "a file cannot hold another tensor named \"" + tensor.name() + "\"");
        }
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", tensor.type().name());
        writeArray(json, "shape", tensor.shape());
        long end = offset + tensor.data().remaining();
        writeArray(json, "data_offsets", offset, end);
        offset = end;
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    // Padding, so that the first tensor starts at a multiple of 8 bytes.
    while (bytes.size() % Long.BYTES != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static void writeArray(JsonGenerator json, String name, long... values)
      throws IOException {
    json.writeFieldName(name);
    json.writeArray(values, 0, values.length);
  }
}
