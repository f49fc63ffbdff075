/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.EncodedText;
import io.m3lex.HybridText;
import io.m3lex.HybridWordEncoder;
import io.m3lex.TextRole;
import io.m3lex.WordEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedEncoderTest {

  @TempDir private Path folder;

  @Test
  void givesWhatTheEncoderGivesAndEncodesNothingTwice() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    WordEncoder encoder = new WordEncoder();
    List<String> texts = new ArrayList<>(List.of("", "  ", "größe 東京", "😀"));
    for (int i = 0; i < 5_000; i++) {
      texts.add("w" + random.nextInt(50) + " w" + random.nextInt(5_000) + " n" + i);
    }
    for (int round = 0; round < 3; round++) {
      Collections.shuffle(texts, random);
      try (CachedEncoder cached = CachedEncoder.open(encoder, folder)) {
        for (TextRole role : TextRole.values()) {
          assertEquals(encoder.encode(texts, role), cached.encode(texts, role), "seed " + seed);
          assertEquals(encoder.encode("w1 n7", role), cached.encode("w1 n7", role));
        }
        // "w1 n7" is new in the first round.
        assertEquals(round == 0 ? 2L * texts.size() + 2 : 0, cached.encoded(), "seed " + seed);
        assertEquals(round == 0 ? 0 : 2L * texts.size() + 2, cached.found());
      }
    }
  }

  @Test
  void aTextIsAnotherInAnotherRoleAndTheTimeIsThatOfTheEncoding() throws IOException {
    try (CachedEncoder cached = CachedEncoder.open(new WordEncoder(), folder)) {
      cached.encode("a pump", TextRole.DOCUMENT);
      CachedEncoder.TimedText first = cached.timed("a pump", TextRole.QUERY, false);
      assertEquals(2, cached.encoded());
      CachedEncoder.TimedText again = cached.timed("a pump", TextRole.QUERY, false);
      assertEquals(first.nanos(), again.nanos());
      assertEquals(first.text().encoded(), again.text().encoded());
      assertTrue(first.nanos() > 0);
    }
  }

  @Test
  void takesNothingOfAnotherModelNorOfAMachineThatComputesOtherwise() throws IOException {
    List<WordEncoder> others =
        List.of(
            new WordEncoder("words", 0),
            new WordEncoder("other head", 0),
            // The same fingerprint, but other weights.
            new WordEncoder("words", 0.001f));
    for (WordEncoder other : others) {
      try (CachedEncoder cached = CachedEncoder.open(other, folder)) {
        EncodedText expected = other.encode("the pump failed", TextRole.DOCUMENT);
        assertEquals(expected, cached.encode("the pump failed", TextRole.DOCUMENT));
        assertEquals(1, cached.encoded());
      }
    }
  }

  @Test
  void denseVectorsAreKeptBesideSparseOnes() throws IOException {
    HybridWordEncoder encoder = new HybridWordEncoder(true);
    List<String> texts = List.of("a pump", "", "the engine room");
    for (int round = 0; round < 2; round++) {
      try (CachedEncoder cached = CachedEncoder.open(encoder, folder)) {
        cached.encode(texts, TextRole.DOCUMENT);
        List<HybridText> expected = encoder.encodeHybrid(texts, TextRole.DOCUMENT, false);
        List<HybridText> found = cached.encodeHybrid(texts, TextRole.DOCUMENT, false);
        for (int i = 0; i < texts.size(); i++) {
          assertEquals(expected.get(i).encoded(), found.get(i).encoded());
          assertArrayEquals(expected.get(i).dense(), found.get(i).dense());
        }
        assertEquals(round == 0 ? 6 : 0, cached.encoded());
        assertEquals(
            2, cached.encodeHybrid(texts, TextRole.DOCUMENT, true).getFirst().tokens().length);
      }
    }
    try (CachedEncoder sparse = CachedEncoder.open(new WordEncoder(), folder)) {
      assertThrows(
          UnsupportedOperationException.class,
          () -> sparse.encodeHybrid(texts, TextRole.DOCUMENT, false));
    }
  }

  @Test
  void severalWriteAtOnceAndTheNextFindsWhatAllWrote() throws IOException {
    WordEncoder encoder = new WordEncoder();
    try (CachedEncoder one = CachedEncoder.open(encoder, folder);
        CachedEncoder two = CachedEncoder.open(encoder, folder)) {
      one.encode("from one", TextRole.DOCUMENT);
      two.encode("from two", TextRole.DOCUMENT);
    }
    try (CachedEncoder three = CachedEncoder.open(encoder, folder)) {
      three.encode("from one", TextRole.DOCUMENT);
      three.encode("from two", TextRole.DOCUMENT);
      assertEquals(0, three.encoded());
    }
  }

  /** Flips bytes of the files one after the other: wrong weights must never come out. */
  @Test
  void damagedFilesCostAnEncodingButGiveNoWrongWeights() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    WordEncoder encoder = new WordEncoder();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      texts.add("pump " + i + " of engine " + random.nextInt(1_000));
    }
    List<EncodedText> expected = encoder.encode(texts, TextRole.DOCUMENT);
    int encodedAgain = 0;
    for (int round = 0; round < 100; round++) {
      Path place = folder.resolve("round" + round);
      try (CachedEncoder cached = CachedEncoder.open(encoder, place)) {
        cached.encode(texts, TextRole.DOCUMENT);
      }
      List<Path> files;
      try (Stream<Path> walk = Files.walk(place)) {
        files =
            walk.filter(file -> Files.isRegularFile(file) && !file.endsWith("model.txt"))
                .filter(file -> !file.endsWith("write.lock"))
                .sorted()
                .toList();
      }
      Path file = files.get(round % files.size());
      byte[] bytes = Files.readAllBytes(file);
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
      Files.write(file, bytes);
      try (CachedEncoder cached = CachedEncoder.open(encoder, place)) {
        assertEquals(expected, cached.encode(texts, TextRole.DOCUMENT), file + ", seed " + seed);
        encodedAgain += cached.encoded() > 0 ? 1 : 0;
      }
    }
    assertTrue(encodedAgain > 0, "no damage was noticed, seed " + seed);
  }
}
