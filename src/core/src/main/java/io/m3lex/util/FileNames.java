/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The names of files as text: their bytes read as UTF-8, whatever the locale is. {@link
 * Path#toString()} reads them by the locale; what it cannot read it replaces, so that two files can
 * get one name.
 */
public final class FileNames {

  private FileNames() {}

  /**
   * The last part of a path.
   *
   * @throws IOException if it is not UTF-8
   */
  public static String last(Path file) throws IOException {
    String path = rawPath(file.toAbsolutePath().normalize());
    String whole = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return decoded(whole.substring(whole.lastIndexOf('/') + 1), file);
  }

  /**
   * The path of a file from a folder that it lies in, with slashes.
   *
   * @throws IOException if it is not UTF-8
   */
  public static String below(Path folder, Path file) throws IOException {
    String above = rawPath(folder);
    String path = rawPath(file);
    if (!path.startsWith(above)) {
      throw new IllegalArgumentException("%s is not in %s".formatted(file, folder));
    }
    String rest = path.substring(above.length());
    return decoded(rest.startsWith("/") ? rest.substring(1) : rest, file);
  }

  /**
   * Whether two paths lead to the same file or folder; not if one of them leads nowhere.
   *
   * @throws IOException if it cannot be told
   */
  public static boolean isSame(Path one, Path other) throws IOException {
    return Files.exists(one) && Files.exists(other) && Files.isSameFile(one, other);
  }

  /**
   * The one file of some names that a folder has; empty if it has none.
   *
   * @param names from the folder
   * @throws IOException if it has several, because nothing tells which of them is meant
   */
  public static Optional<Path> onlyOf(Path folder, List<String> names) throws IOException {
    List<Path> files = names.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
    if (files.size() > 1) {
      throw ambiguous(files.get(0), files.get(1));
    }
    return files.stream().findFirst();
  }

  /** The exception for two files of which only one can be meant. */
  public static IOException ambiguous(Path one, Path other) {
    return new IOException(
        "There are both %s and %s, and only one of them can be read. Remove or rename the other."
            .formatted(one, other));
  }

  /** Its bytes, percent-encoded where they are not ASCII. */
  private static String rawPath(Path path) {
    return path.toUri().getRawPath();
  }

  private static String decoded(String encoded, Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      if (encoded.charAt(i) == '%') {
        bytes.write(Integer.parseInt(encoded, i + 1, i + 3, 16));
        i += 2;
      } else {
        bytes.write(encoded.charAt(i));
      }
    }
    try {
      return Utf8.text(bytes.toByteArray());
    } catch (CharacterCodingException e) {
      throw new IOException("the name of %s is not UTF-8; rename it".formatted(file), e);
    }
  }
}
