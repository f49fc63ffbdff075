/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where an index in a cluster is.
 *
 * @param cluster the address of a node, or of what stands before the nodes; ends with a slash
 * @param index the name of the index, or of an alias of one
 */
public record ClusterAddress(URI cluster, String index) {

  /**
   * Reads an address of the form {@code http://host:9200/index}, or with {@code https}; a path
   * before the index is that of a proxy.
   *
   * @throws IllegalArgumentException if it is none; the message repeats no password
   */
  public static ClusterAddress parse(String address) {
    URI uri;
    try {
      uri = new URI(address.replaceFirst("/+$", ""));
    } catch (URISyntaxException e) {
      // The whole address could hold a password.
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the address of the index is no URL: %s at character %d; it must look like http://host:9200/index",
              e.getReason(),
              e.getIndex() + 1),
          e);
    }
    if (uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "the address of the index must hold no password, which other users of the machine could see: set %s and %s in the environment"
              .formatted(ClusterCredentials.USER, ClusterCredentials.PASSWORD));
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https") || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "the address of the index must look like http://host:9200/index: " + address);
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "the address of the index must end with its name, without ? and #: " + address);
    }
    String path = uri.getPath();
    int slash = path.lastIndexOf('/');
    String index = path.substring(slash + 1);
    if (index.isEmpty()) {
      throw new IllegalArgumentException(
          "the address names no index: %s; it must look like http://host:9200/index"
              .formatted(address));
    }
    if (index.matches("[_.+-].*|.*[\\s,*?\"<>|\\\\:#].*")) {
      throw new IllegalArgumentException(
          "\"%s\" cannot be the name of an index: it must not begin with _ . + or -, nor hold spaces or any of , * ? \" < > | \\ : #"
              .formatted(index));
    }
    String raw = uri.getRawPath();
    String base = raw.substring(0, raw.lastIndexOf('/') + 1);
    return new ClusterAddress(URI.create(scheme + "://" + uri.getRawAuthority() + base), index);
  }

  @Override
  public String toString() {
    return cluster + index;
  }
}
