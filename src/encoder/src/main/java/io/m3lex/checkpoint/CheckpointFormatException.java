/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;

/**
 * A file that should hold tensors does not, or not all of them. The message names the file, the
 * tensor and the byte where they are known, what is wrong, and what to do.
 */
public final class CheckpointFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  static final String DOWNLOAD_AGAIN = "Download the file again and compare its SHA-256";

  /**
   * Makes an exception about a place in a file.
   *
   * @param file the file, as its reader was given it
   * @param tensor name of the tensor, null if the problem is not that of one tensor
   * @param position the byte that is wrong, counted from 0; negative if it is not one byte
   * @param problem what is wrong, without a full stop
   * @param remedy what to do, without a full stop
   */
  CheckpointFormatException(
      String file, String tensor, long position, String problem, String remedy) {
    super(
        file
            + (tensor == null ? "" : ", tensor \"" + tensor + "\"")
            + (position < 0 ? "" : ", byte " + position)
            + ": "
            + problem
            + ". "
            + remedy
            + ".");
  }
}
