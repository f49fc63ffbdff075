/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.Locale;
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

  /** The longest that one buffer can be. */
  static final long MAX_BYTES = Integer.MAX_VALUE;

  private final String name;
  private final ElementType type;
  private final long[] shape;
  private final int byteLength;
  private final Place place;
  // Two threads may both put the same bytes in order the first time, which does no harm.
  private volatile ByteBuffer data;

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
    this.byteLength = this.data.remaining();
    this.place = null;
    OptionalLong bytes = byteLength(type, this.shape);
    if (bytes.isEmpty() || bytes.getAsLong() != this.data.remaining()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tensor \"%s\" %s%s cannot have %d bytes of data",
              name,
              type,
              shapeText(),
              this.data.remaining()));
    }
  }

  /**
   * Makes a tensor over bytes that are fetched when somebody asks for them.
   *
   * @throws IllegalArgumentException if the shape and the type need more than 2 GiB
   */
  Tensor(String name, ElementType type, long[] shape, Place place) {
    this.name = name;
    this.type = type;
    this.shape = shape.clone();
    long bytes = byteLength(type, shape).orElse(Long.MAX_VALUE);
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "tensor \"%s\" %s%s has more than 2 GiB".formatted(name, type, shapeText()));
    }
    this.byteLength = (int) bytes;
    this.place = place;
  }

  /**
   * Makes a tensor over a piece of a file; what lies in memory is not copied.
   *
   * @throws IndexOutOfBoundsException if the piece does not lie within the file
   * @throws IllegalArgumentException if the shape and the type need more than 2 GiB
   */
  static Tensor at(String name, ElementType type, long[] shape, FileBytes file, long offset)
      throws IOException {
    long length = byteLength(type, shape).orElse(Long.MAX_VALUE);
    Objects.checkFromIndexSize(offset, length, file.size());
    return file instanceof FileBytes.InMemory && length <= MAX_BYTES
        ? new Tensor(name, type, shape, file.slice(offset, (int) length))
        : new Tensor(name, type, shape, new FilePiece(file, offset, length));
  }

  /** Where bytes come from. */
  interface Place {
    /** All bytes, from the buffer's position to its limit; not to be changed. */
    ByteBuffer bytes() throws IOException;
  }

  private record FilePiece(FileBytes file, long start, long length)
      implements Place, TensorScan.Source {
    @Override
    public ByteBuffer bytes() throws IOException {
      return file.slice(start, (int) length);
    }

    @Override
    public ByteBuffer piece(long offset, int length, ByteBuffer copy) throws IOException {
      file.read(start + offset, copy.clear().limit(length));
      return copy.flip();
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
    return byteLength / type.bytes();
  }

  /**
   * The elements' bytes, read-only, little-endian; every call gives a buffer of its own. The bytes
   * of a file are read by every call.
   *
   * @throws UncheckedIOException if they cannot be read, because the file is closed or was changed
   */
  public ByteBuffer data() {
    return data(0, byteLength);
  }

  private ByteBuffer data(int offset, int length) {
    try {
      if (place instanceof FilePiece piece) {
        return piece.file.slice(piece.start + offset, length);
      }
      if (data == null) {
        data = place.bytes();
      }
      return slice(data, offset, length);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /**
   * Copies the elements' bytes, those of a file without a copy in between.
   *
   * @param target takes all bytes, from its position on
   * @throws java.nio.BufferOverflowException if it has no room for them
   */
  public void copyTo(ByteBuffer target) throws IOException {
    if (place instanceof FilePiece piece && target.remaining() >= byteLength) {
      int limit = target.limit();
      piece.file.read(piece.start, target.limit(target.position() + byteLength));
      target.limit(limit);
    } else {
      target.put(data());
    }
  }

  /**
   * The elements as numbers of 32 bits, in a new array.
   *
   * @throws UnsupportedOperationException if the type has numbers that do not fit: 64-bit floating
   *     point, or integers of more than 16 bits
   */
  public float[] toFloats() {
    return toFloats(0, elementCount());
  }

  /**
   * Some elements, as {@link #toFloats()} gives all.
   *
   * @param first the first, in the order of the data
   * @throws IndexOutOfBoundsException if there are not so many
   */
  public float[] toFloats(int first, int count) {
    Objects.checkFromIndexSize(first, count, elementCount());
    ByteBuffer source = data(first * type.bytes(), count * type.bytes());
    float[] values = new float[count];
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
   * What a look at every element finds.
   *
   * @param firstNotFinite as {@link Tensor#firstNotFinite()} says it
   * @param constant as {@link Tensor#isConstant()} says it
   */
  public record Scan(OptionalLong firstNotFinite, boolean constant) {}

  /**
   * Finds out in one pass what {@link #firstNotFinite()} and {@link #isConstant()} say. The bytes
   * of a file are read piece by piece.
   *
   * @throws UncheckedIOException if the bytes of a file cannot be read
   */
  public Scan scan() {
    return scan(true, true);
  }

  /**
   * The position of the first element that is infinite or not a number, in the order of the data;
   * empty if there is none.
   *
   * @throws UncheckedIOException if the bytes of a file cannot be read
   */
  public OptionalLong firstNotFinite() {
    return scan(true, false).firstNotFinite();
  }

  /**
   * Whether there is more than one element and all are the same number, as in a tensor that was
   * zeroed or never assigned. 0 and -0 are the same; a NaN is never the same as another.
   *
   * @throws UncheckedIOException if the bytes of a file cannot be read
   */
  public boolean isConstant() {
    return scan(false, true).constant();
  }

  private Scan scan(boolean seekNotFinite, boolean seekConstant) {
    try {
      if (place instanceof FilePiece piece) {
        return TensorScan.scan(type, byteLength, piece, seekNotFinite, seekConstant);
      }
      ByteBuffer bytes = data();
      TensorScan.Source source = (offset, length, copy) -> slice(bytes, offset, length);
      return TensorScan.scan(type, byteLength, source, seekNotFinite, seekConstant);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static ByteBuffer slice(ByteBuffer bytes, long offset, int length) {
    return bytes.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private UncheckedIOException unreadable(IOException e) {
    return new UncheckedIOException(
        "tensor \"%s\" cannot be read: %s"
            .formatted(
                TensorNames.printable(name),
                e instanceof ClosedChannelException ? "its file is closed" : e.getMessage()),
        e);
  }

  /** Tensors are equal if their names, types, shapes and bytes are. */
  @Override
  public boolean equals(Object object) {
    return object instanceof Tensor other
        && name.equals(other.name)
        && type == other.type
        && Arrays.equals(shape, other.shape)
        && data().equals(other.data());
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
