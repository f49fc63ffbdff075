package io.m3lex.corpus;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

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
  private final RunningSha256 digest = new RunningSha256();
  private final byte[] buffer = new byte[1 << 16];
  private int start;
  private int end;
  private byte[] split = new byte[0];
  private long line;

  private LineReader(InputStream stream, String source) {
    this.stream = stream;
    this.source = source;
  }

  /**
   * Opens a file.
   *
   * @throws IOException if it does not exist or may not be read, is a folder, or is named {@code
   *     .gz} and is no gzip file
   */
  public static LineReader open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a folder, where a file is needed.");
    }
    InputStream stream;
    try {
      stream = Files.newInputStream(file);
    } catch (NoSuchFileException e) {
      throw new IOException("There is no file " + file + ".", e);
    } catch (AccessDeniedException e) {
      throw new IOException("The file " + file + " may not be read.", e);
    }
    try {
      LineReader reader = open(stream, file.toString());
      if (file.toString().toLowerCase(Locale.ROOT).endsWith(".gz")
          && !(reader.stream instanceof GZIPInputStream)) {
        throw new IOException(file + " is no gzip file, though it is named like one.");
      }
      return reader;
    } catch (IOException e) {
      stream.close();
      throw e;
    }
  }

  /**
   * Reads a stream, which is closed with the reader.
   *
   * @param source its name in messages
   * @throws IOException if the stream cannot be read
   */
  public static LineReader open(InputStream stream, String source) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(stream, 1 << 16);
    try {
      buffered.mark(2);
      boolean gzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
      buffered.reset();
      return new LineReader(gzip ? new GZIPInputStream(buffered, 1 << 16) : buffered, source);
    } catch (IOException e) {
      throw new IOException("%s cannot be read: %s".formatted(source, e.getMessage()), e);
    }
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
      digest.add(buffer, start, piece);
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
    try {
      start = 0;
      end = Math.max(0, stream.read(buffer, 0, buffer.length));
      return end > 0;
    } catch (IOException e) {
      end = 0;
      throw new IOException(
          "%s cannot be read on after line %d: %s".formatted(source, line, e.getMessage()), e);
    }
  }

  private Line line(byte[] bytes, int from, int length, boolean tooLong) {
    line++;
    digest.endLine();
    if (tooLong) {
      return new Line(null, "the line has more than %d MiB".formatted(GREATEST_LENGTH >> 20));
    }
    int to = from + length;
    if (line == 1 && Arrays.mismatch(bytes, from, to, MARK, 0, MARK.length) == MARK.length) {
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
          "the line is not valid UTF-8: see its byte %d".formatted(content.position() - from + 1));
    }
  }

  /**
   * The first byte of what is to come that is neither white space nor part of a byte order mark,
   * without reading it; -1 if there is none near.
   */
  int firstInk() throws IOException {
    if (start == end) {
      fill();
    }
    int i = start;
    if (line == 0 && Arrays.mismatch(buffer, i, end, MARK, 0, MARK.length) == MARK.length) {
      i += MARK.length;
    }
    while (i < end && (buffer[i] == ' ' || buffer[i] == '\n' || buffer[i] == '\r')) {
      i++;
    }
    return i < end ? buffer[i] : -1;
  }

  /** Number of lines read so far. */
  public long line() {
    return line;
  }

  /** An exception about the line that was read last; its message begins with its place. */
  public IOException error(String reason) {
    return new IOException("%s:%d: %s".formatted(source, line, reason));
  }

  /** The input's name in messages. */
  public String source() {
    return source;
  }

  /** SHA-256 over the lines read so far. */
  String sha256() {
    return digest.hex();
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
