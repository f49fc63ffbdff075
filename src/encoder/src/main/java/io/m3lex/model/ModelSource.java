/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.checkpoint.FileBytes;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** Where the files of a model come from: a folder or the class path. */
public abstract sealed class ModelSource {

  private ModelSource() {}

  /**
   * A folder, in which files lie under the manifest's paths. Links that lead out of it are refused.
   * Whether it exists is seen when files are read.
   */
  public static ModelSource folder(Path folder) {
    return new Folder(folder);
  }

  /** The class path of this program, where files lie under the manifest's resource names. */
  public static ModelSource classPath() {
    return new ClassPath();
  }

  /** Where this is, for people: a folder's name or {@code the class path}. */
  public abstract String location();

  /**
   * Reads a file once and whole, so that the bytes that are checked are the bytes that are used.
   *
   * @param greatestSize files of more bytes are not read
   */
  abstract Reading read(ModelFile file, long greatestSize);

  /** What came of reading a file. */
  sealed interface Reading {
    /** All bytes of the file: in memory that is the reader's alone, or on disk if they are many. */
    record Whole(FileBytes content) implements Reading {}

    /** A file that was left alone because of its size. */
    record TooLarge(long bytes) implements Reading {}

    /** No bytes. */
    record Failed(Fault fault) implements Reading {}
  }

  private static final class Folder extends ModelSource {
    private final Path folder;

    Folder(Path folder) {
      this.folder = folder;
    }

    @Override
    public String location() {
      return folder.toString();
    }

    @Override
    Reading read(ModelFile file, long greatestSize) {
      try {
        Path path = folder.resolve(file.path()).toRealPath();
        if (!path.startsWith(folder.toRealPath())) {
          return new Reading.Failed(new Fault.OutsideFolder(file.path(), path.toString()));
        }
        if (!Files.isRegularFile(path)) {
          return new Reading.Failed(new Fault.NotAFile(file.path()));
        }
        return open(path, file.isOfTensors() ? GREATEST_COPY : Long.MAX_VALUE, greatestSize);
      } catch (NoSuchFileException e) {
        return new Reading.Failed(new Fault.Missing(file.path(), location(), file.role()));
      } catch (InvalidPathException e) {
        return new Reading.Failed(new Fault.Unreadable(file.path(), e.getReason()));
      } catch (IOException e) {
        return new Reading.Failed(new Fault.Unreadable(file.path(), reason(e)));
      }
    }
  }

  /**
   * Larger files of tensors stay on disk, where they are read through one open channel from now on.
   */
  private static final long GREATEST_COPY = 256 << 20;

  private static Reading open(Path path, long greatestCopy, long greatestSize) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    boolean kept = false;
    try {
      long size = channel.size();
      if (size > greatestSize) {
        return new Reading.TooLarge(size);
      }
      if (size <= greatestCopy) {
        return readAll(channel, size, greatestSize);
      }
      kept = true;
      return new Reading.Whole(FileBytes.of(channel, path.toString()));
    } finally {
      if (!kept) {
        channel.close();
      }
    }
  }

  private static final class ClassPath extends ModelSource {
    @Override
    public String location() {
      return "the class path";
    }

    @Override
    Reading read(ModelFile file, long greatestSize) {
      URL url = file.resource() == null ? null : ModelSource.class.getResource(file.resource());
      if (url == null) {
        return new Reading.Failed(new Fault.Missing(file.path(), location(), file.role()));
      }
      try {
        URLConnection connection = url.openConnection();
        connection.setUseCaches(false);
        try (InputStream stream = connection.getInputStream();
            ReadableByteChannel channel = Channels.newChannel(stream)) {
          return readAll(channel, connection.getContentLengthLong(), greatestSize);
        }
      } catch (FileNotFoundException e) {
        return new Reading.Failed(new Fault.Missing(file.path(), location(), file.role()));
      } catch (IOException e) {
        return new Reading.Failed(new Fault.Unreadable(file.path(), reason(e)));
      }
    }
  }

  /** Reads into memory outside the heap, from where an engine can take it without a copy. */
  private static Reading readAll(ReadableByteChannel channel, long size, long greatestSize)
      throws IOException {
    if (size < 0) {
      throw new IOException("its size is not known");
    }
    if (size > Math.min(greatestSize, Integer.MAX_VALUE - 8)) {
      return new Reading.TooLarge(size);
    }
    ByteBuffer content = allocate((int) size);
    while (content.hasRemaining()) {
      if (channel.read(content) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
    if (channel.read(ByteBuffer.allocate(1)) > 0) {
      throw new IOException("it grew while it was read");
    }
    return new Reading.Whole(FileBytes.of(content.flip()));
  }

  private static ByteBuffer allocate(int size) throws IOException {
    try {
      return ByteBuffer.allocateDirect(size);
    } catch (OutOfMemoryError e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its %,d bytes have no room in memory; give Java more, with -XX:MaxDirectMemorySize",
              size),
          e);
    }
  }

  /** Why a file could not be read, for people. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied; allow this user to read it";
    }
    if (e instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
