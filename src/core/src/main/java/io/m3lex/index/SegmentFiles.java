/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.codecs.CodecUtil;
import org.apache.lucene.index.SegmentInfo;
import org.apache.lucene.index.SegmentReader;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.MemorySegmentAccessInput;
import org.apache.lucene.store.RandomAccessInput;
import org.apache.lucene.util.IOUtils;
import org.apache.lucene.util.StringHelper;

/**
 * Notices when the files of an open segment are overwritten in place. Lucene writes a file once and
 * maps it; whoever copies another index over it changes what is mapped, and postings of another
 * model would be read under the names of this one's. Every file begins with its segment's id, which
 * no other segment has, and whatever copies a file begins at its begin: while the id stands there,
 * nothing behind it is foreign. It is read where the file is mapped, without a call of the system.
 * Files that are deleted or renamed stay as they are for those who have them open.
 *
 * <p>Safe for use by several threads; not to be used when the segment is closed.
 */
final class SegmentFiles implements Closeable {

  private final List<Header> headers = new ArrayList<>();

  /** The file that was found to be another, null if none was. */
  private volatile String overwritten;

  private SegmentFiles() {}

  /**
   * The files of a segment.
   *
   * @throws IndexFormatException if one of them is another segment's by now
   */
  static SegmentFiles of(SegmentReader segment, String location) throws IOException {
    SegmentInfo info = segment.getSegmentInfo().info;
    SegmentFiles files = new SegmentFiles();
    boolean done = false;
    try {
      for (String name : info.files()) {
        Header header = header(info, name);
        if (header != null) {
          files.headers.add(header);
        }
      }
      files.require(location);
      done = true;
      return files;
    } finally {
      if (!done) {
        IOUtils.closeWhileHandlingException(files);
      }
    }
  }

  /**
   * Null if the file was deleted since the segment was opened: nobody can overwrite it then. Or if
   * it does not begin as Lucene's files do: some codecs bring files of other libraries.
   */
  private static Header header(SegmentInfo info, String name) throws IOException {
    IndexInput input;
    try {
      input = info.dir.openInput(name, IOContext.DEFAULT);
    } catch (FileNotFoundException | NoSuchFileException e) {
      return null;
    }
    Header header = null;
    try {
      if (input.length() > CodecUtil.footerLength()
          && CodecUtil.readBEInt(input) == CodecUtil.CODEC_MAGIC) {
        // Behind the codec's name and version.
        input.readString();
        header = new Header(name, input, input.getFilePointer() + Integer.BYTES, info.getId());
      }
      return header;
    } finally {
      if (header == null) {
        IOUtils.closeWhileHandlingException(input);
      }
    }
  }

  /**
   * Refuses to go on if a file is not the one that was opened, now or at any earlier call.
   *
   * @param location the index, for the message
   */
  void require(String location) throws IndexFormatException {
    String found = overwritten;
    for (int i = 0; found == null && i < headers.size(); i++) {
      if (!headers.get(i).isOurs()) {
        found = headers.get(i).name;
        overwritten = found;
      }
    }
    if (found != null) {
      throw new IndexFormatException(message(location, found));
    }
  }

  /** The refusal for Java's error for a mapped page that is gone, wherever that was thrown. */
  static IndexFormatException cutOff(InternalError e, String location) {
    return new IndexFormatException(message(location, "one of its files"), e);
  }

  private static String message(String location, String file) {
    return "Index %s was overwritten while it was open: %s is no longer what was opened. Put new indexes into new folders, or open this one again when it is whole."
        .formatted(location, file);
  }

  @Override
  public void close() throws IOException {
    IOUtils.close(headers.stream().map(header -> header.input).toList());
  }

  /** Where a file has the id of its segment. */
  private static final class Header {
    private final String name;
    private final IndexInput input;
    private final long position;
    private final long first;
    private final long second;

    /** Null if the file is not mapped: what reads it may have kept what it read before. */
    private final RandomAccessInput mapped;

    Header(String name, IndexInput input, long position, byte[] id) throws IOException {
      this.name = name;
      this.input = input;
      this.position = position;
      ByteBuffer bytes = ByteBuffer.wrap(id).order(ByteOrder.LITTLE_ENDIAN);
      first = bytes.getLong();
      second = bytes.getLong();
      mapped =
          input instanceof MemorySegmentAccessInput
              ? input.randomAccessSlice(position, StringHelper.ID_LENGTH)
              : null;
    }

    boolean isOurs() {
      try {
        RandomAccessInput id =
            mapped == null ? input.randomAccessSlice(position, StringHelper.ID_LENGTH) : mapped;
        boolean same = id.readLong(0) == first && id.readLong(Long.BYTES) == second;
        if (!same) {
          // A mapped page that is gone, because the file was cut off, reads as nothing, and Java
          // throws its error for that at some later place: here, if it can.
          Thread.yield();
        }
        return same;
      } catch (IOException | InternalError e) {
        return false;
      }
    }
  }
}
