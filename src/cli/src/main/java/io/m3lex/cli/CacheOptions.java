/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.SparseEncoder;
import io.m3lex.evaluation.CachedEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where encoded texts are kept. */
final class CacheOptions {

  @ArgGroup private Choice choice;

  private static final class Choice {
    @Option(
        names = "--cache",
        paramLabel = "DIR",
        description =
            "Where encoded texts are kept, so that none is encoded twice. Default: m3lex in"
                + " $XDG_CACHE_HOME, else in ~/.cache.")
    private Path folder;

    @Option(names = "--no-cache", description = "Keep no encoded texts, and use none.")
    private boolean none;
  }

  /** The cache of an encoder; empty if there shall be none. The encoder stays open. */
  Optional<CachedEncoder> open(SparseEncoder encoder) throws IOException {
    Optional<Path> folder = folder();
    return folder.isPresent()
        ? Optional.of(CachedEncoder.open(encoder, folder.get()))
        : Optional.empty();
  }

  /** Where the cache is, or will be; empty if there shall be none. */
  Optional<Path> folder() {
    if (choice != null) {
      return choice.none ? Optional.empty() : Optional.of(choice.folder);
    }
    return Optional.of(
        usual(
            SystemText.require(
                "the value of the variable XDG_CACHE_HOME", System.getenv("XDG_CACHE_HOME"))));
  }

  /** The usual folder; relative paths in the variable do not count, as its specification says. */
  private static Path usual(String cacheHome) {
    return cacheHome != null && Path.of(cacheHome).isAbsolute()
        ? Path.of(cacheHome, "m3lex")
        : SystemText.home().resolve(Path.of(".cache", "m3lex"));
  }
}
