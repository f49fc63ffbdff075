package io.m3lex.corpus;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
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
import java.util.zip.GZIPInputStream;

/**
 * The lines of a UTF-8 file, one at a time, with strict decoding and a hash of all lines read so
 * far, by which a resumed run knows the same input again. Reads gzip by the name. Not safe for use
 * by several threads.
 */
final class LineReader implements Closeable {

  /** Longer lines are no documents. */
  private static final int GREATEST_LENGTH = 64 << 20;

  private final InputStream stream;
  private final RunningSha256 digest = new RunningSha256();
  private long line;
  private int lookahead = -2;

  LineReader(InputStream stream) {
    this.stream = new BufferedInputStream(stream, 1 << 16);
  }

  static LineReader open(Path file) throws IOException {
    InputStream stream;
    try {
      stream = Files.newInputStream(file);
    } catch (NoSuchFileException e) {
      throw new IOException("There is no file " + file + ".", e);
    } catch (AccessDeniedException e) {
      throw new IOException("The file " + file + " may not be read.", e);
    }
    try {
      return new LineReader(
          file.toString().endsWith(".gz") ? new GZIPInputStream(stream, 1 << 16) : stream);
    } catch (IOException e) {
      stream.close();
      throw new IOException(file + " is no gzip file, though it is named like one.", e);
    }
  }

  /** Reads the next line; its number is {@link #line()} then. */
  Line next() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean tooLong = false;
    boolean any = false;
    int b;
    while ((b = read()) >= 0) {
      any = true;
      if (b == '\n') {
        break;
      }
      if (bytes.size() < GREATEST_LENGTH) {
        bytes.write(b);
      } else {
        tooLong = true;
      }
    }
    if (!any) {
      return Line.END;
    }
    line++;
    byte[] content = bytes.toByteArray();
    digest.add(content);
    if (tooLong) {
      return new Line(null, "the line has more than 64 MiB");
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(content))
              .toString();
      if (line == 1 && text.startsWith("\uFEFF")) {
        text = text.substring(1);
      }
      return new Line(text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, null);
    } catch (CharacterCodingException e) {
      return new Line(null, "the line is not valid UTF-8");
    }
  }

  private int read() throws IOException {
    if (lookahead != -2) {
      int b = lookahead;
      lookahead = -2;
      return b;
    }
    return stream.read();
  }

  /** The first byte of what is to come, without reading it; -1 at the end. */
  int peek() throws IOException {
    if (lookahead == -2) {
      lookahead = stream.read();
    }
    return lookahead;
  }

  /** Number of lines read so far. */
  long line() {
    return line;
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
   * @param text null if there is a fault or the file has ended
   * @param fault why there is no text, null if there is
   */
  record Line(String text, String fault) {
    static final Line END = new Line(null, null);
  }
}
