/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.util.FileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileNamesTest {

  @TempDir private Path folder;

  @Test
  void namesAreWhatTheyAre() throws IOException {
    Path inside = Files.createDirectories(folder.resolve("ä ö%20"));
    Path file = Files.createFile(inside.resolve("说明 #?;+\uFFFD😀.txt"));
    assertEquals("ä ö%20/说明 #?;+\uFFFD😀.txt", FileNames.below(folder, file));
    assertEquals("说明 #?;+\uFFFD😀.txt", FileNames.last(file));
    assertEquals("ä ö%20", FileNames.last(inside));
    assertEquals("ä ö%20", FileNames.last(inside.resolve(".")));
    assertThrows(IllegalArgumentException.class, () -> FileNames.below(inside, folder));
  }

  /** Two names in Latin-1 would be the same when they are read as UTF-8 with replacement. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void bytesThatAreNotUtf8AreNoId() throws Exception {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "for b in 344 366; do echo pump > \"$(printf \"\\\\$b\").txt\"; done; echo a >"
                    + " a.txt")
            .directory(folder.toFile())
            .start();
    assertEquals(0, process.waitFor());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(3, files.count());
    }
    List<String> ids = new ArrayList<>();
    int faults = 0;
    try (CorpusReader reader = CorpusReader.open(folder)) {
      while (reader.hasNext()) {
        CorpusEntry entry = reader.next();
        if (entry instanceof CorpusEntry.Document document) {
          ids.add(document.id());
        } else {
          faults++;
          assertTrue(entry.toString().contains("is not UTF-8; rename it"), entry.toString());
        }
      }
    }
    assertEquals(List.of("a.txt"), ids);
    assertEquals(2, faults);
  }
}
