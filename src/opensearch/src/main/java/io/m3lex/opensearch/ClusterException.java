/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import java.io.IOException;

/**
 * A cluster does not do what it is asked for, or cannot be reached. The message is for people: it
 * names the cluster or index, the cause, and what to do.
 */
public final class ClusterException extends IOException {
  private static final long serialVersionUID = 1L;

  ClusterException(String message) {
    super(message);
  }

  ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
