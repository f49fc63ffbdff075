/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The entries of a zip archive of which none is compressed, so that each is a piece of the file.
 *
 * <pre>
 * per entry   local header (30 bytes, name, extra field), content, and with flag bit 3 a data
 *             descriptor: "PK\7\8", CRC-32, both sizes of 4 or 8 bytes
 * directory   per entry 46 bytes, name, extra field, comment
 * zip64 end   56 bytes, and 20 bytes that say where it starts; only in archives that need or want it
 * end         22 bytes and a comment
 * </pre>
 *
 * <p>The directory is what counts. Whatever a local header or descriptor says must agree with it;
 * with flag bit 3 a local header may leave sizes and checksum at 0, as PyTorch does. Entries may
 * have bytes between them that belong to none, but no byte belongs to two.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">the format</a>
 */
final class StoredZip {

  /**
   * An entry.
   *
   * @param start where its content starts in the file
   * @param size of the content in bytes
   * @param crc32 of the content, as the directory states it; not verified
   */
  record Entry(String name, long start, long size, long crc32) {}

  private static final int LOCAL_HEADER = 0x04034b50;
  private static final int DESCRIPTOR = 0x08074b50;
  private static final int DIRECTORY_HEADER = 0x02014b50;
  private static final int ZIP64_END = 0x06064b50;
  private static final int ZIP64_LOCATOR = 0x07064b50;
  private static final int END = 0x06054b50;

  private static final int LOCAL_HEADER_BYTES = 30;
  private static final int DIRECTORY_HEADER_BYTES = 46;
  private static final int ZIP64_END_BYTES = 56;
  private static final int ZIP64_LOCATOR_BYTES = 20;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT_BYTES = 0xffff;
  private static final int MAX_DIRECTORY_BYTES = 1 << 25;

  /** What a field of 32 bits holds if the number is in the zip64 extra field instead. */
  private static final long IN_ZIP64 = 0xffffffffL;

  private static final int ZIP64_EXTRA = 1;
  private static final int FLAG_ENCRYPTED = 1 | 1 << 6 | 1 << 13;
  private static final int FLAG_DESCRIPTOR = 1 << 3;

  private final FileBytes bytes;
  private final String file;
  private final List<Header> headers = new ArrayList<>();
  private long directoryStart;

  private StoredZip(FileBytes bytes, String file) {
    this.bytes = bytes;
    this.file = file;
  }

  /**
   * Reads the directory of an archive.
   *
   * @param file what messages call the file
   * @throws CheckpointFormatException if this is no zip archive, or its directory is damaged
   */
  static StoredZip open(FileBytes bytes, String file) throws IOException {
    StoredZip zip = new StoredZip(bytes, file);
    zip.readDirectory(zip.findDirectory());
    return zip;
  }

  /** The names of all entries, in the order of the directory. */
  List<String> names() {
    return headers.stream().map(Header::name).toList();
  }

  /** The end of the archive: where the directory is. */
  private record Directory(long start, long size, long count, long end) {}

  /** What the directory says about one entry. */
  private record Header(
      String name,
      int flags,
      int method,
      long crc32,
      long packedSize,
      long size,
      long localHeader,
      long position) {}

  /**
   * Checks that all entries are what the directory says.
   *
   * @return the entries by name, in the order of the names
   * @throws CheckpointFormatException if one is not, or is encrypted or compressed
   */
  SortedMap<String, Entry> entries() throws IOException {
    List<Header> ordered = new ArrayList<>(headers);
    ordered.sort(Comparator.comparingLong(Header::localHeader));
    SortedMap<String, Entry> entries = new TreeMap<>();
    long end = 0;
    for (Header header : ordered) {
      checkStored(header);
      if (header.localHeader < 0 || header.localHeader > directoryStart - LOCAL_HEADER_BYTES) {
        throw damaged(header.position, "the entry " + quoted(header) + " lies outside the file");
      }
      if (header.localHeader < end) {
        throw damaged(
            header.localHeader, "the entry " + quoted(header) + " overlaps the one before it");
      }
      Entry entry = readEntry(header);
      end = endOf(header, entry);
      if (entries.put(entry.name, entry) != null) {
        throw damaged(header.position, "the archive has two entries " + quoted(header));
      }
    }
    return Collections.unmodifiableSortedMap(entries);
  }

