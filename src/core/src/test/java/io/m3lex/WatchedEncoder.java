/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import java.util.SortedMap;
import java.util.function.Consumer;

/** A {@link WordEncoder} that is watched at its work, and can be held up or made to fail. */
public final class WatchedEncoder implements SparseEncoder {

  private final SparseEncoder words = new WordEncoder();
  private final Consumer<String> watcher;

  /**
   * An encoder of the same model as {@link WordEncoder#WordEncoder()}.
   *
   * @param watcher gets every text before it is encoded, on the thread that encodes it
   */
  public WatchedEncoder(Consumer<String> watcher) {
    this.watcher = watcher;
  }

  @Override
  public ModelFingerprint fingerprint() {
    return words.fingerprint();
  }

  @Override
  public SortedMap<String, String> environment() {
    return words.environment();
  }

  @Override
  public EncodedText encode(String text, TextRole role) {
    watcher.accept(text);
    return words.encode(text, role);
  }

  @Override
  public String describe(String feature) {
    return feature;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
