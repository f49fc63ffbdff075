/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.ModelFingerprint;
import java.util.Objects;

/**
 * How a verified model is run. What decides weights is part of the fingerprint.
 *
 * @param longTexts what happens to a text that is longer than {@code maxTokens}; decides weights
 * @param maxTokens most tokens that the network reads at once, special tokens included, at most the
 *     model's own maximum; 0 for the model's own; decides weights
 * @param precision the numbers in the layers of a PyTorch checkpoint; decides weights
 * @param device where a PyTorch checkpoint is run
 * @param threads most threads of the processor that a PyTorch checkpoint is run with, at least 1
 * @param closeOnExit whether the encoder closes itself when the program ends, so that no native
 *     code is at work then; an application that finishes its work in a shutdown hook of its own
 *     says no, and closes the encoder there
 */
public record EncoderSettings(
    LongTexts longTexts,
    int maxTokens,
    Precision precision,
    Device device,
    int threads,
    boolean closeOnExit) {

  /** Windows of the model's maximum length, 32-bit numbers, a GPU if there is one. */
  public static final EncoderSettings DEFAULT =
      new EncoderSettings(
          LongTexts.WINDOW,
          0,
          Precision.FP32,
          Device.AUTO,
          Runtime.getRuntime().availableProcessors(),
          true);

  /** Where a network is run. */
  public enum Device {
    /** On the first GPU if the engine reports one, else on the CPU. */
    AUTO,
    /** On the processor. */
    CPU,
    /** On the first GPU. */
    GPU
  }

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public EncoderSettings {
    Objects.requireNonNull(longTexts, "longTexts");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(device, "device");
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens must not be negative: " + maxTokens);
    }
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1: " + threads);
    }
  }

  /** These settings with what decides weights as a fingerprint has it. */
  public EncoderSettings like(ModelFingerprint fingerprint) {
    String tokens = fingerprint.components().getOrDefault(ModelFingerprint.MAX_TOKENS, "");
    return new EncoderSettings(
        LongTexts.of(fingerprint),
        tokens.matches("[0-9]{1,9}") ? Integer.parseInt(tokens) : 0,
        Precision.of(fingerprint),
        device,
        threads,
        closeOnExit);
  }

  /** These settings with another treatment of long texts. */
  public EncoderSettings with(LongTexts other) {
    return new EncoderSettings(other, maxTokens, precision, device, threads, closeOnExit);
  }

  /** These settings with another precision. */
  public EncoderSettings with(Precision other) {
    return new EncoderSettings(longTexts, maxTokens, other, device, threads, closeOnExit);
  }

  /** These settings with another device. */
  public EncoderSettings with(Device other) {
    return new EncoderSettings(longTexts, maxTokens, precision, other, threads, closeOnExit);
  }

  /** These settings with another greatest number of tokens. */
  public EncoderSettings withMaxTokens(int tokens) {
    return new EncoderSettings(longTexts, tokens, precision, device, threads, closeOnExit);
  }

  /** These settings with another number of threads. */
  public EncoderSettings withThreads(int number) {
    return new EncoderSettings(longTexts, maxTokens, precision, device, number, closeOnExit);
  }

  /** These settings for an application that closes the encoder itself when the program ends. */
  public EncoderSettings withoutCloseOnExit() {
    return new EncoderSettings(longTexts, maxTokens, precision, device, threads, false);
  }
}
