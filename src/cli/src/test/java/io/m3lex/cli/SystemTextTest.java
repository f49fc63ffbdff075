/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Started without the launcher, under locales of all kinds. */
@Execution(ExecutionMode.CONCURRENT)
class SystemTextTest extends CommandTestBase {

  @TempDir private Path folder;

  @Test
  void aReplacedCharacterIsNoArgument() {
    assertEquals(2, run("encode", "Gr\uFFFD\uFFFDe"));
    assertTrue(err.contains("argument 2"), err);
    assertEquals("", out);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatTheLocaleCannotHoldIsRefused() throws Exception {
    String output = start(folder, 2, "C", List.of(), "encode", "Größe");
    assertTrue(output.contains("argument 2") && output.contains("LC_ALL"), output);
    Path umlaut = Files.createDirectories(folder.resolve("ö"));
    output = start(umlaut, 2, "C", List.of(), "index", "x", "--to", "y");
    assertTrue(output.contains("the current folder's name"), output);
    assertEquals(List.of(), List.of(umlaut.toFile().list()));
  }

  /** The same in every locale and language, to the byte. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void namesAndNumbersAreTheSameInEveryLocale() throws Exception {
    Path corpus = Files.createDirectories(folder.resolve("corpus"));
    Files.writeString(corpus.resolve("ä.txt"), "INDEX of a kettle");
    Files.writeString(corpus.resolve("ö.txt"), "a kettle boils 42 times");
    String expected = null;
    int number = 0;
    for (String[] pair : new String[][] {{"C.UTF-8", "en"}, {"C", "fa"}, {"xx_XX.UTF-8", "tr"}}) {
      List<String> options = List.of("-Duser.language=" + pair[1]);
      String index = "index-" + number++;
      start(folder, 0, pair[0], options, "index", "corpus", "--to", index);
      String output =
          start(folder, 0, pair[0], options, "search", index, "KETTLE INDEX")
              + start(folder, 0, pair[0], options, "stats", index).replace(index, "index");
      assertTrue(output.contains("ä.txt") && output.contains("ö.txt"), output);
      expected = expected == null ? output : expected;
      assertEquals(expected, output, String.join(" ", pair));
    }
  }

  /** From any folder. */
  private static String classPath() {
    return Stream.of(InterruptionTest.classPath().split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String start(
      Path folder, int code, String locale, List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), "io.m3lex.cli.Main"));
    command.addAll(List.of(arguments));
    // Java would hand on the argument by its own locale, which is read as it was before.
    StringBuilder script = new StringBuilder("exec");
    command.forEach(part -> script.append(" '").append(part).append('\''));
    Path file = Files.createTempFile("m3lex", ".sh");
    try {
      Files.writeString(file, script);
      ProcessBuilder start = new ProcessBuilder("sh", file.toString());
      start.environment().put("LC_ALL", locale);
      start.directory(new File(folder.toString())).redirectErrorStream(true);
      Process process = start.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(code, process.waitFor(), output);
      return output;
    } finally {
      Files.delete(file);
    }
  }
}
