/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

/**
 * Features as a field of {@code rank_features} can name them: it refuses dots. They are written as
 * in a URL, {@code %2E}, and so is the percent sign, so that every name can be read back.
 */
final class FeatureName {

  private FeatureName() {}

  static String escape(String feature) {
    return feature.replace("%", "%25").replace(".", "%2E");
  }

  static String unescape(String name) {
    return name.replace("%2E", ".").replace("%25", "%");
  }
}
