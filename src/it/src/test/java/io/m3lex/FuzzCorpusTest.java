/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.checkpoint.OnnxInitializersFuzz;
import io.m3lex.checkpoint.SafetensorsFileFuzz;
import io.m3lex.checkpoint.TorchCheckpointFuzz;
import io.m3lex.codec.BlockMaxFilesFuzz;
import io.m3lex.corpus.CorpusFuzz;
import io.m3lex.encoder.TextTokenizerFuzz;
import io.m3lex.evaluation.RunFuzz;
import io.m3lex.model.ManifestFormatFuzz;
import io.m3lex.query.SparseQueryParserFuzz;
import io.m3lex.server.ServerFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The inputs that are kept for the fuzzer, in the folder that is named as its class is: those whose
 * names begin with {@code good} are read, those with {@code bad} are refused as documented. What
 * the fuzzer found is among them.
 */
class FuzzCorpusTest {

  @FunctionalInterface
  private interface Target {
    boolean accepts(byte[] input) throws IOException;
  }

  @TestFactory
  Stream<DynamicContainer> keptInputsAreReadOrRefused() {
    return Stream.of(
        container(TorchCheckpointFuzz.class, TorchCheckpointFuzz::fuzzerTestOneInput),
        container(OnnxInitializersFuzz.class, OnnxInitializersFuzz::fuzzerTestOneInput),
        container(SafetensorsFileFuzz.class, SafetensorsFileFuzz::fuzzerTestOneInput),
        container(ManifestFormatFuzz.class, ManifestFormatFuzz::fuzzerTestOneInput),
        container(TextTokenizerFuzz.class, TextTokenizerFuzz::fuzzerTestOneInput),
        container(CorpusFuzz.class, CorpusFuzz::fuzzerTestOneInput),
        container(RunFuzz.class, RunFuzz::fuzzerTestOneInput),
        container(SparseQueryParserFuzz.class, SparseQueryParserFuzz::fuzzerTestOneInput),
        container(ServerFuzz.class, ServerFuzz::fuzzerTestOneInput),
        container(BlockMaxFilesFuzz.class, BlockMaxFilesFuzz::fuzzerTestOneInput));
  }

  private static DynamicContainer container(Class<?> fuzz, Target target) {
    return DynamicContainer.dynamicContainer(
        fuzz.getSimpleName(), inputs(fuzz).stream().map(input -> test(input, target)));
  }

  private static List<Path> inputs(Class<?> fuzz) {
    String path = "src/test/resources/" + fuzz.getName().replace('.', '/');
    try (Stream<Path> modules = Files.list(Checkout.file("src"))) {
      List<Path> inputs = new ArrayList<>();
      for (Path folder : modules.map(module -> module.resolve(path)).toList()) {
        if (Files.isDirectory(folder)) {
          try (Stream<Path> files = Files.list(folder)) {
            files.sorted().forEach(inputs::add);
          }
        }
      }
      assertTrue(inputs.size() >= 5, fuzz.getSimpleName() + " has few inputs: " + inputs);
      return inputs;
    } catch (IOException e) {
      throw new AssertionError("the inputs of " + fuzz + " cannot be listed", e);
    }
  }

  private static DynamicTest test(Path input, Target target) {
    String name = input.getFileName().toString();
    assertTrue(name.startsWith("good-") || name.startsWith("bad-"), name);
    return DynamicTest.dynamicTest(
        name,
        () -> {
          byte[] content = Files.readAllBytes(input);
          boolean accepted =
              assertTimeoutPreemptively(Duration.ofSeconds(20), () -> target.accepts(content));
          assertEquals(name.startsWith("good-"), accepted, name);
        });
  }
}
