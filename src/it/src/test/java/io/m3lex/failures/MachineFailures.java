/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.EncodedText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.evaluation.CachedEncoder;
import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Theme;
import io.m3lex.failures.Machine.Arithmetic;
import io.m3lex.index.FillingDirectory;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The right files and settings, but the machine, the engine or a library computes otherwise. No
 * fingerprint shows it; the witness texts do.
 */
final class MachineFailures {

  private static final int KEPT_FEATURES = 8;
  private static final int DROPPED_BITS = 16;

  private MachineFailures() {}

  static Theme theme() {
    return new Theme(
        "Machine, engine and libraries",
        List.of(
            each(
                "An upgrade of the engine",
                "A kernel that adds up otherwise moves all weights by a part of a thousand."
                    + " Rankings change where scores lie close together.",
                "engine 1.1",
                (feature, weight) -> weight * 1.001f),
            each(
                "Another processor",
                "With other vector instructions an int8 network rounds otherwise, and single"
                    + " weights come out a few hundredths apart.",
                "engine 1.0, another processor",
                (feature, weight) -> feature.length() % 4 == 0 ? weight + 0.05f : weight),
            each(
                "An accelerator that computes with fewer digits than it says",
                "Products are rounded to bfloat16 while the setting says 32 bits.",
                "engine 1.0, accelerator",
                (feature, weight) ->
                    Float.intBitsToFloat(
                        Float.floatToIntBits(weight) >>> DROPPED_BITS << DROPPED_BITS)),
            refused(
                "An upgrade of the tokenizer's library",
                "Words are cut into other tokens than those in the index: documents and queries"
                    + " miss each other, as if the word were in neither.",
                new Machine("tokenizer 2.0", null, MachineFailures::shortened)),
            refused(
                "An upgrade of the rules for Unicode",
                "Words of other scripts are normalised otherwise; texts in English show nothing.",
                new Machine("unicode 17", null, MachineFailures::withoutOtherScripts)),
            refused(
                "Only queries are computed otherwise",
                "The service that encodes queries was upgraded, and the one that indexes was not.",
                new Machine("engine 1.1", TextRole.QUERY, vector -> scaled(vector, 1.01f))),
            new Handled(
                "The disk is full while documents are put",
                "The writer has ended, what was put since its last commit is gone, and the program"
                    + " that goes on counts it as written.",
                "Every change fails, and says so, until the program goes on from the last commit;"
                    + " `serve` does that by itself, and /health says what is wrong.",
                MachineFailures::fullDisk),
            refused(
                "Weights are scaled",
                "One side multiplies weights by 100 to make integers of them. The ranking by one"
                    + " field stays, every sum with another signal is wrong.",
                new Machine("engine 1.0, times 100", null, vector -> scaled(vector, 100))),
            refused(
                "Weights are cut off",
                "One side keeps the greatest few weights of a text to save room.",
                new Machine("engine 1.0, cut", null, vector -> vector.top(KEPT_FEATURES))),
            new Refused(
                "A machine that computes otherwise adds documents",
                "The index holds weights of both machines from then on, and no query is comparable"
                    + " with all of them.",
                bench -> bench.setMachine(new Machine("engine 1.1", (f, weight) -> weight * 1.01f)),
                bench -> SparseIndexWriter.open(bench.index(), bench.machine()).close(),
                "here they give other weights"),
            new Handled(
                "A cache of encoded texts outlives an upgrade",
                "Old vectors are taken for texts that were seen before, new ones computed for the"
                    + " others.",
                "Vectors are kept under the fingerprint and the witness texts' weights: after the"
                    + " upgrade none is taken.",
                MachineFailures::cache),
            new Handled(
                "A locale that is not installed",
                "Java reads arguments and names as ASCII then, and puts one character in the place"
                    + " of every letter beyond it: the query is another one, and two files become"
                    + " one document.",
                "The launcher sets a locale that is there. Started in another way, the command"
                    + " refuses such an argument and a folder of such a name; the ids of files are"
                    + " their names as UTF-8, whatever the locale is, and a name that is none is"
                    + " refused.",
                bench -> {
                  String message = bench.wrongUsage("encode", "Gr\uFFFD\uFFFDe");
                  assertTrue(message.contains("argument 2"), message);
                }),
            new Handled(
                "Another language of the system",
                "Lower case of I is another letter in Turkish, and numbers are written with a"
                    + " comma: features and weights in files become others.",
                "In Turkish, Arabic and Hindi the weights and the line of a vector are the same as"
                    + " in English.",
                MachineFailures::languages)));
  }

