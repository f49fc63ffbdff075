/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseEncoder;
import io.m3lex.WordEncoder;
import io.m3lex.server.RunningServer.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hostile requests do no harm. */
class ServerFuzzTest {

  private static final int REQUESTS = 10_000;

  private static final String[] METHODS = {
    "GET", "POST", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "", "\0"
  };
  private static final String[] PATHS = {
    "/",
    "/search",
    "/explain",
    "/documents",
    "/documents/pump",
    "/documents/",
    "/documents/..",
    "/documents/%2e%2e%2f%2e%2e",
    "/documents/%",
    "/documents/%00",
    "/documents/%c3%28",
    "/index",
    "/health",
    "/metrics",
    "/openapi.json",
    "//",
    "/../../etc/passwd",
    "/..;/",
    "/search/../health",
    "*",
    "http://evil.example/",
    "/search?%",
    "/\\..\\..\\",
    "/search;jsessionid=1",
    "/\u00ff"
  };
  private static final String[] VALUES = {
    "\"pump\"",
    "\"\"",
    "null",
    "0",
    "-1",
    "1e999",
    "1.5",
    "9223372036854775808",
    "true",
    "[]",
    "{}",
    "[[[[[[",
    "{\"pump\": -1}",
    "{\"pump\": 1e39}",
    "{\"\": 1}",
    "{\"pump\": null}",
    "\"\\ud83d\"",
    "\"\\u0000\"",
    "\"<script>\"",
    "\"*:*\"",
    "{\"_id\": \"pump\"}",
    "{\"_sparse\": \"pump\"}",
    "\"exact\"",
    "NaN",
    "'x'",
    "\"x"
  };
  private static final String[] FIELDS = {
    "query",
    "vector",
    "fingerprint",
    "k",
    "filter",
    "mode",
    "alpha",
    "beta",
    "explain",
    "bm25",
    "id",
    "documents",
    "__proto__",
    "",
    "query"
  };
  private static final String FINGERPRINT = new WordEncoder().fingerprint().sha256();
  private static final String[] VECTORS = {
    "{\"pump\": 1e6}",
    "{\"pump\": 3e38}",
    "{\"pump\": -0.0}",
    "{\"\\ud83d\": 1}",
    "{\"\": 1}",
    "{}",
    "{\"pump\": 1e-45}",
    "{\"pump\": \"1\"}",
    "{\"pump\": {}}",
    "{\"\\u0000\": 1, \"pump\": 2}"
  };
  private static final String[] HEADERS = {
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Content-Length: 5\r\nContent-Length: 6",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked, gzip",
    "Transfer-Encoding: identity",
    "Expect: 100-continue",
    "Expect: 200-maybe",
    "Upgrade: h2c",
    "Content-Encoding: gzip",
    "Range: bytes=0-",
    "Host: evil.example",
    "Host:",
    "X: \0",
    " folded: x",
    "no colon",
    "Content-Type: application/json; charset=utf-16",
    "Cookie: a=b=c;;;",
    "Accept: \u00ff",
    "Forwarded: host=evil",
    "Connection: close, keep-alive, x"
  };

  @Test
  @Timeout(120)
  void tenThousandHostileRequestsLeaveTheServerHealthyAndTheIndexAsItWas(@TempDir Path folder)
      throws Exception {
    long seed = Long.getLong("m3lex.seed", System.nanoTime());
    Random random = new Random(seed);
    SparseEncoder encoder = new WordEncoder();
    try (RunningServer server =
        RunningServer.start(
            folder,
            encoder,
            false,
            ServerSettings.DEFAULT.with(ServerSettings.DEFAULT.limits().withReceiveMillis(300)))) {
      Map<String, Integer> before = contents(folder);
      int port = server.uri().getPort();
      Map<String, Integer> statuses = new TreeMap<>();
      for (int i = 0; i < REQUESTS; i++) {
        String request = request(random);
        String answer = send(port, request, random);
        String status = answer.startsWith("HTTP/1.1 ") ? answer.substring(9, 12) : "none";
        statuses.merge(status, 1, Integer::sum);
        String where = "seed %d, request %d: %s gave %s".formatted(seed, i, request, answer);
        assertFalse(status.equals("500"), where);
        assertFalse(answer.contains("\tat "), where);
      }
      assertTrue(statuses.getOrDefault("200", 0) > 100, "seed " + seed + ": " + statuses);
      assertTrue(statuses.getOrDefault("400", 0) > 1_000, "seed " + seed + ": " + statuses);
      assertEquals(before, contents(folder), "seed " + seed);
      assertEquals(200, server.get("/health").status());
      Reply reply = server.post("/search", "{\"query\": \"pump\"}");
      assertEquals(2, reply.body().get("hits").size(), "seed " + seed);
    }
  }

