/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.checkpoint.Tensor;
import java.nio.ByteBuffer;
import java.util.SortedMap;

/**
 * Told how a verification goes on, so that loading can begin beside it. What is made of these files
 * must not be used before the verification has returned: it may still fail.
 */
public interface VerificationListener {

  /** Does nothing. */
  VerificationListener NONE = (file, content) -> {};

  /**
   * A file that lies in memory as a whole has passed: any but the encoder and large heads.
   *
   * @param content as {@link VerifiedModel#bytes(ModelFile)} gives it
   */
  void passed(ModelFile file, ByteBuffer content);

  /**
   * All tensors of the encoder are there, in order, and finite; the hash of their file is still
   * being computed.
   *
   * @param tensors as {@link VerifiedModel#encoderTensors()} gives them
   */
  default void tensorsPassed(
      TransformerArchitecture architecture, SortedMap<String, Tensor> tensors) {}
}
