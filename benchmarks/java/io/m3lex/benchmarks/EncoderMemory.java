/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.Footprint;
import io.m3lex.GeneratedModel;
import io.m3lex.encoder.LexicalEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Resident memory (Linux) while one encoder encodes many texts from several threads. */
public final class EncoderMemory {

  private static final int THREADS = 4;

  private EncoderMemory() {}

  /** Takes the number of texts, 50,000 by default. */
  public static void main(String[] arguments) throws Exception {
    Locale.setDefault(Locale.ROOT);
    int texts = arguments.length == 0 ? 50_000 : Integer.parseInt(arguments[0]);
    Path folder = Files.createTempDirectory("m3lex-memory");
    GeneratedModel.writeSmall(folder, 1);
    GeneratedModel.lock(folder);
    AtomicInteger done = new AtomicInteger();
    try (LexicalEncoder encoder = LexicalEncoder.open(folder);
        ExecutorService callers = Executors.newFixedThreadPool(THREADS)) {
      for (int t = 0; t < THREADS; t++) {
        int seed = t;
        callers.execute(() -> encode(encoder, new Random(seed), done, texts));
      }
      callers.shutdown();
      for (int tenth = 1; tenth <= 10; tenth++) {
        while (done.get() < (long) texts * tenth / 10
            && !callers.awaitTermination(20, TimeUnit.MILLISECONDS)) {
          continue;
        }
        System.out.printf("%,8d texts: %s%n", done.get(), Footprint.now());
      }
    }
    System.exit(0);
  }

  private static void encode(LexicalEncoder encoder, Random random, AtomicInteger done, int texts) {
    while (done.get() < texts) {
      encoder.encodeDocument("index the tokens ".repeat(random.nextInt(12)));
      done.incrementAndGet();
    }
  }
}
