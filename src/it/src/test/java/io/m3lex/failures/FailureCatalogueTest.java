/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.m3lex.Checkout;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.NotCaught;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Theme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Commits every failure of the catalogue, and holds docs/failure-modes.md to what came of it. */
class FailureCatalogueTest {

  private static final Path CATALOGUE = Checkout.file("docs/failure-modes.md");

  private static final List<Theme> THEMES =
      List.of(
          ModelFileFailures.theme(),
          SettingFailures.theme(),
          MachineFailures.theme(),
          IndexFailures.theme(),
          ClusterFailures.theme(),
          VectorFailures.theme(),
          TextFailures.theme(),
          CorpusFailures.theme(),
          EvaluationFailures.theme());

  @TempDir private static Path folder;
  private static Locale before;
  private static LexicalEncoder defaultModel;

  private final Map<FailureMode, String> outcomes = new LinkedHashMap<>();

  @BeforeAll
  static void makeModels() throws IOException {
    // The catalogue has the numbers of messages in one language.
    before = Locale.getDefault();
    Locale.setDefault(Locale.ENGLISH);
    TestBench.makeModel(folder.resolve("intact"));
    defaultModel = LexicalEncoder.openDefault();
  }

  @AfterAll
  static void close() {
    Locale.setDefault(before);
    if (defaultModel != null) {
      defaultModel.close();
    }
  }

  @TestFactory
  Stream<DynamicNode> everyFailureIsCaught() {
    List<DynamicNode> nodes = new ArrayList<>();
    for (Theme theme : THEMES) {
      nodes.add(
          DynamicContainer.dynamicContainer(
              theme.title(), theme.modes().stream().map(this::test).toList()));
    }
    nodes.add(dynamicTest(CATALOGUE + " says what came of them", this::assertCatalogue));
    return nodes.stream();
  }

  private DynamicTest test(FailureMode mode) {
    return dynamicTest(
        mode.name(),
        () -> {
          Path own = folder.resolve("bench" + outcomes.size());
          outcomes.put(mode, "");
          TestBench bench = TestBench.of(folder.resolve("intact"), own, defaultModel);
          outcomes.put(mode, bench.general(mode.prove(bench)));
        });
  }

  /**
   * {@code mvn test -Dtest=FailureCatalogueTest -Dm3lex.freeze=true} writes the catalogue; the
   * commit says why a message changed.
   */
  private void assertCatalogue() throws IOException {
    assertTrue(
        outcomes.values().stream().noneMatch(String::isEmpty),
        "not every failure was caught; see the others");
    String text = new Catalogue(THEMES, outcomes).text();
    if (Boolean.getBoolean("m3lex.freeze")) {
      Files.writeString(CATALOGUE, text);
    }
    assertEquals(
        Files.readString(CATALOGUE).replace("\r\n", "\n"),
        text,
        () ->
            "Messages are others than those in %s. If it is meant, run mvn test -Dtest=FailureCatalogueTest -Dm3lex.freeze=true and commit the file."
                .formatted(CATALOGUE));
  }

  /** The catalogue as a document. */
  private record Catalogue(List<Theme> themes, Map<FailureMode, String> outcomes) {

    private static final int SHOWN_LINES = 4;

    String text() {
      StringBuilder text = new StringBuilder();
      text.append(
          """
          # Silent failures

          Ways in which learned sparse search gives wrong weights or loses documents while nothing fails, and
          what becomes of each in m3lex. `FailureCatalogueTest` commits every one of them on real files and real
          indexes and has written this page: a refusal below is the message that came, after the same steps had
          worked before the failure. `FOLDER`, `HOST`, `HASH`, `NUMBER`, `CHECKSUM` and `FILE` stand for what differs
          from machine to machine.

          | | refused | handled | not caught |
          | --- | --- | --- | --- |
          """);
      themes.forEach(theme -> row(text, theme.title(), theme.modes()));
      row(text, "all", themes.stream().flatMap(theme -> theme.modes().stream()).toList());
      for (Theme theme : themes) {
        text.append("\n## ").append(theme.title()).append('\n');
        theme.modes().forEach(mode -> chapter(text, mode));
      }
      return text.toString();
    }

    private static void row(StringBuilder text, String title, List<FailureMode> modes) {
      text.append("| ").append(title);
      for (Class<?> kind : List.of(Refused.class, Handled.class, NotCaught.class)) {
        text.append(" | ").append(modes.stream().filter(kind::isInstance).count());
      }
      text.append(" |\n");
    }

    private void chapter(StringBuilder text, FailureMode mode) {
      text.append("\n### ").append(mode.name()).append("\n\n").append(mode.elsewhere());
      String outcome = outcomes.get(mode);
      switch (mode) {
        case Refused refused -> text.append("\n\n```\n").append(shown(outcome)).append("```\n");
        case Handled handled -> text.append("\n\n**Handled:** ").append(outcome).append('\n');
        case NotCaught open -> text.append("\n\n**Not caught:** ").append(outcome).append('\n');
      }
    }

    private static String shown(String message) {
      List<String> lines = message.lines().toList();
      StringBuilder shown = new StringBuilder();
      lines.stream().limit(SHOWN_LINES).forEach(line -> shown.append(line).append('\n'));
      if (lines.size() > SHOWN_LINES) {
        shown.append("…\n");
      }
      return shown.toString();
    }
  }
}
