/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.checkpoint.Tensor;
import io.m3lex.model.TransformerArchitecture;
import java.io.IOException;
import java.util.ServiceLoader;
import java.util.SortedMap;

/**
 * Runs the networks of PyTorch checkpoints. A service: the artifact {@code m3lex-pytorch} has one.
 * Safe for use by several threads.
 */
public interface CheckpointEngine {

  /**
   * The engine on the class path.
   *
   * @throws IOException if there is none; the message names the artifact that brings one
   */
  static CheckpointEngine find() throws IOException {
    return ServiceLoader.load(CheckpointEngine.class, CheckpointEngine.class.getClassLoader())
        .findFirst()
        .orElseThrow(
            () ->
                new IOException(
                    "The model is a PyTorch checkpoint, and nothing on the class path runs it."
                        + " Depend on io.m3lex:m3lex-pytorch-PLATFORM (linux-x86_64, macos-aarch64"
                        + " or windows-x86_64)."));
  }

  /**
   * Starts the engine, which takes a while, so that it is ready when a network is loaded. Does not
   * throw: what goes wrong is reported by {@link #load}.
   */
  void startEarly();

  /**
   * Loads a network.
   *
   * @param tensors those of {@link TransformerArchitecture#tensors()}, of 16- or 32-bit
   *     floating-point numbers
   * @param settings precision, device and threads
   * @throws IOException if the engine does not start or a tensor cannot be read
   */
  Network load(
      TransformerArchitecture architecture,
      SortedMap<String, Tensor> tensors,
      EncoderSettings settings)
      throws IOException;
}
