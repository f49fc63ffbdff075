/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the project that lie outside the module whose tests run. */
public final class Checkout {

  private static final Path ROOT = root();

  private Checkout() {}

  private static Path root() {
    Path start = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isDirectory(folder.resolve("models")) && Files.exists(folder.resolve("m3lex"))) {
        return folder;
      }
    }
    throw new IllegalStateException(start + " does not lie in a checkout of m3lex");
  }

  /** A file of the checkout, by its path from the root. */
  public static Path file(String path) {
    return ROOT.resolve(path);
  }

  /** A file of the folder {@code shared} beside the checkout, which is often not there. */
  public static Path shared(String path) {
    return ROOT.resolveSibling("shared").resolve(path);
  }
}
