/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.index;

import java.io.IOException;

/** A folder holds no index of m3lex, or one that this program cannot read. */
public final class IndexFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  IndexFormatException(String message) {
    super(message);
  }

  IndexFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
