/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** How a client shows who it is. Never shown in messages. Immutable. */
public final class ClusterCredentials {

  /** Name of the environment variable with the user's name. */
  public static final String USER = "M3LEX_CLUSTER_USER";

  /** Name of the environment variable with the user's password. */
  public static final String PASSWORD = "M3LEX_CLUSTER_PASSWORD";

  /** Name of the environment variable with an API key, as the cluster gave it out (Base64). */
  public static final String API_KEY = "M3LEX_CLUSTER_API_KEY";

  /** For a cluster that asks for none. */
  public static final ClusterCredentials NONE = new ClusterCredentials(null);

  private final String header;

  private ClusterCredentials(String header) {
    this.header = header;
  }

  /** A user and a password, sent as HTTP's basic authentication: unencrypted without https. */
  public static ClusterCredentials basic(String user, String password) {
    String pair = user + ":" + password;
    return new ClusterCredentials(
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * An API key.
   *
   * @throws IllegalArgumentException if it has characters that no key has
   */
  public static ClusterCredentials apiKey(String key) {
    if (!key.matches("[\\x21-\\x7E]+")) {
      throw new IllegalArgumentException("an API key has visible ASCII characters only");
    }
    return new ClusterCredentials("ApiKey " + key);
  }

  /**
   * What the environment says: an API key, a user and a password, or neither.
   *
   * @throws IllegalArgumentException if a user has no password or the reverse, or there is a user
   *     and a key
   */
  public static ClusterCredentials of(Map<String, String> environment) {
    String user = environment.get(USER);
    String password = environment.get(PASSWORD);
    String key = environment.get(API_KEY);
    if ((user == null) != (password == null)) {
      throw new IllegalArgumentException("%s and %s go together".formatted(USER, PASSWORD));
    }
    if (key != null && user != null) {
      throw new IllegalArgumentException("set either %s or %s".formatted(API_KEY, USER));
    }
    if (key != null) {
      return apiKey(key);
    }
    return user == null ? NONE : basic(user, password);
  }

  /** The value of the header Authorization, if there is one. */
  Optional<String> header() {
    return Optional.ofNullable(header);
  }

  @Override
  public String toString() {
    return header == null ? "no credentials" : "credentials (not shown)";
  }
}
