/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The README's code compiles, runs and prints what the README says. */
@Isolated("captures what the program prints")
class ReadmeTest {

  private static final Pattern EXAMPLE =
      Pattern.compile("```java\n(.*?)```\n.*?```\n(.*?)```", Pattern.DOTALL);

  @Test
  void exampleCompilesAndPrintsWhatItSays(@TempDir Path folder) throws Exception {
    Matcher matcher = EXAMPLE.matcher(Files.readString(Checkout.file("README.md")));
    assertTrue(matcher.find(), "the README has no example");
    Path source = Files.writeString(folder.resolve("Example.java"), matcher.group(1));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                messages,
                messages,
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("java.class.path"),
                source.toString());
    assertEquals(0, result, messages.toString(StandardCharsets.UTF_8));

    ByteArrayOutputStream output = new ByteArrayOutputStream();
    PrintStream before = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        PrintStream captured = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      System.setOut(captured);
      loader
          .loadClass("Example")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {folder.resolve("index").toString()});
    } finally {
      System.setOut(before);
    }
    assertEquals(matcher.group(2), output.toString(StandardCharsets.UTF_8));
  }
}