  private static Refused each(String name, String elsewhere, String engine, Arithmetic arithmetic) {
    return refused(name, elsewhere, new Machine(engine, arithmetic));
  }

  private static Refused refused(String name, String elsewhere, Machine other) {
    return new Refused(
        name,
        elsewhere,
        bench -> bench.setMachine(other),
        TestBench::search,
        "but here they give other weights");
  }

  private static SparseVector scaled(SparseVector vector, float factor) {
    return mapped(
        vector,
        weights -> {
          weights.replaceAll((feature, weight) -> weight * factor);
          return weights;
        });
  }

  /** Words of more than six letters are two tokens. */
  private static SparseVector shortened(SparseVector vector) {
    return mapped(
        vector,
        weights -> {
          Map<String, Float> tokens = new TreeMap<>();
          weights.forEach(
              (word, weight) ->
                  tokens.merge(word.substring(0, Math.min(6, word.length())), weight, Math::max));
          return tokens;
        });
  }

  private static SparseVector withoutOtherScripts(SparseVector vector) {
    return mapped(
        vector,
        weights -> {
          weights.keySet().removeIf(word -> word.charAt(0) > 'ɏ');
          return weights;
        });
  }

  private static SparseVector mapped(
      SparseVector vector, UnaryOperator<Map<String, Float>> change) {
    return SparseVector.of(change.apply(new TreeMap<>(vector.toMap())));
  }

  private static void cache(TestBench bench) throws IOException {
    Path folder = bench.folder().resolve("cache");
    EncodedText before;
    try (CachedEncoder cached = CachedEncoder.open(bench.machine(), folder)) {
      before = cached.encode(TestBench.QUERY, TextRole.QUERY);
    }
    try (CachedEncoder cached = CachedEncoder.open(bench.machine(), folder)) {
      assertEquals(before, cached.encode(TestBench.QUERY, TextRole.QUERY));
      assertEquals(0, cached.encoded());
    }
    Machine upgraded = new Machine("engine 1.1", (feature, weight) -> weight * 1.001f);
    try (CachedEncoder cached = CachedEncoder.open(upgraded, folder)) {
      assertNotEquals(before, cached.encode(TestBench.QUERY, TextRole.QUERY));
      assertEquals(1, cached.encoded());
    }
  }

  private static void fullDisk(TestBench bench) throws IOException {
    Path folder = bench.folder().resolve("full");
    FillingDirectory disk = new FillingDirectory(folder);
    SparseVector vector = SparseVector.of(Map.of("a", 1f));
    ModelFingerprint model = ModelFingerprint.declared("mine");
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(disk, "disk", model)) {
      writer.put(SparseDocument.of("1", "text"), vector.from(model));
      writer.commit();
      disk.fill();
      for (String id : List.of("2", "3")) {
        assertThrows(
            IOException.class, () -> writer.put(SparseDocument.of(id, "text"), vector.from(model)));
      }
      disk.clear();
      assertThrows(IOException.class, writer::commit);
      writer.recover();
      assertEquals(1, writer.documents());
      writer.put(SparseDocument.of("2", "text"), vector.from(model));
      writer.commit();
    }
    try (SparseIndex index = SparseIndex.openForVectors(folder, model)) {
      assertEquals(2, index.statistics().documents());
    }
  }

  private static void languages(TestBench bench) throws IOException {
    String text = "THE INDEX OF WEIGHTS, 42 of İstanbul";
    Path corpus = bench.write("corpus.tsv", "1\t" + text);
    Path vectors = bench.folder().resolve("vectors.jsonl");
    Locale before = Locale.getDefault();
    List<String> lines = null;
    try (LexicalEncoder encoder = bench.open()) {
      EncodedText expected = encoder.encode(text, TextRole.DOCUMENT);
      for (String language : List.of("en", "tr-TR", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva")) {
        Locale.setDefault(Locale.forLanguageTag(language));
        assertEquals(expected, encoder.encode(text, TextRole.DOCUMENT), language);
        bench.commandWithModel(
            "encode", "--input", corpus.toString(), "--to", vectors.toString(), "--restart");
        List<String> found = Files.readAllLines(vectors);
        assertEquals(lines == null ? found : lines, found, language);
        lines = found;
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
