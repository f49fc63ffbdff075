/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What this program holds of the machine.
 *
 * @param heapBytes objects, dead ones included
 * @param residentBytes all memory, native included; 0 where Linux does not say it
 * @param openFiles sockets included; 0 where no Unix says it
 */
public record Footprint(long heapBytes, long residentBytes, long openFiles) {

  /** Measures. */
  public static Footprint now() throws IOException {
    Runtime runtime = Runtime.getRuntime();
    return new Footprint(
        runtime.totalMemory() - runtime.freeMemory(),
        resident(),
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
            ? unix.getOpenFileDescriptorCount()
            : 0);
  }

  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
          .sum();
    }
  }

  /** In megabytes. */
  @Override
  public String toString() {
    return "heap %,d MB, resident %,d MB, %d open files"
        .formatted(heapBytes >> 20, residentBytes >> 20, openFiles);
  }
}
