/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.EncodedText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.WordEncoder;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An error ends the request in which it came, and nothing else. */
@Timeout(120)
class ErrorInWorkTest {

  @TempDir private Path folder;

  @Test
  void requestsAreAnsweredAndTheThreadsGoOn() throws Exception {
    try (RunningServer server =
        RunningServer.start(folder, new FailingEncoder(), true, ServerSettings.DEFAULT)) {
      // More often than there are threads.
      for (int i = 0; i < 20; i++) {
        for (String error : new String[] {"assertion", "linkage", "memory"}) {
          assertEquals(
              500, server.post("/search", "{\"query\": \"%s\"}".formatted(error)).status(), error);
          assertEquals(500, put(server, error), error);
        }
      }
      assertEquals(200, server.post("/search", "{\"query\": \"pump\"}").status());
      assertEquals(200, put(server, "kettle"));
      assertEquals(200, server.get("/documents/new").status());
      assertEquals(200, server.get("/health").status());
    }
  }

  private static int put(RunningServer server, String text) throws Exception {
    return server
        .post(
            "/documents", "{\"documents\": [{\"id\": \"new\", \"text\": \"%s\"}]}".formatted(text))
        .status();
  }

  @Test
  void queueKeepsItsThread() throws Exception {
    try (WorkQueue queue = WorkQueue.inOrder("test", 10)) {
      CountDownLatch done = new CountDownLatch(1);
      queue.offer(
          () -> {
            throw new AssertionError("on purpose");
          },
          false);
      queue.offer(done::countDown, false);
      done.await();
    }
  }

  @Test
  void timersGoOn() throws Exception {
    CountDownLatch twice = new CountDownLatch(2);
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      timer.scheduleWithFixedDelay(
          SparseServer.guarded(
              () -> {
                twice.countDown();
                throw new AssertionError("on purpose");
              }),
          1,
          1,
          TimeUnit.MILLISECONDS);
      twice.await();
      timer.shutdownNow();
    }
  }

  /** Throws the error that a text names. */
  private static final class FailingEncoder implements SparseEncoder {
    private final WordEncoder words = new WordEncoder();

    @Override
    public ModelFingerprint fingerprint() {
      return words.fingerprint();
    }

    @Override
    public SortedMap<String, String> environment() {
      return words.environment();
    }

    @Override
    public EncodedText encode(String text, TextRole role) {
      switch (text) {
        case "assertion" -> throw new AssertionError("on purpose");
        case "linkage" -> throw new NoClassDefFoundError("on purpose");
        case "memory" -> throw new OutOfMemoryError("on purpose");
        default -> {
          return words.encode(text, role);
        }
      }
    }

    @Override
    public String describe(String feature) {
      return feature;
    }

    @Override
    public void close() {
      words.close();
    }
  }
}
