/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;

/** A file was written to, or cut off, while its bytes were in use. Nothing more is read from it. */
public final class FileChangedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What to do, without a full stop. */
  private static final String REMEDY =
      "Nothing more is computed with it: put the right file there and open it again. To replace a"
          + " file that is in use, move the new one into its place; never write over it";

  FileChangedException(String file, String change) {
    super("%s was changed while it was in use: %s. %s.".formatted(file, change, REMEDY));
  }

  private FileChangedException(FileChangedException first) {
    super(first.getMessage(), first);
  }

  /** The same for another reader. */
  FileChangedException again() {
    return new FileChangedException(this);
  }
}
