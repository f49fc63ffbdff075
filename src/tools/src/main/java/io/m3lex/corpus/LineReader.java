/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import io.m3lex.util.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Locale;

/**
 * The lines of a UTF-8 text, one at a time, with strict decoding and a hash of all lines read so
 * far, by which a resumed run knows the same input again. What begins with gzip's magic number is
 * unpacked; a byte order mark and carriage returns at line ends are no part of a line. Every
 * exception names the input. Not safe for use by several threads.
 */
public final class LineReader implements Closeable {

  /** Number of bytes that a line may have. */
  static final int GREATEST_LENGTH = 64 << 20;

  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream stream;
  private final String source;
  private final MessageDigest digest = Sha256.digest();
  private final byte[] buffer = new byte[1 << 16];
  private int start;
  private int end;
  private byte[] split = new byte[0];
  private long line;
  private IOException failure;

  private LineReader(InputStream stream, String source) {
    this.stream = stream;
    this.source = source;
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it does not exist or may not be read, is a folder, is named {@code .gz}
   *     and is no gzip file, or is packed otherwise
   */
  public static LineReader open(Path file) throws IOException {
    return new LineReader(UnpackedInput.open(file), file.toString());
  }

  /**
   * Reads a stream, which is closed with the reader.
   *
   * @param source its name in messages
   * @throws IOException if the stream cannot be read, or is packed by anything but gzip
   */
  public static LineReader open(InputStream stream, String source) throws IOException {
    return new LineReader(UnpackedInput.open(stream, source), source);
  }

  /**
   * Whether a file is gone when it has been read: a pipe, or a device such as {@code /dev/stdin}.
   * Who must read it twice can only refuse it.
   */
  public static boolean isReadOnce(Path file) {
    return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file);
  }

  /**
   * Reads the next line; its number is {@link #line()} then.
   *
   * @return {@link Line#END} if there is none
   * @throws IOException if the input cannot be read on
   */
  public Line next() throws IOException {
    int length = 0; // of the line's beginning, if the buffer ended within the line
    boolean tooLong = false;
    while (start < end || fill()) {
      int lineEnd = start;
      while (lineEnd < end && buffer[lineEnd] != '\n') {
        lineEnd++;
      }
      int piece = lineEnd - start;
      digest.update(buffer, start, piece);
      tooLong |= length + piece > GREATEST_LENGTH;
      if (lineEnd < end && length == 0) {
        int from = start;
        start = lineEnd + 1;
        return line(buffer, from, piece, tooLong);
      }
      if (!tooLong) {
        keep(length, piece);
        length += piece;
      }
      start = lineEnd;
      if (lineEnd < end) {
        start++;
        return line(split, 0, length, tooLong);
      }
    }
    return length > 0 || tooLong ? line(split, 0, length, tooLong) : Line.END;
  }

  private void keep(int length, int piece) {
    if (length + piece > split.length) {
      split = Arrays.copyOf(split, Math.max(2 * split.length, length + piece));
    }
    System.arraycopy(buffer, start, split, length, piece);
  }

  private boolean fill() throws IOException {
    start = 0;
    end = 0;
    if (failure == null) {
      more();
    }
    if (failure != null && end == 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s cannot be read on after line %d: %s",
              source,
              line,
              failure.getMessage()),
          failure);
    }
    return end > 0;
  }

  /**
   * Reads on behind what is in the buffer, which must have room. What goes wrong is told when
   * everything before it has been read.
   */
  private boolean more() {
    try {
      int count = failure == null ? stream.read(buffer, end, buffer.length - end) : 0;
      end += Math.max(0, count);
      return count > 0;
    } catch (IOException e) {
      failure = e;
      return false;
    }
  }

  private Line line(byte[] bytes, int from, int length, boolean tooLong) {
    line++;
    digest.update((byte) '\n');
    if (tooLong) {
      return new Line(
          null, String.format(Locale.ROOT, "the line has more than %d MiB", GREATEST_LENGTH >> 20));
    }
    int to = from + length;
    if (line == 1 && isMark(bytes, from, to)) {
      from += MARK.length;
    }
    if (to > from && bytes[to - 1] == '\r') {
      to--;
    }
    ByteBuffer content = ByteBuffer.wrap(bytes, from, to - from);
    try {
      return new Line(
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(content)
              .toString(),
          null);
    } catch (CharacterCodingException e) {
      return new Line(
          null,
          String.format(
              Locale.ROOT,
              "the line is not valid UTF-8: see its byte %d",
              content.position() - from + 1));
    }
  }

  /**
   * The first byte of what is to come that is neither white space nor part of a byte order mark,
   * without reading it; -1 if there is none near.
   */
  int firstInk() {
    String line = firstLine();
    return line.isEmpty() ? -1 : line.charAt(0);
  }

  /**
   * What is to come, from the first character that is neither white space nor a byte order mark to
   * the end of its line, without reading it: ASCII is right in it, and anything else is not. Empty
   * if nothing is near.
   */
  String firstLine() {
    while (true) {
      int ink = ink();
      int lineEnd = ink;
      while (lineEnd < end && buffer[lineEnd] != '\n') {
        lineEnd++;
      }
      if (lineEnd < end || !hasRoom() || !more()) {
        return new String(buffer, ink, lineEnd - ink, StandardCharsets.ISO_8859_1);
      }
    }
  }

  /** Like {@link #firstLine}, but as many lines as fit into the buffer. */
  String beginning() {
    while (hasRoom() && more()) {
      // Until there is enough.
    }
    int ink = ink();
    return new String(buffer, ink, end - ink, StandardCharsets.ISO_8859_1);
  }

  private boolean hasRoom() {
    if (start == end) {
      start = 0;
      end = 0;
    }
    return end < buffer.length;
  }

  private static boolean isMark(byte[] bytes, int from, int to) {
    int end = from + MARK.length;
    return end <= to && Arrays.equals(bytes, from, end, MARK, 0, MARK.length);
  }

  private int ink() {
    int i = start;
    if (line == 0 && isMark(buffer, i, end)) {
      i += MARK.length;
    }
    while (i < end
        && (buffer[i] == ' ' || buffer[i] == '\t' || buffer[i] == '\n' || buffer[i] == '\r')) {
      i++;
    }
    return i;
  }

  /**
   * Everything that is to come, as it stands.
   *
   * @return null if that is more than a line may have
   */
  byte[] rest() throws IOException {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    while (start < end || fill()) {
      if (rest.size() + (end - start) > GREATEST_LENGTH) {
        return null;
      }
      rest.write(buffer, start, end - start);
      start = end;
    }
    return rest.toByteArray();
  }

  /** Number of lines read so far. */
  public long line() {
    return line;
  }

  /** An exception about the line that was read last; its message begins with its place. */
  public IOException error(String reason) {
    return new IOException(String.format(Locale.ROOT, "%s:%d: %s", source, line, reason));
  }

  /** The input's name in messages. */
  public String source() {
    return source;
  }

  /** SHA-256 over the lines read so far. */
  String sha256() {
    return Sha256.hex(digest);
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  /**
   * A line.
   *
   * @param text without the line end; null if there is a fault or the input has ended
   * @param fault why there is no text, null if there is
   */
  public record Line(String text, String fault) {
    /** What follows the last line. */
    public static final Line END = new Line(null, null);
  }
}
