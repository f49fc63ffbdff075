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
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class TensorTest {

  @TempDir Path folder;

  @Test
  void shapeAndDataMustAgree() {
    ByteBuffer eight = ByteBuffer.allocate(8);
    assertEquals(2, new Tensor("a", ElementType.F32, new long[] {2}, eight).elementCount());
    for (long[] shape : new long[][] {{3}, {-2}, {}, {Long.MAX_VALUE, 4}, {0}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new Tensor("a", ElementType.F32, shape, eight),
          () -> java.util.Arrays.toString(shape));
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new Tensor("", ElementType.F32, new long[] {2}, eight));
  }

  @Test
  void callersCannotChangeATensor() {
    long[] shape = {2};
    float[] values = {1, 2};
    Tensor tensor = Tensor.of("a", shape, values);
    shape[0] = 9;
    values[0] = 9;
    tensor.shape()[0] = 9;
    tensor.toFloats()[0] = 9;
    tensor.data().position(4);
    assertThrows(ReadOnlyBufferException.class, () -> tensor.data().put(0, (byte) 1));
    assertTrue(tensor.hasShape(2));
    assertArrayEquals(new float[] {1, 2}, tensor.toFloats());
    assertEquals(8, tensor.data().remaining());
  }

  @Test
  void numbersOfEveryTypeThatFits() {
    assertArrayEquals(new float[] {-1, 2}, tensor(ElementType.I8, 0xff, 2).toFloats());
    assertArrayEquals(new float[] {255, 2}, tensor(ElementType.U8, 0xff, 2).toFloats());
    assertArrayEquals(new float[] {-2}, tensor(ElementType.I16, 0xfe, 0xff).toFloats());
    assertArrayEquals(new float[] {65534}, tensor(ElementType.U16, 0xfe, 0xff).toFloats());
    assertArrayEquals(new float[] {1}, tensor(ElementType.F16, 0, 0x3c).toFloats());
    assertArrayEquals(new float[] {1}, tensor(ElementType.BF16, 0x80, 0x3f).toFloats());
    assertThrows(
        UnsupportedOperationException.class, () -> tensor(ElementType.I32, 0, 0, 0, 0).toFloats());
  }

  @Test
  void infiniteAndNotANumberAreFoundInEveryFloatingPointType() {
    assertEquals(1, Tensor.of("a", new long[] {2}, 1, Float.NaN).firstNotFinite().getAsLong());
    assertEquals(
        0, Tensor.of("a", new long[] {1}, Float.NEGATIVE_INFINITY).firstNotFinite().getAsLong());
    assertEquals(0, tensor(ElementType.F16, 0, 0x7c).firstNotFinite().getAsLong());
    assertEquals(1, tensor(ElementType.BF16, 0, 0, 0xc0, 0x7f).firstNotFinite().getAsLong());
    assertEquals(
        0, tensor(ElementType.F64, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f).firstNotFinite().getAsLong());
    assertTrue(tensor(ElementType.U8, 0xff).firstNotFinite().isEmpty());
    assertTrue(Tensor.of("a", new long[] {1}, Float.MAX_VALUE).firstNotFinite().isEmpty());
  }

  @Test
  void constantMeansMoreThanOneElementAndAllTheSame() {
    assertTrue(Tensor.of("a", new long[] {3}, 2, 2, 2).isConstant());
    assertTrue(Tensor.of("a", new long[] {2}, 0f, -0f).isConstant());
    assertFalse(Tensor.of("a", new long[] {3}, 2, 2, 3).isConstant());
    assertFalse(Tensor.of("a", new long[] {1}, 2).isConstant());
    assertFalse(Tensor.of("a", new long[] {0}).isConstant());
    assertTrue(tensor(ElementType.I8, 7, 7, 7).isConstant());
    assertFalse(tensor(ElementType.I8, 7, 7, 6).isConstant());
    assertTrue(tensor(ElementType.I16, 1, 2, 1, 2).isConstant());
    assertFalse(tensor(ElementType.I16, 1, 1, 1, 2).isConstant());
  }

  @Test
  void scanOfAnyTypeAndLengthEqualsALookAtEveryElement() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    Path file = folder.resolve("bytes");
    for (int round = 0; round < 300; round++) {
      ElementType type = ElementType.values()[random.nextInt(ElementType.values().length)];
      int chunk = TensorScan.CHUNK_BYTES / type.bytes();
      int count = random.nextBoolean() ? random.nextInt(20) : chunk - 3 + random.nextInt(chunk);
      ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] element = new byte[type.bytes()];
      if (random.nextBoolean()) {
        random.nextBytes(element);
      }
      for (int i = 0; i < count; i++) {
        bytes.put(element);
      }
      for (int i = random.nextInt(3); i > 0 && count > 0; i--) {
        int at = random.nextInt(count) * type.bytes();
        if (random.nextBoolean()) {
          random.nextBytes(element);
        } else {
          // A sign, or an exponent of which all bits are set.
          Arrays.fill(element, (byte) 0);
          element[type.bytes() - 1] = (byte) (random.nextBoolean() ? 0x80 : 0x7f);
          element[Math.max(0, type.bytes() - 2)] |= (byte) (random.nextBoolean() ? 0xf0 : 0);
        }
        bytes.put(at, element);
      }
      Tensor inMemory = new Tensor("t", type, new long[] {count}, bytes.flip());
      Files.write(file, bytes.array());
      String where = "seed " + seed + ", round " + round + ", " + inMemory;
      Tensor.Scan expected = expectedScan(type, bytes, count);
      assertEquals(expected, inMemory.scan(), where);
      assertEquals(expected.firstNotFinite(), inMemory.firstNotFinite(), where);
      assertEquals(expected.constant(), inMemory.isConstant(), where);
      try (FileChannel channel = FileChannel.open(file)) {
        Tensor onDisk = Tensor.at("t", type, new long[] {count}, FileBytes.of(channel, "t"), 0);
        assertEquals(expected, onDisk.scan(), where);
        assertEquals(inMemory, onDisk, where);
      }
    }
  }

  private static Tensor.Scan expectedScan(ElementType type, ByteBuffer bytes, int count) {
    OptionalLong firstNotFinite = OptionalLong.empty();
    boolean same = count > 1;
    for (int i = count - 1; i >= 0; i--) {
      int size = type.bytes();
      if (type.isFloatingPoint()) {
        double value = floatingPoint(type, bytes, i);
        if (!Double.isFinite(value)) {
          firstNotFinite = OptionalLong.of(i);
        }
        same &= value == floatingPoint(type, bytes, 0);
      } else {
        same &= bytes.slice(i * size, size).equals(bytes.slice(0, size));
      }
    }
    return new Tensor.Scan(firstNotFinite, same);
  }

  private static double floatingPoint(ElementType type, ByteBuffer bytes, int index) {
    return switch (type) {
      case F64 -> bytes.getDouble(8 * index);
      case F32 -> bytes.getFloat(4 * index);
      case F16 -> Float.float16ToFloat(bytes.getShort(2 * index));
      default -> Float.intBitsToFloat(bytes.getShort(2 * index) << 16);
    };
  }

  @Test
  void closedFileIsSaid() throws IOException {
    Path file = Files.write(folder.resolve("bytes"), new byte[] {1, 2, 3, 4});
    Tensor tensor;
    try (FileChannel channel = FileChannel.open(file)) {
      FileBytes bytes = FileBytes.of(channel, "bytes");
      tensor = Tensor.at("t", ElementType.U8, new long[] {2}, bytes, 1);
      assertArrayEquals(new float[] {2, 3}, tensor.toFloats());
      assertArrayEquals(new float[] {3}, tensor.toFloats(1, 1));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> Tensor.at("t", ElementType.U8, new long[] {2}, bytes, 3));
      assertThrows(IndexOutOfBoundsException.class, () -> bytes.slice(4, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> bytes.read(-1, ByteBuffer.allocate(1)));
    }
    for (Executable use : List.<Executable>of(tensor::data, tensor::scan, tensor::toFloats)) {
      UncheckedIOException e = assertThrows(UncheckedIOException.class, use);
      assertEquals("tensor \"t\" cannot be read: its file is closed", e.getMessage());
    }
  }

  private static Tensor tensor(ElementType type, int... bytes) {
    ByteBuffer data = ByteBuffer.allocate(bytes.length);
    for (int value : bytes) {
      data.put((byte) value);
    }
    return new Tensor("t", type, new long[] {bytes.length / type.bytes()}, data.flip());
  }
}
