/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The page and what it is made of. Its look is that of the evaluation's report. */
final class Page {

  /** Nothing but what this server sends is run, shown or asked for. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:;"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Page() {}

  static Answer html() throws IOException {
    return file("search.html", "text/html; charset=utf-8").with("Content-Security-Policy", POLICY);
  }

  static Answer script() throws IOException {
    return file("search.js", "text/javascript; charset=utf-8");
  }

  static Answer style() throws IOException {
    return file("search.css", "text/css; charset=utf-8");
  }

  static Answer reportStyle() throws IOException {
    return file("/io/m3lex/server/report.css", "text/css; charset=utf-8");
  }

  static Answer openApi() throws IOException {
    return file("openapi.json", Answer.JSON);
  }

  private static Answer file(String name, String contentType) throws IOException {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("m3lex is incomplete: it has no resource " + name);
      }
      return new Answer(200, contentType, in.readAllBytes(), Map.of());
    }
  }
}
