/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseEncoder;
import io.m3lex.WatchedEncoder;
import io.m3lex.encoder.LexicalEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Many searches at once. */
@Isolated("threads are counted")
class ServerLoadTest {

  @TempDir private Path folder;

  @Test
  @Timeout(120)
  void twoHundredSearchesAtOnceSucceedWithTheDefaultModel() throws Exception {
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        RunningServer server =
            RunningServer.start(
                folder,
                encoder,
                RunningServer.sample(),
                false,
                // However busy the machine is.
                ServerSettings.DEFAULT.with(
                    ServerSettings.DEFAULT.limits().withTimes(100_000, 100_000, 100_000)))) {
      String body =
          "{\"query\": \"is RAID a replacement for backups\", \"explain\": true, \"bm25\": true}";
      List<Double> millis = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        long start = System.nanoTime();
        assertEquals(200, server.post("/search", body).status());
        millis.add((System.nanoTime() - start) / 1e6);
      }
      millis.sort(null);
      System.out.printf(
          "page search on the sample collection: median %.1f ms, greatest %.1f ms%n",
          millis.get(15), millis.getLast());
      int threads = Thread.activeCount();
      List<CompletableFuture<HttpResponse<String>>> answers = all(server, 200, body);
      int most = Thread.activeCount();
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        assertEquals(200, answer.get().statusCode(), answer.get().body());
        assertTrue(answer.get().body().contains("\"raid-levels\""));
      }
      assertTrue(most < threads + 50, threads + " threads became " + most);
    }
  }

  @Test
  @Timeout(120)
  void whatIsBeyondTheQueueIsRefusedAtOnceAndTheRestIsAnswered() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    try (RunningServer server =
        RunningServer.start(
            folder,
            gate(open),
            false,
            ServerSettings.DEFAULT.with(ServerSettings.DEFAULT.limits().withLoad(2, 10)))) {
      List<CompletableFuture<HttpResponse<String>>> answers =
          all(server, 100, "{\"query\": \"wait for the pump\"}");
      long deadline = System.nanoTime() + 30_000_000_000L;
      while (answers.stream().filter(CompletableFuture::isDone).count() < 88
          && System.nanoTime() < deadline) {
        Thread.sleep(20);
      }
      // The gate is still shut: those that are answered were refused.
      assertEquals(88, answers.stream().filter(CompletableFuture::isDone).count());
      assertEquals(200, server.get("/health").status());
      String metrics = server.get("/metrics").response().body();
      assertTrue(metrics.contains("m3lex_searches_running 2"), metrics);
      assertTrue(metrics.contains("m3lex_searches_waiting 10"), metrics);
      assertTrue(metrics.contains("m3lex_requests_rejected_total 88"), metrics);
      open.countDown();
      int good = 0;
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        if (answer.get().statusCode() == 200) {
          good++;
        } else {
          assertEquals(503, answer.get().statusCode());
          assertEquals("1", answer.get().headers().firstValue("Retry-After").orElseThrow());
        }
      }
      assertEquals(12, good);
    }
  }

  @Test
  @Timeout(120)
  void closingFinishesWhatWasTaken() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    RunningServer server = RunningServer.start(folder, gate(open), false, ServerSettings.DEFAULT);
    List<CompletableFuture<HttpResponse<String>>> answers =
        all(server, 5, "{\"query\": \"wait for the pump\"}");
    while (taken(server.get("/metrics").response().body()) < 5) {
      Thread.sleep(20);
    }
    Thread closing =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    server.close();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    Thread.sleep(200);
    open.countDown();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertEquals(200, answer.get().statusCode());
    }
    closing.join();
  }

  /** How many searches run or wait. */
  private static int taken(String metrics) {
    return Pattern.compile("^m3lex_searches_(?:running|waiting) (\\d+)", Pattern.MULTILINE)
        .matcher(metrics)
        .results()
        .mapToInt(count -> Integer.parseInt(count.group(1)))
        .sum();
  }

  private static List<CompletableFuture<HttpResponse<String>>> all(
      RunningServer server, int count, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.uri() + "search"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return IntStream.range(0, count)
        .mapToObj(i -> server.client().sendAsync(request, BodyHandlers.ofString()))
        .toList();
  }

  /** Encodes queries that begin with "wait" only when it is opened. */
  private static SparseEncoder gate(CountDownLatch open) {
    return new WatchedEncoder(
        text -> {
          if (text.startsWith("wait")) {
            try {
              open.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        });
  }
}
