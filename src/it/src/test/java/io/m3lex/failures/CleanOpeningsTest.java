/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.m3lex.SparseEncoder;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.IndexOptimizer;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TimeZone;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is right is never refused: models and indexes without a fault are opened and searched again
 * and again, {@code -Dm3lex.openings=1000} times or more.
 */
class CleanOpeningsTest {

  private static final int OPENINGS = Integer.getInteger("m3lex.openings", 10);

  /** The default model takes ten times as long to open as the small one. */
  private static final int SMALL_FOR_ONE_DEFAULT = 10;

  private static final List<String> LANGUAGES =
      List.of("en", "de-DE", "tr-TR", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva", "th-TH-u-ca-buddhist");
  private static final List<String> ZONES =
      List.of("UTC", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu");

  @TempDir private static Path folder;

  /** What an index can be like when it is opened. */
  private enum State {
    EMPTY,
    ONE_DOCUMENT,
    WITH_DELETED_DOCUMENTS,
    ALL_DELETED,
    SEVERAL_SEGMENTS,
    OPTIMIZED,
    PASSAGES
  }

  @BeforeAll
  static void build() throws IOException {
    TestBench.makeModel(folder.resolve("model"));
    for (boolean small : new boolean[] {true, false}) {
      try (LexicalEncoder encoder = open(small, 1)) {
        for (State state : State.values()) {
          build(index(small, state), encoder, state);
        }
      }
    }
  }

  private static Path index(boolean small, State state) {
    return folder.resolve((small ? "small-" : "default-") + state);
  }

  private static LexicalEncoder open(boolean small, int threads) throws IOException {
    ModelCatalog catalog = ModelCatalog.shipped();
    Path model = folder.resolve("model");
    return LexicalEncoder.open(
        small ? ModelManifest.ofFolder(model) : catalog.defaultModel(),
        small ? ModelSource.folder(model) : ModelSource.classPath(),
        new ModelVerifier(catalog),
        EncoderSettings.DEFAULT.withThreads(threads));
  }

  private static void build(Path index, SparseEncoder encoder, State state) throws IOException {
    try (SparseIndexWriter writer = SparseIndexWriter.open(index, encoder, 0)) {
      int documents =
          switch (state) {
            case EMPTY -> 0;
            case ONE_DOCUMENT -> 1;
            default -> 6;
          };
      for (int i = 0; i < documents; i++) {
        SparseDocument document = SparseDocument.of("d" + i, "the search index number " + i);
        if (state == State.PASSAGES) {
          writer.putPassages(document, PassageSplitter.of(16));
        } else {
          writer.put(document);
        }
        if (state == State.SEVERAL_SEGMENTS || state == State.OPTIMIZED) {
          writer.commit();
        }
      }
      writer.commit();
      for (int i = 0; i < documents; i++) {
        if (state == State.ALL_DELETED || state == State.WITH_DELETED_DOCUMENTS && i % 2 == 0) {
          writer.delete("d" + i);
        }
      }
      writer.commit();
    }
    if (state == State.OPTIMIZED) {
      IndexOptimizer.into(1).optimize(index, bytes -> {});
    }
  }

  @AfterAll
  static void printCount() {
    System.out.println("CleanOpeningsTest: " + OPENINGS + " openings");
  }

  @Test
  void whatIsWholeIsNeverRefused() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    Locale locale = Locale.getDefault();
    TimeZone zone = TimeZone.getDefault();
    try {
      for (int i = 0; i < OPENINGS; i++) {
        Locale.setDefault(Locale.forLanguageTag(LANGUAGES.get(random.nextInt(LANGUAGES.size()))));
        TimeZone.setDefault(TimeZone.getTimeZone(ZONES.get(random.nextInt(ZONES.size()))));
        State state = State.values()[random.nextInt(State.values().length)];
        boolean small = random.nextInt(SMALL_FOR_ONE_DEFAULT + 1) > 0;
        String opening =
            "-Dm3lex.seed=%s, opening %s: %s, %s, %s"
                .formatted(seed, i, index(small, state).getFileName(), Locale.getDefault(), zone);
        try (LexicalEncoder encoder = open(small, 1 + random.nextInt(2))) {
          search(index(small, state), encoder, state, opening);
          if (random.nextBoolean()) {
            SparseIndexWriter.open(index(small, state), encoder).close();
            search(index(small, state), encoder, state, opening);
          }
        } catch (IOException | RuntimeException e) {
          throw new AssertionError(opening, e);
        }
      }
    } finally {
      Locale.setDefault(locale);
      TimeZone.setDefault(zone);
    }
  }

  private static void search(Path folder, SparseEncoder encoder, State state, String opening)
      throws IOException {
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      assertEquals(0, index.witnessDrift(), opening);
      assertFalse(index.refresh(), opening);
      index.verifyFiles();
      int expected =
          switch (state) {
            case EMPTY, ALL_DELETED -> 0;
            case ONE_DOCUMENT -> 1;
            case WITH_DELETED_DOCUMENTS -> 3;
            default -> 6;
          };
      assertEquals(expected, index.searchDocuments("the search index", 100).size(), opening);
    }
  }
}
