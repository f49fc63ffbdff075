/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Passages as token ids: read from files of {@link TokenizePassages}, or made up. */
final class TokenPassages {

  private static final int LEAST_TOKENS = 40;
  private static final int MOST_TOKENS = 400;

  private final List<int[]> passages;
  private final String description;

  private TokenPassages(List<int[]> passages, String description) {
    this.passages = passages;
    this.description = description;
  }

  /** Reads passages; very short ones are left out, very long ones are cut. */
  static TokenPassages read(List<Path> files) throws IOException {
    List<int[]> passages = new ArrayList<>();
    for (Path file : files) {
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
        while (true) {
          int[] tokens = new int[in.readInt()];
          for (int i = 0; i < tokens.length; i++) {
            tokens[i] = in.readInt();
          }
          if (tokens.length >= LEAST_TOKENS) {
            passages.add(Arrays.copyOf(tokens, Math.min(tokens.length, MOST_TOKENS)));
          }
        }
      } catch (EOFException e) {
        // The end of the file.
      }
    }
    return new TokenPassages(passages, "%,d passages of real text".formatted(passages.size()));
  }

  /**
   * Makes passages up: half of the tokens from a Zipf distribution over 60,000, half from one over
   * the 600 tokens of one of 3,000 topics.
   */
  static TokenPassages generate(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int vocabulary = 60_000;
    int[][] topics = new int[3_000][600];
    for (int[] topic : topics) {
      for (int i = 0; i < topic.length; i++) {
        topic[i] = 50 + random.nextInt(vocabulary - 50);
      }
    }
    List<int[]> passages = new ArrayList<>(count);
    for (int p = 0; p < count; p++) {
      int[] topic = topics[random.nextInt(topics.length)];
      int[] tokens = new int[100 + random.nextInt(150)];
      for (int i = 0; i < tokens.length; i++) {
        tokens[i] =
            random.nextBoolean() ? zipf(random, vocabulary) : topic[zipf(random, topic.length)];
      }
      passages.add(tokens);
    }
    return new TokenPassages(passages, "%,d passages made up by topic".formatted(count));
  }

  /** A rank from 0, about inversely proportional to which it is likely. */
  private static int zipf(SplittableRandom random, int ranks) {
    return (int) Math.pow(ranks, random.nextDouble()) - 1;
  }

  String description() {
    return description;
  }

  int size() {
    return passages.size();
  }

  int[] get(int passage) {
    return passages.get(passage);
  }
}
