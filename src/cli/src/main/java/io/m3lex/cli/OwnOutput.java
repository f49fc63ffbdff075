/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.util.FileNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a command writes, or reads as something else than documents, so that it does not read it as
 * documents where it lies in a folder that it reads.
 */
final class OwnOutput {

  /** For commands that write no files. */
  static final Predicate<Path> NONE = path -> false;

  private OwnOutput() {}

  /** A folder, by whatever path it is reached. */
  static Predicate<Path> folder(Path folder) {
    return path -> Files.isDirectory(path) && isSame(path, folder);
  }

  /** A file, by whatever path it is reached. */
  static Predicate<Path> file(Path file) {
    return path -> Files.isRegularFile(path) && isSame(path, file);
  }

  /** The files in a folder whose names have an ending. */
  static Predicate<Path> files(Path folder, String ending) {
    return path ->
        path.getFileName().toString().endsWith(ending)
            && isSame(path.toAbsolutePath().getParent(), folder);
  }

  /** A file of vectors, its shards, and what grows into them. */
  static Predicate<Path> vectors(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    Pattern names =
        Pattern.compile(
            Pattern.quote(file.getFileName().toString())
                + "(\\.[0-9]+-of-[0-9]+)?(\\.json|\\.part|\\.progress)?");
    return path ->
        names.matcher(path.getFileName().toString()).matches()
            && isSame(path.toAbsolutePath().getParent(), parent);
  }

  private static boolean isSame(Path path, Path other) {
    try {
      return FileNames.isSame(path, other);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "It is not known whether %s is %s: %s".formatted(path, other, e), e);
    }
  }
}
