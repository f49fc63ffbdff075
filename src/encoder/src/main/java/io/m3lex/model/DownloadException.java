/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.io.IOException;
import java.time.Duration;

/** A file could not be downloaded. The message says why, without a full stop. */
final class DownloadException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What may help. */
  enum Remedy {
    /** Nothing but another source. */
    NONE,
    /** The same once more, from where it stopped. */
    AGAIN,
    /** The same once more, from the beginning. */
    RESTART
  }

  private final Remedy remedy;
  private final Duration wait;

  private DownloadException(String message, Remedy remedy, Duration wait) {
    super(message);
    this.remedy = remedy;
    this.wait = wait;
  }

  static DownloadException permanent(String message) {
    return new DownloadException(message, Remedy.NONE, Duration.ZERO);
  }

  /**
   * May work later.
   *
   * @param wait how long the source asks to wait
   */
  static DownloadException temporary(String message, Duration wait) {
    return new DownloadException(message, Remedy.AGAIN, wait);
  }

  static DownloadException restart(String message) {
    return new DownloadException(message, Remedy.RESTART, Duration.ZERO);
  }

  Remedy remedy() {
    return remedy;
  }

  Duration waitAsked() {
    return wait;
  }
}
