/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.Cancellation;
import io.m3lex.SparseEncoder;
import io.m3lex.WatchedEncoder;
import io.m3lex.server.ServerSettings.Limits;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests that nobody waits for any more, or that take too long, hold up no others. */
@Timeout(120)
class AbandonedRequestTest {

  private static final Limits LIMITS = ServerSettings.DEFAULT.limits().withLoad(2, 30);
  private static final String LARGE = " large".repeat(500);

  @TempDir private Path folder;

  /** Counts what is encoded, and holds up texts that begin with "wait" until it is opened. */
  private static final class Gate {
    private final CountDownLatch open = new CountDownLatch(1);
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore ended = new Semaphore(0);
    private final AtomicInteger finished = new AtomicInteger();

    SparseEncoder encoder() {
      return new WatchedEncoder(this::encode);
    }

    private void encode(String text) {
      if (text.startsWith("wait")) {
        begun.release();
        try {
          open.await();
          finished.incrementAndGet();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          ended.release();
          throw Cancellation.exception();
        }
      }
    }
  }

  private RunningServer start(Gate gate, Limits limits) throws IOException {
    return RunningServer.start(folder, gate.encoder(), false, ServerSettings.DEFAULT.with(limits));
  }

  private static Socket send(RunningServer server, String query) throws IOException {
    URI uri = server.uri();
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    socket.getOutputStream().write(request(query));
    return socket;
  }

  private static byte[] request(String query) {
    String body = "{\"query\": \"" + query + "\"}";
    return "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        .formatted(body.length(), body)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static void until(RunningServer server, String metric) throws Exception {
    while (!server.get("/metrics").response().body().contains(metric + "\n")) {
      Thread.sleep(5);
    }
  }

  @Test
  void workOfClientsThatHungUpEnds() throws Exception {
    Gate gate = new Gate();
    try (RunningServer server = start(gate, LIMITS)) {
      Socket polite = send(server, "wait");
      gate.begun.acquire();
      polite.close();
      gate.ended.acquire();
      Socket rude = send(server, "wait");
      gate.begun.acquire();
      rude.setSoLinger(true, 0);
      rude.close();
      gate.ended.acquire();
      until(server, "m3lex_searches_running 0.0");
      assertEquals(200, server.post("/search", "{\"query\": \"pump\"}").status());
      until(server, "m3lex_requests_cancelled_total 2.0");
    }
  }

  @Test
  void whatWaitsForClientsThatHungUpIsNeverBegun() throws Exception {
    Gate gate = new Gate();
    try (RunningServer server = start(gate, LIMITS)) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        sockets.add(send(server, "wait" + LARGE));
      }
      gate.begun.acquire();
      until(server, "m3lex_searches_waiting 19.0");
      // One place is kept for small requests.
      assertEquals(200, server.post("/search", "{\"query\": \"pump\"}").status());
      for (Socket socket : sockets) {
        socket.close();
      }
      until(server, "m3lex_searches_waiting 0.0");
      gate.ended.acquire();
      until(server, "m3lex_searches_running 0.0");
      assertEquals(0, gate.finished.get());
      // Some may have begun before it was seen that their clients were gone, one after the other.
      assertTrue(gate.begun.availablePermits() < 19, "all were begun");
    }
  }

  @Test
  void workHasItsTime() throws Exception {
    Gate gate = new Gate();
    try (RunningServer server = start(gate, LIMITS.withTimes(60_000, 20, 20))) {
      RunningServer.Reply late = server.post("/search", "{\"query\": \"wait\"}");
      assertEquals(503, late.status());
      assertEquals(
          "The request took longer than 20 ms and was ended; nothing was changed. Ask for less at"
              + " once.",
          late.message());
      assertEquals("1", late.response().headers().firstValue("Retry-After").orElseThrow());
    }
  }

  @Test
  void waitingHasItsTime() throws Exception {
    Gate gate = new Gate();
    try (RunningServer server = start(gate, LIMITS.withTimes(20, 60_000, 60_000));
        Socket first = send(server, "wait" + LARGE)) {
      gate.begun.acquire();
      RunningServer.Reply late = server.post("/search", "{\"query\": \"wait" + LARGE + "\"}");
      assertEquals(503, late.status());
      assertEquals("It was not the request's turn in time; try again in a moment.", late.message());
      gate.open.countDown();
      assertEquals('H', first.getInputStream().read());
    }
  }

  @Test
  void aRequestThatComesBeforeTheAnswerIsNotLost() throws Exception {
    Gate gate = new Gate();
    try (RunningServer server = start(gate, LIMITS);
        Socket socket = send(server, "wait")) {
      gate.begun.acquire();
      socket.getOutputStream().write(request("pump"));
      socket
          .getOutputStream()
          .write(
              "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      // The connection is looked at several times meanwhile.
      until(server, "m3lex_searches_running 1.0");
      Thread.sleep(200);
      gate.open.countDown();
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(4, answers.split("HTTP/1.1 200 OK", -1).length, answers);
    }
  }
}