  private void checkStored(Header header) throws CheckpointFormatException {
    if ((header.flags & FLAG_ENCRYPTED) != 0) {
      throw refused(
          header.position + 8, header, "is encrypted", "Save the checkpoint without encryption");
    }
    if (header.method != 0) {
      throw refused(
          header.position + 10,
          header,
          "is compressed, which PyTorch never does to a checkpoint",
          "Give the file as PyTorch saved it, not packed again");
    }
    if (header.size != header.packedSize || header.size < 0) {
      throw damaged(
          header.position + 20,
          String.format(
              Locale.ROOT,
              "the entry %s is not compressed, and yet has two sizes, %d and %d",
              quoted(header),
              header.packedSize,
              header.size));
    }
  }

  private Directory findDirectory() throws IOException {
    int length = (int) Math.min(bytes.size(), END_BYTES + MAX_COMMENT_BYTES);
    long tailStart = bytes.size() - length;
    ByteBuffer tail = piece(tailStart, length);
    int at = length - END_BYTES;
    while (at >= 0
        && (tail.getInt(at) != END
            || Short.toUnsignedInt(tail.getShort(at + 20)) != length - at - END_BYTES)) {
      at--;
    }
    if (at < 0) {
      throw damaged(
          -1, "the archive has no end of its directory: the file is truncated, or is no zip file");
    }
    long end = tailStart + at;
    if (tail.getShort(at + 4) != 0 || tail.getShort(at + 6) != 0) {
      throw damaged(end + 4, "the archive is one of several that belong together");
    }
    int onThisDisk = Short.toUnsignedInt(tail.getShort(at + 8));
    Directory directory =
        new Directory(
            Integer.toUnsignedLong(tail.getInt(at + 16)),
            Integer.toUnsignedLong(tail.getInt(at + 12)),
            Short.toUnsignedInt(tail.getShort(at + 10)),
            end);
    if (onThisDisk != directory.count) {
      throw damaged(end + 8, "the archive is one of several that belong together");
    }
    if (end >= ZIP64_LOCATOR_BYTES) {
      ByteBuffer locator = piece(end - ZIP64_LOCATOR_BYTES, ZIP64_LOCATOR_BYTES);
      if (locator.getInt(0) == ZIP64_LOCATOR) {
        directory = zip64(locator, directory);
      }
    }
    if (directory.size < 0
        || directory.size > directory.end
        || directory.start != directory.end - directory.size) {
      throw damaged(
          end,
          String.format(
              Locale.ROOT,
              "the directory should have %s bytes from byte %s on, and end at byte %d",
              Long.toUnsignedString(directory.size),
              Long.toUnsignedString(directory.start),
              directory.end));
    }
    if (directory.size > MAX_DIRECTORY_BYTES) {
      throw damaged(end, "the directory has " + directory.size + " bytes, more than are read");
    }
    return directory;
  }

  private Directory zip64(ByteBuffer locator, Directory plain) throws IOException {
    long at = plain.end - ZIP64_LOCATOR_BYTES;
    long start = locator.getLong(8);
    if (locator.getInt(4) != 0 || locator.getInt(16) != 1) {
      throw damaged(at + 4, "the archive is one of several that belong together");
    }
    if (start < 0 || start > at - ZIP64_END_BYTES) {
      throw damaged(at + 8, "the zip64 end of the directory cannot lie where it should");
    }
    ByteBuffer end = piece(start, ZIP64_END_BYTES);
    // Its length does not count the first 12 bytes.
    if (end.getInt(0) != ZIP64_END || end.getLong(4) != at - start - 12) {
      throw damaged(start, "the zip64 end of the directory is damaged");
    }
    long count = end.getLong(32);
    if (end.getInt(16) != 0 || end.getInt(20) != 0 || end.getLong(24) != count) {
      throw damaged(start + 16, "the archive is one of several that belong together");
    }
    Directory directory = new Directory(end.getLong(48), end.getLong(40), count, start);
    if (disagrees(plain.count, 0xffff, directory.count)
        || disagrees(plain.size, IN_ZIP64, directory.size)
        || disagrees(plain.start, IN_ZIP64, directory.start)) {
      throw damaged(plain.end, "the two ends of the directory do not agree");
    }
    return directory;
  }

