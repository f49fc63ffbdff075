/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each artifact brings into an application, and that it is enough. */
class ArtifactsTest {

  private static final long MEGABYTE = 1_000_000;

  /** An application with vectors of its own. */
  static final class Vectors {

    private Vectors() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      ModelFingerprint model = ModelFingerprint.declared("elsewhere");
      try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(folder, model)) {
        writer.put(
            SparseDocument.of("kettle", "text"), SparseVector.of(Map.of("scale", 2f)).from(model));
        writer.commit();
      }
      try (SparseIndex index = SparseIndex.openForVectors(folder, model)) {
        index
            .search(SparseVector.of(Map.of("scale", 1f, "pump", 1f)).from(model), 10)
            .forEach(hit -> System.out.println(hit.id() + " " + hit.score()));
      }
    }
  }

  /** An application with texts. */
  static final class Texts {

    private Texts() {}

    public static void main(String[] args) throws IOException {
      Path folder = Path.of(args[0]);
      try (LexicalEncoder encoder = LexicalEncoder.openDefault()) {
        try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
          writer.put(SparseDocument.of("kettle", "Remove the scale from the kettle."));
          writer.commit();
        }
        try (SparseIndex index = SparseIndex.open(folder, encoder)) {
          index.search("descale a kettle", 10).forEach(hit -> System.out.println(hit.id()));
        }
      }
    }
  }

  /** The model's own files, the encoder among them, do not count. */
  @ParameterizedTest
  @CsvSource({
    "core, 6, 8",
    "query, 10, 10",
    "encoder, 18, 80",
    "m3lex, 24, 80",
    "opensearch, 8, 11",
    "langchain4j, 6, 8",
    "spring-ai, 6, 8",
  })
  void anArtifactBringsNoMore(String module, int jars, int megabytes) throws IOException {
    List<Path> brought =
        classPath(module).stream()
            .filter(entry -> !entry.toString().matches(".*(model-bge|embeddings-bge).*"))
            .toList();
    long bytes = 0;
    for (Path entry : brought) {
      bytes += size(entry);
    }
    assertTrue(brought.size() <= jars, module + " brings " + brought.size() + ": " + brought);
    assertTrue(bytes <= megabytes * MEGABYTE, module + " brings " + bytes + " bytes in " + brought);
  }

  @ParameterizedTest
  @CsvSource({
    "core, ai.djl|onnxruntime|databind|slf4j",
    "m3lex, pytorch|jetty|prometheus|picocli|jline|slf4j-simple|commons-numbers",
    "server, pytorch|picocli|jline|m3lex-tools|commons-numbers",
    "opensearch, ai.djl|onnxruntime|jetty|picocli",
  })
  void anArtifactLeavesOut(String module, String unwanted) throws IOException {
    List<Path> found =
        classPath(module).stream()
            .filter(entry -> Pattern.compile(unwanted).matcher(entry.toString()).find())
            .toList();
    assertEquals(List.of(), found);
  }

  @Test
  void coreAloneSearchesVectors(@TempDir Path folder) throws Exception {
    assertTrue(output("core", Vectors.class, folder).contains("kettle 2.0"));
  }

  @Test
  void m3lexAloneSearchesTexts(@TempDir Path folder) throws Exception {
    assertTrue(output("m3lex", Texts.class, folder).lines().anyMatch("kettle"::equals));
  }

  private static String output(String module, Class<?> program, Path folder) throws Exception {
    List<String> entries = new ArrayList<>();
    classPath(module).forEach(entry -> entries.add(entry.toString()));
    entries.add(
        Path.of(ArtifactsTest.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(File.pathSeparator, entries),
                program.getName(),
                folder.resolve("idx").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    return output;
  }

  /** The artifact itself and all that it depends on at run time. */
  private static List<Path> classPath(String module) throws IOException {
    Path target = Checkout.file("src/" + module + "/target");
    List<Path> entries = new ArrayList<>();
    if (Files.exists(target.resolve("classes"))) {
      entries.add(target.resolve("classes"));
    }
    for (String entry :
        Files.readString(target.resolve("runtime-class-path")).split(File.pathSeparator)) {
      entries.add(Path.of(entry.strip()));
    }
    return entries;
  }

  private static long size(Path entry) throws IOException {
    try (Stream<Path> files = Files.walk(entry)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
