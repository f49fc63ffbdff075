/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** The bytes of an input: unpacked if gzip packed them, and refused if anything else did. */
final class UnpackedInput {

  /** To where tar has its name in the header of the first file. */
  private static final int LOOKED_AT = 264;

  private static final byte[] GZIP = {(byte) GzipInput.MAGIC_1, (byte) GzipInput.MAGIC_2};

  private UnpackedInput() {}

  /**
   * Opens a file.
   *
   * @throws IOException if there is no such file, or none that can be read; the message names it
   */
  static InputStream open(Path file) throws IOException {
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
    InputStream unpacked = open(stream, file.toString());
    if (file.toString().toLowerCase(Locale.ROOT).endsWith(".gz") && !(unpacked instanceof Gzip)) {
      unpacked.close();
      throw new IOException(
          file
              + " is not a gzip file, though its name says so. Rename it without .gz, or pack it.");
    }
    return unpacked;
  }

  /**
   * Reads a stream, which is closed with what is returned, and at once if it is refused.
   *
   * @param source its name in messages
   */
  static InputStream open(InputStream stream, String source) throws IOException {
    try {
      BufferedInputStream bytes = new BufferedInputStream(stream, 1 << 16);
      byte[] head = head(bytes, GZIP.length);
      if (!begins(head, 0, GZIP)) {
        requireUnpacked(head(bytes, LOOKED_AT), source);
        return bytes;
      }
      Gzip unpacked = new Gzip(new GzipInput(bytes));
      requireUnpacked(head(unpacked, LOOKED_AT), source);
      return unpacked;
    } catch (RefusedException e) {
      stream.close();
      throw e;
    } catch (IOException e) {
      stream.close();
      throw new IOException("%s cannot be read: %s".formatted(source, e.getMessage()), e);
    }
  }

  /** So many bytes without reading them; fewer if a line or the input ends before. */
  private static byte[] head(BufferedInputStream bytes, int length) throws IOException {
    bytes.mark(length);
    byte[] head = new byte[length];
    int count = 0;
    int more = 0;
    // Whoever types lines is not to be waited for.
    while (count < length && more >= 0 && indexOf(head, count, (byte) '\n') < 0) {
      more = bytes.read(head, count, length - count);
      count += Math.max(0, more);
    }
    bytes.reset();
    return Arrays.copyOf(head, count);
  }

  private static int indexOf(byte[] bytes, int length, byte wanted) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static boolean begins(byte[] head, int at, byte[] magic) {
    return head.length >= at + magic.length
        && Arrays.equals(head, at, at + magic.length, magic, 0, magic.length);
  }

  private static void requireUnpacked(byte[] head, String source) throws RefusedException {
    for (Packing packing : Packing.values()) {
      if (begins(head, packing.at, packing.magic)) {
        throw new RefusedException(
            "%s is packed %s, which m3lex does not read. Unpack it first: %s"
                .formatted(source, packing.how, packing.unpack.replace("FILE", source)));
      }
    }
  }

  /** Ways of packing that are told, and not read. */
  private enum Packing {
    GZIP_TWICE("by gzip twice", "gzip -dc FILE", 0, 0x1F, 0x8B, 8),
    XZ("by xz", "xz -d FILE", 0, 0xFD, '7', 'z', 'X', 'Z', 0),
    ZSTANDARD("by zstd", "zstd -d FILE", 0, 0x28, 0xB5, 0x2F, 0xFD),
    BZIP2("by bzip2", "bzip2 -d FILE", 4, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59),
    LZ4("by lz4", "lz4 -d FILE", 0, 0x04, 0x22, 0x4D, 0x18),
    COMPRESS("by compress", "gzip -d FILE", 0, 0x1F, 0x9D),
    ZIP("in a zip archive", "unzip FILE", 0, 'P', 'K', 3, 4),
    SEVEN_ZIP("in a 7z archive", "7z x FILE", 0, '7', 'z', 0xBC, 0xAF, 0x27, 0x1C),
    TAR("in a tar archive", "tar -xf FILE", 257, 'u', 's', 't', 'a', 'r', 0),
    GNU_TAR("in a tar archive", "tar -xf FILE", 257, 'u', 's', 't', 'a', 'r', ' ', ' ');

    private final String how;
    private final String unpack;
    private final int at;
    private final byte[] magic;

    Packing(String how, String unpack, int at, int... magic) {
      this.how = how;
      this.unpack = unpack;
      this.at = at;
      this.magic = new byte[magic.length];
      for (int i = 0; i < magic.length; i++) {
        this.magic[i] = (byte) magic[i];
      }
    }
  }

  /** What gzip packed. */
  private static final class Gzip extends BufferedInputStream {
    Gzip(GzipInput packed) {
      super(packed, 1 << 16);
    }
  }

  /** The message names the input already. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }
}