  private static boolean disagrees(long plain, long elsewhere, long zip64) {
    return plain != elsewhere && plain != zip64;
  }

  private void readDirectory(Directory directory) throws IOException {
    directoryStart = directory.start;
    ByteBuffer content = piece(directory.start, (int) directory.size);
    while (content.hasRemaining()) {
      headers.add(readHeader(content));
    }
    if (headers.size() != directory.count) {
      throw damaged(
          directory.start,
          String.format(
              Locale.ROOT,
              "the directory should have %s entries, and has %d",
              Long.toUnsignedString(directory.count),
              headers.size()));
    }
  }

  private Header readHeader(ByteBuffer content) throws CheckpointFormatException {
    int at = content.position();
    long position = directoryStart + at;
    if (content.remaining() < DIRECTORY_HEADER_BYTES || content.getInt(at) != DIRECTORY_HEADER) {
      throw damaged(position, "an entry of the directory should start here");
    }
    int nameLength = Short.toUnsignedInt(content.getShort(at + 28));
    int extraLength = Short.toUnsignedInt(content.getShort(at + 30));
    int commentLength = Short.toUnsignedInt(content.getShort(at + 32));
    int length = DIRECTORY_HEADER_BYTES + nameLength + extraLength + commentLength;
    if (length > content.remaining()) {
      throw damaged(position + 28, "an entry of the directory is longer than the directory");
    }
    String name = name(content.slice(at + DIRECTORY_HEADER_BYTES, nameLength), position);
    int flags = Short.toUnsignedInt(content.getShort(at + 8));
    Zip64Extra extra =
        new Zip64Extra(
            content
                .slice(at + DIRECTORY_HEADER_BYTES + nameLength, extraLength)
                .order(ByteOrder.LITTLE_ENDIAN));
    long size = extra.number(content.getInt(at + 24), Long.BYTES);
    long packed = extra.number(content.getInt(at + 20), Long.BYTES);
    long localHeader = extra.number(content.getInt(at + 42), Long.BYTES);
    long disk = Short.toUnsignedInt(content.getShort(at + 34));
    if (disk != 0 && !(disk == 0xffff && extra.number(-1, Integer.BYTES) == 0)) {
      throw damaged(position + 34, "the archive is one of several that belong together");
    }
    content.position(at + length);
    return new Header(
        name,
        flags,
        Short.toUnsignedInt(content.getShort(at + 10)),
        Integer.toUnsignedLong(content.getInt(at + 16)),
        packed,
        size,
        localHeader,
        position);
  }

