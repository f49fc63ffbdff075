package io.m3lex.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A named array of numbers, as a file holds it: its bytes stay where they are until somebody asks
 * for numbers.
 *
 * <p>Instances never change if the bytes below them do not, and are safe for use by several
 * threads.
 */
public final class Tensor {

  private final String name;
  private final ElementType type;
  private final long[] shape;
  private final ByteBuffer data;

  /**
   * Makes a tensor over existing bytes.
   *
   * @param name any non-empty name
   * @param shape length of each dimension, none negative; empty for a single number
   * @param data the elements in little-endian order, the last dimension moving fastest, from the
   *     buffer's position to its limit; not copied, and not to be changed afterwards
   * @throws IllegalArgumentException if the data is not as long as the shape and the type demand
   */
  public Tensor(String name, ElementType type, long[] shape, ByteBuffer data) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a tensor must have a name");
    }
    this.name = name;
    this.type = Objects.requireNonNull(type, "type");
    this.shape = shape.clone();
    this.data = data.slice().asReadOnlyBuffer();
    OptionalLong bytes = byteLength(type, this.shape);
    if (bytes.isEmpty() || bytes.getAsLong() != this.data.remaining()) {
      throw new IllegalArgumentException(
          "tensor \"%s\" %s%s cannot have %d bytes of data"
              .formatted(name, type, shapeText(), this.data.remaining()));
    }
  }

  /**
   * Makes a tensor of type {@link ElementType#F32} with a copy of the values.
   *
   * @throws IllegalArgumentException if the number of values is not what the shape demands
   */
  public static Tensor of(String name, long[] shape, float... values) {
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Tensor(name, ElementType.F32, shape, data);
  }

  /** The bytes that a tensor takes; empty if a length is negative or the product overflows. */
  static OptionalLong byteLength(ElementType type, long[] shape) {
    long length = type.bytes();
    boolean empty = false;
    for (long dimension : shape) {
      if (dimension < 0) {
        return OptionalLong.empty();
      }
      empty |= dimension == 0;
    }
    if (empty) {
      return OptionalLong.of(0);
    }
    for (long dimension : shape) {
      if (dimension > Long.MAX_VALUE / length) {
        return OptionalLong.empty();
      }
      length *= dimension;
    }
    return OptionalLong.of(length);
  }

  /** The name, never empty. */
  public String name() {
    return name;
  }

  /** The type of the elements. */
  public ElementType type() {
    return type;
  }

  /** The length of each dimension, as a copy; empty for a single number. */
  public long[] shape() {
    return shape.clone();
  }

  /** The shape for people: {@code [384, 1536]}, {@code []} for a single number. */
  public String shapeText() {
    return Arrays.toString(shape);
  }

  /** Whether the shape is the given one. */
  public boolean hasShape(long... expected) {
    return Arrays.equals(shape, expected);
  }

  /** The number of elements; 1 for a tensor without dimensions, 0 if a dimension is 0. */
  public int elementCount() {
    return data.limit() / type.bytes();
  }

  /** The elements' bytes, read-only, little-endian; every call gives a buffer of its own. */
  public ByteBuffer data() {
    return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The elements as numbers of 32 bits, in a new array.
   *
   * @throws UnsupportedOperationException if the type has numbers that do not fit: 64-bit floating
   *     point, or integers of more than 16 bits
   */
  public float[] toFloats() {
    ByteBuffer source = data();
    float[] values = new float[elementCount()];
    switch (type) {
      case F32 -> source.asFloatBuffer().get(values);
      case F16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.float16ToFloat(source.getShort(2 * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(source.getShort(2 * i) << 16);
        }
      }
      case I16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = source.getShort(2 * i);
        }
      }
      case U16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Short.toUnsignedInt(source.getShort(2 * i));
        }
      }
      case I8 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = source.get(i);
        }
      }
      case U8, BOOL -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Byte.toUnsignedInt(source.get(i));
        }
      }
      case F64, I64, I32, U64, U32 ->
          throw new UnsupportedOperationException(
              "tensor \"" + name + "\": numbers of type " + type + " do not fit 32-bit floats");
    }
    return values;
  }

  /**
   * The elements as integers, in a new array.
   *
   * @throws UnsupportedOperationException if the type is not {@link ElementType#I32}
   */
  public int[] toInts() {
    if (type != ElementType.I32) {
      throw new UnsupportedOperationException(
          "tensor \"" + name + "\": numbers of type " + type + " are no 32-bit integers");
    }
    int[] values = new int[elementCount()];
    data().asIntBuffer().get(values);
    return values;
  }

  /**
   * The position of the first element that is infinite or not a number, in the order of the data;
   * empty if there is none.
   */
  public OptionalLong firstNotFinite() {
    if (type.isFloatingPoint()) {
      ByteBuffer source = data();
      int count = elementCount();
      for (int i = 0; i < count; i++) {
        if (!Double.isFinite(floatingPoint(source, i))) {
          return OptionalLong.of(i);
        }
      }
    }
    return OptionalLong.empty();
  }

  /**
   * Whether there is more than one element and all are the same number, as in a tensor that was
   * zeroed or never assigned. 0 and -0 are the same; a NaN is never the same as another.
   */
  public boolean isConstant() {
    int count = elementCount();
    if (count < 2) {
      return false;
    }
    ByteBuffer source = data();
    if (!type.isFloatingPoint()) {
      int shift = type.bytes();
      int rest = source.limit() - shift;
      return source.slice(0, rest).mismatch(source.slice(shift, rest)) < 0;
    }
    double first = floatingPoint(source, 0);
    for (int i = 1; i < count; i++) {
      if (floatingPoint(source, i) != first) {
        return false;
      }
    }
    return true;
  }

  private double floatingPoint(ByteBuffer source, int index) {
    return switch (type) {
      case F64 -> source.getDouble(Double.BYTES * index);
      case F32 -> source.getFloat(Float.BYTES * index);
      case F16 -> Float.float16ToFloat(source.getShort(Short.BYTES * index));
      case BF16 -> Float.intBitsToFloat(source.getShort(Short.BYTES * index) << 16);
      default -> throw new AssertionError(type);
    };
  }

  /** Tensors are equal if their names, types, shapes and bytes are. */
  @Override
  public boolean equals(Object object) {
    return object instanceof Tensor other
        && name.equals(other.name)
        && type == other.type
        && Arrays.equals(shape, other.shape)
        && data.equals(other.data);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, type, Arrays.hashCode(shape));
  }

  /** Name, type and shape: {@code weight F32[1, 384]}. */
  @Override
  public String toString() {
    return name + " " + type + shapeText();
  }
}
