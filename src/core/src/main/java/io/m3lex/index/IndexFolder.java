/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexFileNames;
import org.apache.lucene.index.IndexFormatTooNewException;
import org.apache.lucene.index.IndexFormatTooOldException;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;

/** Opens the folders that indexes lie in, and says in plain words why one cannot be opened. */
final class IndexFolder {

  private IndexFolder() {}

  /** The folder of an index that exists. */
  static Directory existing(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IndexFormatException(
          Files.exists(folder)
              ? "%s is not a folder. Name the folder of an index.".formatted(folder)
              : "There is no index at %s: the folder does not exist.".formatted(folder));
    }
    return FSDirectory.open(folder);
  }

  /** The folder of an index that exists or is to be begun. */
  static Directory existingOrNew(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException(
          "The folder %s cannot be made: %s. Name another.".formatted(folder, reason(e)), e);
    }
    return FSDirectory.open(folder);
  }

  /**
   * Whether there is an index in a directory. A directory with other files and no index is refused,
   * so that nothing is written into a folder named by mistake.
   */
  static boolean hasIndex(Directory directory, String location) throws IOException {
    if (DirectoryReader.indexExists(directory)) {
      return true;
    }
    for (String file : directory.listAll()) {
      // What the first commit of an index left behind that was cut off in the middle.
      boolean ofLucene =
          file.equals(IndexWriter.WRITE_LOCK_NAME)
              || file.startsWith(IndexFileNames.PENDING_SEGMENTS)
              || IndexFileNames.CODEC_FILE_PATTERN.matcher(file).matches();
      if (!ofLucene) {
        throw new IndexFormatException(
            "%s holds other files (%s) and no index. Name an empty or new folder."
                .formatted(location, file));
      }
    }
    return false;
  }

  /** The exception to throw for one that Lucene threw at work on an index. */
  static IOException explained(IOException e, String location) {
    if (e instanceof IndexFormatException
        || e.getMessage() != null && e.getMessage().startsWith("Index " + location)) {
      return e;
    }
    if (e instanceof IndexNotFoundException) {
      return new IndexFormatException(
          "There is no index at %s. Build one with m3lex, or name another folder."
              .formatted(location),
          e);
    }
    if (e instanceof LockObtainFailedException) {
      return new IOException(
          "Index %s is being written by another process or writer. Wait until it has finished, or stop it."
              .formatted(location),
          e);
    }
    if (e instanceof IndexFormatTooNewException || e instanceof IndexFormatTooOldException) {
      return new IndexFormatException(
          "Index %s was written by another version of Lucene: %s. Use the version of m3lex that wrote it, or build it again."
              .formatted(location, e.getMessage()),
          e);
    }
    if (e instanceof CorruptIndexException
        || e instanceof FileNotFoundException
        || e instanceof NoSuchFileException
        || e instanceof EOFException) {
      return new IndexFormatException(
          "Index %s is damaged: %s. Restore it from a copy, or build it again."
              .formatted(location, e.getMessage()),
          e);
    }
    return new IOException("Index %s: %s".formatted(location, reason(e)), e);
  }

  /** What an error says, in the fewest words. */
  static String reason(Throwable e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied for " + e.getMessage();
    }
    if (e instanceof NotDirectoryException || e instanceof FileAlreadyExistsException) {
      return e.getMessage() + " is not a folder";
    }
    // The message of a file system exception is often the path alone.
    return e instanceof FileSystemException file && file.getReason() == null
        ? e.getClass().getSimpleName() + " " + e.getMessage()
        : e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
