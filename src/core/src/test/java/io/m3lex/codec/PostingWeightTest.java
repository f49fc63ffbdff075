/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Rounds;
import java.io.IOException;
import java.util.Random;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.FeatureField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostingWeightTest {

  @Test
  void isTheNearestWeightThatAPostingHolds() {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < Rounds.of(1_000_000); i++) {
      float weight = Float.intBitsToFloat(random.nextInt(0x7F7F8000));
      if (weight < PostingWeight.LEAST) {
        continue;
      }
      float rounded = PostingWeight.round(weight);
      int frequency = Float.floatToIntBits(rounded) >>> 15;
      assertEquals(rounded, PostingWeight.ofFrequency(frequency), "seed " + seed);
      double error = Math.abs((double) rounded - weight);
      double below = Math.abs((double) PostingWeight.ofFrequency(frequency - 1) - weight);
      double above = Math.abs((double) PostingWeight.ofFrequency(frequency + 1) - weight);
      assertTrue(error <= below && error <= above, weight + ", seed " + seed);
      assertTrue(error <= weight / 512, weight + ", seed " + seed);
      assertEquals(rounded, PostingWeight.round(rounded), "seed " + seed);
    }
  }

  @Test
  void halfwayGoesToTheEvenOne() {
    assertEquals(1f, PostingWeight.round(1f + 1f / 512));
    assertEquals(1f + 4f / 512, PostingWeight.round(1f + 3f / 512));
  }

  @Test
  void theEndsOfTheRange() {
    assertEquals(0f, PostingWeight.round(0f));
    assertEquals(0f, PostingWeight.round(Float.MIN_VALUE));
    assertEquals(PostingWeight.LEAST, PostingWeight.round(Float.MIN_NORMAL * 0.75f));
    assertEquals(PostingWeight.GREATEST, PostingWeight.round(Float.MAX_VALUE));
    assertTrue(Float.isFinite(PostingWeight.GREATEST));
  }

  @ParameterizedTest
  @ValueSource(floats = {-0.5f, Float.NaN, Float.POSITIVE_INFINITY})
  void refusesWhatIsNoWeight(float weight) {
    assertThrows(IllegalArgumentException.class, () -> PostingWeight.round(weight));
  }

  @Test
  void isWhatAFeatureFieldGivesBack() throws IOException {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 50; i++) {
      float weight =
          PostingWeight.round(Math.scalb(1 + random.nextFloat(), random.nextInt(40) - 20));
      try (Directory directory = new ByteBuffersDirectory()) {
        try (IndexWriter writer = new IndexWriter(directory, new IndexWriterConfig())) {
          Document document = new Document();
          document.add(new FeatureField("f", "x", weight));
          writer.addDocument(document);
        }
        try (DirectoryReader reader = DirectoryReader.open(directory)) {
          PostingsEnum postings = reader.leaves().get(0).reader().postings(new Term("f", "x"));
          assertEquals(0, postings.nextDoc());
          assertEquals(weight, PostingWeight.ofFrequency(postings.freq()), "seed " + seed);
        }
      }
    }
  }
}
