/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Fuzzes {@link OnnxInitializers}: an input is a whole model. */
public final class OnnxInitializersFuzz {

  private OnnxInitializersFuzz() {}

  /** Whether an input is read; fails if it is neither read whole nor refused as documented. */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    try {
      FuzzedTensors.check(OnnxInitializers.read(ByteBuffer.wrap(input), "x.onnx"), input.length);
      return true;
    } catch (CheckpointFormatException e) {
      FuzzedTensors.check(e);
      return false;
    }
  }
}
