/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks gzip to the real end of the input, member after member. Java's own stream decides by what
 * is available at the moment whether another member follows, and takes whatever it cannot read
 * there for the end. Here the input ends where it ends: with a whole member, or with one and zeros
 * behind it, by which tapes are filled up. Anything else is damage, and an exception says where.
 */
final class GzipInput extends InputStream {

  static final int MAGIC_1 = 0x1F;
  static final int MAGIC_2 = 0x8B;

  private static final int DEFLATE = 8;
  private static final int HEADER_CHECK = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;
  private static final int RESERVED = 0xE0;

  private final InputStream packed;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 content = new CRC32();
  private final CRC32 header = new CRC32();
  private final byte[] buffer = new byte[1 << 16];
  private int next;
  private int end;

  /** Where {@code buffer} begins in the input. */
  private long offset;

  private boolean atEnd;
  private boolean closed;
  private IOException failure;

  /** Reads the first header. */
  GzipInput(InputStream packed) throws IOException {
    this.packed = packed;
    try {
      beginMember();
    } catch (IOException e) {
      inflater.end();
      throw e;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (closed) {
      throw new IOException("closed");
    }
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
    try {
      return unpack(bytes, from, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  private int unpack(byte[] bytes, int from, int length) throws IOException {
    try {
      while (length > 0 && !atEnd) {
        int count = inflater.inflate(bytes, from, length);
        if (count > 0) {
          content.update(bytes, from, count);
          return count;
        }
        if (inflater.finished()) {
          endMember();
        } else if (inflater.needsDictionary()) {
          throw damage("a dictionary is needed, which gzip does not have");
        } else {
          feed();
        }
      }
      return length == 0 ? 0 : -1;
    } catch (DataFormatException e) {
      next = end - inflater.getRemaining();
      throw damage(e.getMessage() == null ? "the packed data are broken" : e.getMessage());
    }
  }

  private void feed() throws IOException {
    if (next == end && !fill()) {
      throw cutOff();
    }
    inflater.setInput(buffer, next, end - next);
    next = end;
  }

  /** Checks what stands behind a member, and begins the one that follows. */
  private void endMember() throws IOException {
    next = end - inflater.getRemaining();
    if (littleEndian(4) != content.getValue()) {
      throw damage("the checksum of the content is wrong");
    }
    if (littleEndian(4) != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
      throw damage("the length of the content is wrong");
    }
    if (next < end || fill()) {
      if (buffer[next] == 0) {
        requireZeros();
      } else {
        beginMember();
      }
    } else {
      atEnd = true;
    }
  }

  private void requireZeros() throws IOException {
    while (next < end || fill()) {
      if (buffer[next] != 0) {
        throw damage("neither a further gzip member nor the end of the file follows");
      }
      next++;
    }
    atEnd = true;
  }

  private void beginMember() throws IOException {
    header.reset();
    if (headerByte() != MAGIC_1 || headerByte() != MAGIC_2) {
      next--;
      throw damage("neither a further gzip member nor the end of the file follows");
    }
    if (headerByte() != DEFLATE) {
      throw damage("it is packed by a method that gzip does not have");
    }
    int flags = headerByte();
    if ((flags & RESERVED) != 0) {
      throw damage("the header has flags that gzip does not have");
    }
    for (int i = 0; i < 6; i++) {
      headerByte(); // of time, level and operating system
    }
    if ((flags & EXTRA) != 0) {
      int length = headerByte() | headerByte() << 8;
      for (int i = 0; i < length; i++) {
        headerByte();
      }
    }
    if ((flags & NAME) != 0) {
      skipString();
    }
    if ((flags & COMMENT) != 0) {
      skipString();
    }
    if ((flags & HEADER_CHECK) != 0) {
      long expected = header.getValue() & 0xFFFF;
      if (littleEndian(2) != expected) {
        throw damage("the checksum of the header is wrong");
      }
    }
    inflater.reset();
    content.reset();
  }

  private void skipString() throws IOException {
    while (headerByte() != 0) {
      // Names and comments say nothing about the content.
    }
  }

  private int headerByte() throws IOException {
    int value = nextByte();
    header.update(value);
    return value;
  }

  private long littleEndian(int bytes) throws IOException {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) nextByte() << 8 * i;
    }
    return value;
  }

  private int nextByte() throws IOException {
    if (next == end && !fill()) {
      throw cutOff();
    }
    return buffer[next++] & 0xFF;
  }

  /** Waits for more of the input; false only at its end. */
  private boolean fill() throws IOException {
    offset += end;
    next = 0;
    end = 0;
    int count = packed.read(buffer, 0, buffer.length);
    while (count == 0) {
      count = packed.read(buffer, 0, buffer.length);
    }
    end = Math.max(0, count);
    return count > 0;
  }

  private IOException damage(String what) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "the gzip data are damaged at byte %d: %s. Download or copy it again.",
            offset + next,
            what));
  }

  private IOException cutOff() {
    return new EOFException(
        String.format(
            Locale.ROOT,
            "the gzip data are cut off within a member, after byte %d. Download or copy it again.",
            offset + next));
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      inflater.end();
      packed.close();
    }
  }
}
