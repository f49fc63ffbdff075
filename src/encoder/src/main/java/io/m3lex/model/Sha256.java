/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.checkpoint.FileBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal. */
final class Sha256 {

  private static final int CHUNK_BYTES = 1 << 20;

  private Sha256() {}

  /** The hash of a whole file. */
  static String of(FileBytes content) throws IOException {
    MessageDigest digest = digest();
    // Outside the heap, so that nothing is copied once more on the way.
    ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, content.size()));
    for (long offset = 0; offset < content.size(); offset += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), content.size() - offset));
      content.read(offset, chunk);
      digest.update(chunk.flip());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
