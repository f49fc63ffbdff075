/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.WordEncoder;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is told to stop answers whatever had been sent. */
@Timeout(120)
class GracefulStopTest {

  private static final int CLIENTS = 200;

  @TempDir private Path folder;

  /** All of them are sent, and hardly any can have been read, when the server is told to stop. */
  @RepeatedTest(5)
  void noRequestIsDropped() throws Exception {
    RunningServer server =
        RunningServer.start(folder, new WordEncoder(), false, ServerSettings.DEFAULT);
    List<Socket> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(send(server.uri(), i % 2 == 0));
    }
    server.close();
    int answered = 0;
    for (Socket client : clients) {
      try (client) {
        String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        answered += answer.startsWith("HTTP/1.1 200") || answer.startsWith("HTTP/1.1 503") ? 1 : 0;
      }
    }
    assertTrue(answered == CLIENTS, answered + " of " + CLIENTS + " were answered");
  }

  private static Socket send(URI uri, boolean search) throws IOException {
    String body = "{\"query\": \"pump\"}";
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    socket
        .getOutputStream()
        .write(
            (search
                    ? "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(body.length(), body)
                    : "GET /documents/pump HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }
}
