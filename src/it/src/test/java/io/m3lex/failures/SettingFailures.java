/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.EncodedText;
import io.m3lex.TextRole;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.encoder.LongTexts;
import io.m3lex.encoder.Precision;
import io.m3lex.failures.FailureMode.Handled;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Theme;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The right model, run otherwise than when the index was built. */
final class SettingFailures {

  private SettingFailures() {}

  static Theme theme() {
    return new Theme(
        "Settings of the encoder",
        List.of(
            refused(
                "Another precision",
                "Documents were encoded with 32-bit numbers, queries are with bfloat16: the same"
                    + " text gets weights that differ in the second digit.",
                settings -> settings.with(Precision.BF16),
                "precision: expected fp32, found bf16"),
            refused(
                "Another maximum length",
                "Long texts are cut at another place, or the windows over them begin elsewhere; short"
                    + " ones are not touched, so that a trial shows nothing.",
                settings -> settings.withMaxTokens(100),
                "max-tokens: expected 130, found 100"),
            refused(
                "Another treatment of long texts",
                "New documents are cut where the old ones were read through windows.",
                settings -> settings.with(LongTexts.TRUNCATE),
                "long-texts: expected window of 128 tokens, overlap 64, found first 128 tokens"),
            new Refused(
                "A part of the model was left out on purpose",
                "A folder without its head for token vectors is used for sparse weights alone. They"
                    + " are right, if the program is right; nobody can see it from the index.",
                bench -> {
                  Files.delete(bench.model(TestBench.OTHER_HEAD));
                  bench.acceptSparseOnly();
                },
                TestBench::searchWithModel,
                "found absent"),
            new Refused(
                "More tokens at once than the model has positions for",
                "Where nothing checks it, tokens beyond the last position get the numbers of another one,"
                    + " or of what lies behind them.",
                bench -> bench.setSettings(bench.settings().withMaxTokens(131)),
                TestBench::openAndClose,
                "takes 130 tokens at once, not 131"),
            new Handled(
                "A text is longer than the model takes",
                "It is cut, without a word, and its end is not found.",
                "By default it is read through windows, and every token counts. Where cutting is"
                    + " wanted, the result says how many tokens were left out, and m3lex index and"
                    + " encode count such documents.",
                SettingFailures::longText),
            new Handled(
                "Texts are encoded in batches",
                "Padding, and products of matrices of other sizes, change weights: a document has"
                    + " other ones in other company, and a query alone yet others.",
                "A text has the same weights, bit for bit, alone, in any batch and in any order.",
                SettingFailures::batches),
            new Handled(
                "Another number of threads",
                "Sums are added up in another order, and weights differ in their last digits from"
                    + " one start to the next.",
                "With one thread and with two the weights are the same, bit for bit, and so is the"
                    + " fingerprint.",
                SettingFailures::threads)));
  }

  private static Refused refused(
      String name, String elsewhere, UnaryOperator<EncoderSettings> change, String message) {
    return new Refused(
        name,
        elsewhere,
        bench -> bench.setSettings(change.apply(bench.settings())),
        TestBench::searchWithModel,
        message);
  }

  private static void longText(TestBench bench) throws IOException {
    String text = "q ".repeat(300) + "z";
    try (LexicalEncoder encoder = bench.open()) {
      EncodedText whole = encoder.encode(text, TextRole.DOCUMENT);
      assertEquals(0, whole.droppedTokens());
      assertTrue(whole.windows() > 1);
      assertTrue(
          whole
              .vector()
              .toMap()
              .keySet()
              .containsAll(encoder.encodeDocument("q q q z").toMap().keySet()));
    }
    bench.setSettings(bench.settings().with(LongTexts.TRUNCATE));
    try (LexicalEncoder encoder = bench.open()) {
      assertEquals(301 - 128, encoder.encode(text, TextRole.DOCUMENT).droppedTokens());
    }
    String corpus = bench.write("long.tsv", "1\t" + text).toString();
    String index = bench.folder().resolve("cut").toString();
    assertTrue(
        bench
            .commandWithModel("index", corpus, "--to", index, "--truncate")
            .contains("173 tokens were left out"));
  }

  private static List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      texts.add("token ".repeat(i) + "weight " + i);
    }
    return texts;
  }

  private static void batches(TestBench bench) throws IOException {
    try (LexicalEncoder encoder = bench.open()) {
      List<String> texts = texts();
      List<EncodedText> alone =
          texts.stream().map(text -> encoder.encode(text, TextRole.DOCUMENT)).toList();
      assertEquals(alone, encoder.encode(texts, TextRole.DOCUMENT));
      assertEquals(alone.reversed(), encoder.encode(texts.reversed(), TextRole.DOCUMENT));
    }
  }

  private static void threads(TestBench bench) throws IOException {
    bench.setSettings(bench.settings().withThreads(1));
    try (LexicalEncoder one = bench.open()) {
      bench.setSettings(bench.settings().withThreads(2));
      try (LexicalEncoder two = bench.open()) {
        assertEquals(
            one.encode(texts(), TextRole.DOCUMENT), two.encode(texts(), TextRole.DOCUMENT));
        assertEquals(one.fingerprint(), two.fingerprint());
      }
    }
  }
}
