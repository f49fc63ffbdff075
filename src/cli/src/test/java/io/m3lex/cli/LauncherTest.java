/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher, with a program in the place of Java that tells how it was started. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {

  @TempDir private Path folder;

  private Path launcher;
  private Path java;

  @BeforeEach
  void install() throws IOException {
    Path home = Files.createDirectories(folder.resolve("distribution"));
    Files.createDirectories(home.resolve("lib"));
    launcher = home.resolve("m3lex");
    executable(launcher, Files.readString(Checkout.file("m3lex")));
    java = folder.resolve("jdk");
    Files.createDirectories(java.resolve("bin"));
    Files.writeString(java.resolve("release"), "JAVA_VERSION=\"25\"\n");
    executable(java.resolve("bin/java"), "#!/bin/sh\nprintf '%s' \"$LC_ALL\"\n");
  }

  /** Java takes a locale that is not installed for plain C, where an argument is ASCII. */
  @Test
  void javaGetsALocaleWhoseCharactersAreUtf8() throws Exception {
    for (String locale :
        new String[] {"", "C", "POSIX", "UTF-8", "xx_XX.UTF-8", "xx_XX.ISO-8859-1", "C.UTF-8"}) {
      for (String variable : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
        assertIsUtf8(started(Map.of(variable, locale)), variable + "=" + locale);
      }
    }
  }

  /** Java takes all for plain C if a single category is not installed. */
  @Test
  void noOtherCategoryCounts() throws Exception {
    assertIsUtf8(
        started(Map.of("LANG", "C.UTF-8", "LC_TIME", "xx_XX.UTF-8", "LC_NUMERIC", "yy")),
        "LC_TIME");
  }

  @Test
  void aLocaleGoesByTheOrderOfTheVariables() throws Exception {
    assertIsUtf8(started(Map.of("LC_ALL", "xx", "LC_CTYPE", "C.UTF-8", "LANG", "C.UTF-8")), "xx");
  }

  private static void assertIsUtf8(String locale, String asked) throws Exception {
    ProcessBuilder charmap = new ProcessBuilder("sh", "-c", "locale charmap 2>/dev/null");
    charmap.environment().put("LC_ALL", locale);
    Process process = charmap.start();
    String found = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    // Where there is no such program nothing can be asked.
    if (process.waitFor() == 0) {
      assertEquals("UTF-8", found.strip(), asked + " became " + locale);
    }
    assertTrue(!locale.isEmpty(), asked);
  }

  private String started(Map<String, String> environment) throws Exception {
    ProcessBuilder start = new ProcessBuilder(launcher.toString(), "argument");
    start.environment().keySet().removeIf(name -> name.equals("LANG") || name.startsWith("LC_"));
    start.environment().put("M3LEX_JAVA_HOME", java.toString());
    start.environment().putAll(environment);
    start.redirectErrorStream(true);
    Process process = start.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  private static void executable(Path file, String content) throws IOException {
    Files.writeString(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
