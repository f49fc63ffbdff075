/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Set;

/**
 * What a cluster answered.
 *
 * @param body missing if the answer was no JSON
 * @param beginning of the answer's text, for messages
 * @param retryAfter how long it asks to wait; null if it does not say
 */
record Answer(int status, JsonNode body, String beginning, Duration retryAfter) {

  private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);

  boolean isGood() {
    return status >= 200 && status < 300;
  }

  /** Whether the same request can succeed later. */
  boolean isPassing() {
    return isPassing(status) && !isReadOnly(body.path("error"));
  }

  /** Whether a request or an item of it with a status can succeed later. */
  static boolean isPassing(int status) {
    return PASSING.contains(status);
  }

  /** Whether an error says that an index is blocked for writing, which ends by a person's hand. */
  static boolean isReadOnly(JsonNode error) {
    return error.path("type").asText().equals("cluster_block_exception")
        && error.path("reason").asText().contains("read-only");
  }

  /** The kind of error that the cluster names, empty if none. */
  String type() {
    JsonNode error = body.path("error");
    JsonNode root = error.path("root_cause").path(0).path("type");
    return root.isTextual() ? root.asText() : error.path("type").asText();
  }

  /** Why the cluster refused, in its words. */
  String reason() {
    JsonNode error = body.path("error");
    if (error.isTextual()) {
      return error.asText();
    }
    return error.isObject() ? reason(error) : "status " + status + " " + beginning;
  }

  /** The reason of an error with those of its causes, in the cluster's words. */
  static String reason(JsonNode error) {
    StringBuilder reason = new StringBuilder();
    JsonNode cause = error;
    for (int depth = 0; depth < 5 && cause.isObject(); depth++) {
      String own = cause.path("reason").asText();
      if (!own.isEmpty() && reason.indexOf(own) < 0) {
        reason.append(reason.isEmpty() ? "" : ": ").append(own);
      }
      JsonNode failed = cause.path("failed_shards").path(0).path("reason");
      cause = failed.isObject() ? failed : cause.path("caused_by");
    }
    return reason.isEmpty() ? error.toString() : reason.toString();
  }
}
