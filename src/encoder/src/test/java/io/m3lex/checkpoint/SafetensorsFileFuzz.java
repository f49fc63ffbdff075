/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Fuzzes {@link SafetensorsFile}: an input is a whole file. */
public final class SafetensorsFileFuzz {

  private SafetensorsFileFuzz() {}

  /** Whether an input is read; fails if it is neither read whole nor refused as documented. */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    try {
      SafetensorsFile file = SafetensorsFile.parse(ByteBuffer.wrap(input), "x.safetensors");
      FuzzedTensors.check(file.tensors(), file.metadata(), input.length);
      return true;
    } catch (CheckpointFormatException e) {
      FuzzedTensors.check(e);
      return false;
    }
  }
}