  private String name(ByteBuffer name, long position) throws CheckpointFormatException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(name).toString();
    } catch (CharacterCodingException e) {
      throw damaged(position, "the name of an entry is not UTF-8");
    }
  }

  /** Holds the local header against the directory. */
  private Entry readEntry(Header header) throws IOException {
    long at = header.localHeader;
    long start = at + LOCAL_HEADER_BYTES;
    ByteBuffer local = piece(at, LOCAL_HEADER_BYTES);
    if (local.getInt(0) != LOCAL_HEADER) {
      throw damaged(at, "the entry " + quoted(header) + " should start here");
    }
    int nameLength = Short.toUnsignedInt(local.getShort(26));
    int extraLength = Short.toUnsignedInt(local.getShort(28));
    start += nameLength + extraLength;
    if (start > directoryStart || header.size > directoryStart - start) {
      throw damaged(
          at,
          String.format(
              Locale.ROOT,
              "the entry %s with its %d bytes does not end before the directory",
              quoted(header),
              header.size));
    }
    ByteBuffer rest = piece(at + LOCAL_HEADER_BYTES, nameLength + extraLength);
    if (!rest.slice(0, nameLength)
        .equals(ByteBuffer.wrap(header.name.getBytes(StandardCharsets.UTF_8)))) {
      throw contradicts(at + LOCAL_HEADER_BYTES, header, "name");
    }
    if (local.getShort(8) != 0) {
      throw contradicts(at + 8, header, "compression");
    }
    if (local.getShort(6) != (short) header.flags) {
      throw contradicts(at + 6, header, "flags");
    }
    boolean later = (header.flags & FLAG_DESCRIPTOR) != 0;
    long crc32 = Integer.toUnsignedLong(local.getInt(14));
    if (crc32 != header.crc32 && !(later && crc32 == 0)) {
      throw contradicts(at + 14, header, "CRC-32");
    }
    Zip64Extra extra =
        new Zip64Extra(rest.slice(nameLength, extraLength).order(ByteOrder.LITTLE_ENDIAN));
    long size = extra.number(local.getInt(22), Long.BYTES);
    long packed = extra.number(local.getInt(18), Long.BYTES);
    if ((size != header.size && !(later && size == 0))
        || (packed != header.size && !(later && packed == 0))) {
      throw contradicts(at + 18, header, "sizes");
    }
    return new Entry(header.name, start, header.size, header.crc32);
  }

  /** The end of the content, or of the data descriptor behind it, held against the directory. */
  private long endOf(Header header, Entry entry) throws IOException {
    long end = entry.start + entry.size;
    if ((header.flags & FLAG_DESCRIPTOR) == 0) {
      return end;
    }
    ByteBuffer descriptor = piece(end, (int) Math.min(24, directoryStart - end));
    boolean isThere = descriptor.limit() >= 16 && descriptor.getInt(0) == DESCRIPTOR;
    if (!isThere && entry.size == 0) {
      // PyTorch writes none for an empty entry.
      return end;
    }
    if (isThere && Integer.toUnsignedLong(descriptor.getInt(4)) == entry.crc32) {
      if (Integer.toUnsignedLong(descriptor.getInt(8)) == entry.size
          && Integer.toUnsignedLong(descriptor.getInt(12)) == entry.size) {
        return end + 16;
      }
      if (descriptor.limit() == 24
          && descriptor.getLong(8) == entry.size
          && descriptor.getLong(16) == entry.size) {
        return end + 24;
      }
    }
    throw contradicts(end, header, "data descriptor");
  }

  /** Takes the numbers that do not fit 32 bits from an extra field, in their order. */
  private static final class Zip64Extra {
    private ByteBuffer numbers = ByteBuffer.allocate(0);

    Zip64Extra(ByteBuffer extra) {
      while (extra.remaining() >= 4) {
        int id = Short.toUnsignedInt(extra.getShort());
        int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
        if (id == ZIP64_EXTRA) {
          numbers = extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        }
        extra.position(extra.position() + length);
      }
    }

    /** The number itself, or the next of the extra field if that is where it is; -1 if not. */
    long number(int field, int length) {
      if (field != -1) {
        return Integer.toUnsignedLong(field);
      }
      if (numbers.remaining() < length) {
        return -1;
      }
      return length == Long.BYTES ? numbers.getLong() : numbers.getInt();
    }
  }

  /** A copy of a piece that is known to lie within the file. */
  private ByteBuffer piece(long start, int length) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.read(start, piece);
    return piece.flip();
  }

  private static String quoted(Header header) {
    return "\"" + TensorNames.printable(header.name) + "\"";
  }

  private CheckpointFormatException contradicts(long position, Header header, String what) {
    return damaged(
        position,
        "the %s of the entry %s contradicts the archive's directory"
            .formatted(what, quoted(header)));
  }

  private CheckpointFormatException refused(
      long position, Header header, String problem, String remedy) {
    return new CheckpointFormatException(
        file, null, position, "the entry " + quoted(header) + " " + problem, remedy);
  }

  private CheckpointFormatException damaged(long position, String problem) {
    return new CheckpointFormatException(
        file, null, position, problem, CheckpointFormatException.DOWNLOAD_AGAIN);
  }
}