  private static String request(Random random) {
    String method = pick(random, METHODS);
    if (random.nextInt(3) > 0) {
      method = "POST";
    }
    String path = random.nextInt(3) > 0 ? "/search" : pick(random, PATHS);
    String body = body(random);
    StringBuilder request = new StringBuilder();
    request
        .append(method)
        .append(' ')
        .append(path)
        .append(" HTTP/1.")
        .append(random.nextInt(20) == 0 ? "9" : "1");
    request.append("\r\n");
    if (random.nextInt(20) > 0) {
      request.append("Host: localhost\r\n");
    }
    if (random.nextInt(10) > 0) {
      request.append("Content-Type: application/json\r\n");
    }
    boolean odd = random.nextInt(4) == 0;
    if (odd) {
      request.append(pick(random, HEADERS)).append("\r\n");
    }
    if (!odd || random.nextBoolean()) {
      int length = body.getBytes(StandardCharsets.UTF_8).length;
      request.append("Content-Length: ").append(length).append("\r\n");
    }
    request.append("Connection: close\r\n\r\n").append(body);
    if (random.nextInt(10) == 0) {
      // A few characters are others.
      for (int i = random.nextInt(4); i >= 0; i--) {
        request.setCharAt(random.nextInt(request.length()), (char) random.nextInt(256));
      }
    }
    return request.toString();
  }

  private static String body(Random random) {
    switch (random.nextInt(12)) {
      case 0:
        return "";
      case 1:
        return "[".repeat(random.nextInt(5_000));
      case 2:
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        return new String(noise, StandardCharsets.ISO_8859_1);
      case 3:
        return "{\"fingerprint\": \"%s\", \"explain\": true, \"vector\": %s}"
            .formatted(FINGERPRINT, pick(random, VECTORS));
      case 4:
        return "{\"query\": \"pump\", \"k\": 3, \"explain\": true}";
      default:
        return "{"
            + random
                .ints(1 + random.nextInt(3), 0, FIELDS.length)
                .mapToObj(f -> "\"" + FIELDS[f] + "\": " + pick(random, VALUES))
                .collect(Collectors.joining(", "))
            + (random.nextInt(20) == 0 ? "" : "}");
    }
  }

  private static String pick(Random random, String[] choices) {
    return choices[random.nextInt(choices.length)];
  }

  /** Sends a request and reads what comes back until the connection ends, or gives up soon. */
  private static String send(int port, String request, Random random) throws IOException {
    byte[] bytes = request.getBytes(StandardCharsets.UTF_8);
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(10);
      if (random.nextInt(50) == 0) {
        // Gone in the middle.
        socket.getOutputStream().write(bytes, 0, random.nextInt(bytes.length));
        return "";
      }
      socket.getOutputStream().write(bytes);
      InputStream in = socket.getInputStream();
      byte[] answer = new byte[4_096];
      int length = 0;
      for (int wait = 0; wait < 3; wait++) {
        try {
          int n = in.read(answer, length, answer.length - length);
          if (n <= 0) {
            break;
          }
          length += n;
          break;
        } catch (SocketTimeoutException e) {
          // It waits for the rest of the request, which does not come.
        }
      }
      return new String(answer, 0, length, StandardCharsets.UTF_8);
    } catch (SocketException e) {
      return "";
    }
  }

  /** The files of an index, by what is in them. */
  private static Map<String, Integer> contents(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.collect(
          Collectors.toMap(
              file -> file.getFileName().toString(),
              file -> {
                try {
                  return Arrays.hashCode(Files.readAllBytes(file));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              }));
    }
  }
}
