/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Proxies as the environment names them: {@code https_proxy}, {@code http_proxy}, {@code all_proxy}
 * and {@code no_proxy}, in lower or upper case, as curl reads them.
 */
final class ProxyVariables extends ProxySelector {

  private final Map<String, URI> proxies = new HashMap<>();
  private final List<String> exceptions;

  private ProxyVariables(Map<String, String> environment) {
    for (String scheme : List.of("https", "http")) {
      variable(environment, scheme + "_proxy")
          .or(() -> variable(environment, "all_proxy"))
          .ifPresent(value -> proxies.put(scheme, address(value)));
    }
    exceptions =
        variable(environment, "no_proxy")
            .map(value -> Arrays.stream(value.split("[,\\s]+")).filter(s -> !s.isEmpty()).toList())
            .orElse(List.of());
  }

  static ProxyVariables of(Map<String, String> environment) {
    return new ProxyVariables(environment);
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    String value = environment.get(name);
    if (value == null) {
      value = environment.get(name.toUpperCase(Locale.ROOT));
    }
    return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
  }

  private static URI address(String value) {
    try {
      URI uri = URI.create(value.contains("://") ? value : "http://" + value);
      if (uri.getHost() != null && uri.getScheme().matches("(?i)https?")) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "\"%s\" is no address of an HTTP proxy, as http_proxy and its like must be"
            .formatted(value.replaceFirst("//[^/]*@", "//…@")));
  }

  /** Whether the environment names no proxy. */
  boolean isEmpty() {
    return proxies.isEmpty();
  }

  /** The user and password that stand in a proxy's address. */
  Optional<PasswordAuthentication> credentials() {
    return proxies.values().stream()
        .map(URI::getUserInfo)
        .filter(info -> info != null && info.contains(":"))
        .map(info -> info.split(":", 2))
        .map(parts -> new PasswordAuthentication(parts[0], parts[1].toCharArray()))
        .findFirst();
  }

  @Override
  public List<Proxy> select(URI uri) {
    URI proxy = proxies.get(uri.getScheme().toLowerCase(Locale.ROOT));
    if (proxy == null || isException(uri.getHost().toLowerCase(Locale.ROOT))) {
      return List.of(Proxy.NO_PROXY);
    }
    int port = proxy.getPort() < 0 ? 1080 : proxy.getPort();
    return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(proxy.getHost(), port)));
  }

  private boolean isException(String host) {
    if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
      return true;
    }
    for (String exception : exceptions) {
      String suffix =
          exception
              .toLowerCase(Locale.ROOT)
              .replaceFirst(":[0-9]+$", "")
              .replaceFirst("^\\*?\\.", "");
      if (exception.equals("*") || host.equals(suffix) || host.endsWith("." + suffix)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException e) {}
}
