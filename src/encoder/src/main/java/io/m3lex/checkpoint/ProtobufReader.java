/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * Walks over the fields of one protobuf message without a schema. After {@link #next()} the caller
 * takes the field's value by the method that fits, or leaves it and goes on.
 *
 * <p>A field is a varint key ({@code number << 3 | wire type}) and a value: wire type 0 a varint, 1
 * eight bytes, 2 a varint length and so many bytes, 5 four bytes. Groups (3 and 4) are long out of
 * use and refused.
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">the encoding</a>
 */
final class ProtobufReader {

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private final ByteBuffer message;
  private final long start;
  private final String file;
  private int field;
  private int wireType;
  private long varint;
  private ByteBuffer bytes;
  private long valueStart;

  /**
   * Starts before the first field.
   *
   * @param message the message from position to limit, not moved
   * @param start where the message starts in the file, for messages
   */
  ProtobufReader(ByteBuffer message, long start, String file) {
    this.message = message.slice().order(ByteOrder.LITTLE_ENDIAN);
    this.start = start;
    this.file = file;
  }

  /** Reads the next field; false at the end of the message. */
  boolean next() throws CheckpointFormatException {
    if (!message.hasRemaining()) {
      return false;
    }
    long key = readVarint();
    field = (int) (key >>> 3);
    wireType = (int) (key & 7);
    if (field == 0 || key >>> 32 != 0) {
      throw damaged("a field has the number " + (key >>> 3));
    }
    if (wireType == BYTES) {
      long length = readVarint();
      if (length < 0 || length > message.remaining()) {
        throw damaged(
            String.format(
                Locale.ROOT,
                "a field should have %s bytes, but only %d follow: the file is truncated or damaged",
                Long.toUnsignedString(length),
                message.remaining()));
      }
      take((int) length);
    } else if (wireType == FIXED64 || wireType == FIXED32) {
      int length = wireType == FIXED64 ? Long.BYTES : Integer.BYTES;
      if (length > message.remaining()) {
        throw damaged("the file ends within a number");
      }
      take(length);
    } else if (wireType == VARINT) {
      varint = readVarint();
    } else {
      throw damaged("a field has the unknown wire type " + wireType);
    }
    return true;
  }

  private void take(int length) {
    valueStart = start + message.position();
    bytes = message.slice(message.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    message.position(message.position() + length);
  }

  int field() {
    return field;
  }

  int wireType() {
    return wireType;
  }

  /** The value of a varint field. */
  long varint() throws CheckpointFormatException {
    expect(VARINT);
    return varint;
  }

  /** The value of a field of bytes: a view of the message, little-endian. */
  ByteBuffer bytes() throws CheckpointFormatException {
    expect(BYTES);
    return bytes;
  }

  /** The bytes of a field that is not a varint, whichever length it has. */
  ByteBuffer bytesOrFixed() throws CheckpointFormatException {
    if (wireType == VARINT) {
      expect(BYTES);
    }
    return bytes;
  }

  /** A reader over a field that is itself a message. */
  ProtobufReader message() throws CheckpointFormatException {
    return new ProtobufReader(bytes(), valueStart, file);
  }

  private void expect(int expected) throws CheckpointFormatException {
    if (wireType != expected) {
      throw damaged(
          String.format(
              Locale.ROOT,
              "field %d has the wire type %d instead of %d",
              field,
              wireType,
              expected));
    }
  }

  private long readVarint() throws CheckpointFormatException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (!message.hasRemaining()) {
        throw damaged("the file ends within a number");
      }
      byte next = message.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged("a number has more than ten bytes");
  }

  /** Reads a whole packed field of varints. */
  static long[] varints(ByteBuffer packed, long start, String file)
      throws CheckpointFormatException {
    ProtobufReader reader = new ProtobufReader(packed, start, file);
    int count = 0;
    for (int i = 0; i < packed.remaining(); i++) {
      count += packed.get(packed.position() + i) >= 0 ? 1 : 0;
    }
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = reader.readVarint();
    }
    if (reader.message.hasRemaining()) {
      throw reader.damaged("the file ends within a number");
    }
    return values;
  }

  long valueStart() {
    return valueStart;
  }

  private CheckpointFormatException damaged(String problem) {
    return new CheckpointFormatException(
        file,
        null,
        start + message.position(),
        "not an ONNX model: " + problem,
        CheckpointFormatException.DOWNLOAD_AGAIN);
  }
}
