package io.m3lex.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class TensorTest {

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

  private static Tensor tensor(ElementType type, int... bytes) {
    ByteBuffer data = ByteBuffer.allocate(bytes.length);
    for (int value : bytes) {
      data.put((byte) value);
    }
    return new Tensor("t", type, new long[] {bytes.length / type.bytes()}, data.flip());
  }
}
