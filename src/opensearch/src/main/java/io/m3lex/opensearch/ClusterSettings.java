/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import java.time.Duration;
import java.util.Objects;

/**
 * How an index in a cluster is created and written.
 *
 * @param shards number of primary shards of a new index, at least 1
 * @param replicas number of copies of each, at least 0
 * @param stock whether a new index keeps its weights in a field that every cluster has, though the
 *     cluster has m3lex's plugin
 * @param patience for how long a request is repeated that the cluster could take later; 0 for not
 *     at all
 */
public record ClusterSettings(int shards, int replicas, boolean stock, Duration patience) {

  /** One shard, one replica, the plugin where it is, five minutes. */
  public static final ClusterSettings DEFAULT =
      new ClusterSettings(1, 1, false, Duration.ofMinutes(5));

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if one is out of its range
   */
  public ClusterSettings {
    Objects.requireNonNull(patience, "patience");
    if (shards < 1 || replicas < 0 || patience.isNegative()) {
      throw new IllegalArgumentException(
          "an index needs at least one shard, and neither replicas nor patience can be negative");
    }
  }
}
