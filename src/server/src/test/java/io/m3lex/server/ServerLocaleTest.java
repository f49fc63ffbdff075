/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.WordEncoder;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A server in a program whose language has digits of its own. */
@Isolated
class ServerLocaleTest {

  @Test
  void addressesAndAnswersHaveAsciiDigits(@TempDir Path folder) throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try (RunningServer server =
        RunningServer.start(folder, new WordEncoder(), false, ServerSettings.DEFAULT)) {
      assertTrue(server.uri().toString().matches("http://[0-9.]+:[0-9]+/"), "" + server.uri());
      String message = server.post("/search", "{\"query\": \"x\", \"k\": 5000}").message();
      assertEquals("Field \"k\" must be from 1 to 1000, not 5000.", message);
    } finally {
      Locale.setDefault(before);
    }
  }
}
