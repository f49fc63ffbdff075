/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.m3lex.Checkout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {

  private static final String W = "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":";

  @TempDir Path folder;

  @Test
  void readsWhatWasWritten() throws IOException {
    Tensor half =
        new Tensor(
            "half \"é\"",
            ElementType.BF16,
            new long[] {2, 1},
            ByteBuffer.wrap(new byte[] {0, (byte) 0x80, (byte) 0xc0, 0x3f}));
    Tensor weight = Tensor.of("weight", new long[] {1, 3}, 1, -2.5f, Float.MIN_VALUE);
    Tensor scalar = Tensor.of("scalar", new long[0], 7);
    Tensor empty = Tensor.of("empty", new long[] {0, 4});
    Path file = folder.resolve("x.safetensors");
    SafetensorsWriter.write(
        file, List.of(weight, half, empty, scalar), Map.of("z", "1", "a", "two"));
    SafetensorsFile read = parse(Files.readAllBytes(file));
    assertEquals(
        Map.of("weight", weight, "half \"é\"", half, "empty", empty, "scalar", scalar),
        read.tensors());
    assertEquals(Map.of("a", "two", "z", "1"), read.metadata());
    assertArrayEquals(new float[] {-0f, 1.5f}, read.tensors().get("half \"é\"").toFloats());
  }

  @Test
  void writesTheSameBytesForTheSameTensors() throws IOException {
    Path file = folder.resolve("x.safetensors");
    SafetensorsWriter.write(
        file,
        List.of(Tensor.of("b", new long[] {1}, 2), Tensor.of("a", new long[] {1}, 1)),
        Map.of("y", "1", "x", "2"));
    String header =
        "{\"__metadata__\":{\"x\":\"2\",\"y\":\"1\"},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}";
    byte[] expected =
        file(header + " ".repeat((8 - header.length() % 8) % 8), 0, 0, 0, 0x40, 0, 0, 0x80, 0x3f);
    assertArrayEquals(expected, Files.readAllBytes(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void rewritesTheHeadOfBgeM3ToTheSameBytes() throws IOException {
    Path head = Checkout.shared("golden/sparse_linear.f32.safetensors");
    assumeTrue(Files.exists(head), head + " is not there");
    SafetensorsFile read = parse(Files.readAllBytes(head));
    assertArrayEquals(new float[] {0.045196533203125f}, read.tensors().get("bias").toFloats());
    Path file = folder.resolve("x.safetensors");
    SafetensorsWriter.write(file, read.tensors().values(), read.metadata());
    assertEquals(-1, Files.mismatch(head, file));
  }

  @Test
  void failedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Tensor tensor = Tensor.of("a", new long[] {1}, 1);
    SafetensorsWriter.write(file, List.of(tensor), Map.of());
    byte[] before = Files.readAllBytes(file);
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.write(file, List.of(tensor, tensor), Map.of()));
    Path occupied = Files.createDirectory(folder.resolve("occupied"));
    Files.createFile(occupied.resolve("y"));
    assertThrows(
        IOException.class, () -> SafetensorsWriter.write(occupied, List.of(tensor), Map.of()));
    assertArrayEquals(before, Files.readAllBytes(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void refusesDamagedLengths() {
    assertRefused("is empty", new byte[0]);
    assertRefused("ends within the 8 bytes", new byte[7]);
    assertRefused("header's length is 0", new byte[8]);
    assertRefused(
        "header's length is 18446744073709551615",
        ByteBuffer.allocate(16).putLong(-1).putLong(0).array());
    assertRefused(
        "truncated",
        ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(9).putLong(0).array());
    assertRefused("not between", "GARBAGE!GARBAGE!".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void refusesDamagedHeaders() {
    assertRefused("does not start with '{'", file("[]"));
    assertRefused("JSON", file("{\"w\""));
    assertRefused("JSON", file("{\"w\":{\"dtype\":\"F32\""));
    assertRefused("follows the header", file("{}{}"));
    assertRefused("UTF-8", file(new String(new char[] {'{', '"', 0xff, '"'}), latin1()));
    assertRefused("expected START_OBJECT", file("{\"w\":1}"));
    assertRefused("are missing", file("{\"w\":{}}"));
    assertRefused("unknown property", file("{\"w\":{\"type\":\"F32\"}}"));
    assertRefused("F8_E4M3", file("{\"w\":{\"dtype\":\"F8_E4M3\"}}"));
    assertRefused("negative", file("{" + W + "[-4,0]}}"));
    assertRefused("VALUE_NUMBER_FLOAT", file("{" + W + "[0,4.0]}}", 0, 0, 0, 0));
    assertRefused("JSON", file("{" + W + "[0,99999999999999999999]}}", 0, 0, 0, 0));
    assertRefused("Duplicate", file("{" + W + "[0,4]}," + W + "[4,8]}}", 0, 0, 0, 0, 0, 0, 0, 0));
    assertRefused("name", file("{\"a\\u0000b\":{}}"));
    assertRefused("VALUE_STRING", file("{\"__metadata__\":{\"a\":1}}"));
  }

  @Test
  void refusesDamagedLayouts() {
    assertRefused("truncated", file("{" + W + "[0,4]}}", 0, 0, 0));
    assertRefused("data_offsets", file("{" + W + "[4,0]}}", 0, 0, 0, 0));
    assertRefused("do not agree", file("{" + W + "[0,3]}}", 0, 0, 0));
    assertRefused("no tensor claims", file("{" + W + "[1,5]}}", 0, 0, 0, 0, 0));
    assertRefused("belong to no tensor", file("{" + W + "[0,4]}}", 0, 0, 0, 0, 0));
    assertRefused(
        "overlaps",
        file("{" + W + "[0,4]}," + W.replace("\"w\"", "\"v\"") + "[2,6]}}", 0, 0, 0, 0, 0, 0));
    String huge = "[4294967296,4294967296,4294967296]";
    assertRefused("do not agree", file("{" + W.replace("[1]", huge) + "[0,4]}}", 0, 0, 0, 0));
  }

  @Test
  void recognisesBadDownloads() {
    assertRefused(
        "git lfs pull",
        "version https://git-lfs.github.com/spec/v1\noid".getBytes(StandardCharsets.UTF_8));
    assertRefused("is a web page", "<html><head>".getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void messageNamesTensorAndByte() {
    CheckpointFormatException e =
        assertThrows(
            CheckpointFormatException.class, () -> parse(file("{" + W + "[1,5]}}", 0, 0, 0, 0, 0)));
    assertEquals(
        "x.safetensors, tensor \"w\", byte 62: no tensor claims the bytes before its data."
            + " Download the file again and compare its SHA-256.",
        e.getMessage());
  }

  private static Charset latin1() {
    return StandardCharsets.ISO_8859_1;
  }

  private static byte[] file(String header, int... data) {
    return file(header, StandardCharsets.UTF_8, data);
  }

  private static byte[] file(String header, Charset charset, int... data) {
    byte[] headerBytes = header.getBytes(charset);
    ByteBuffer file =
        ByteBuffer.allocate(8 + headerBytes.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(headerBytes.length).put(headerBytes);
    for (int value : data) {
      file.put((byte) value);
    }
    return file.array();
  }

  private static SafetensorsFile parse(byte[] content) throws IOException {
    return SafetensorsFile.parse(ByteBuffer.wrap(content), "x.safetensors");
  }

  private static void assertRefused(String reason, byte[] content) {
    CheckpointFormatException e =
        assertThrows(CheckpointFormatException.class, () -> parse(content), reason);
    assertTrue(e.getMessage().startsWith("x.safetensors"), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }
}
