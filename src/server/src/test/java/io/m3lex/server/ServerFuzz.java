/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.Folders;
import io.m3lex.WordEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fuzzes a {@link SparseServer} that writes, over a connection. An input is a whole request if its
 * first line names HTTP; else its first line is method and target, and the rest a body that is sent
 * as JSON.
 */
public final class ServerFuzz {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MILLIS = 10_000;
  private static final RunningServer SERVER = start();

  private ServerFuzz() {}

  private static RunningServer start() {
    try {
      Path folder = Files.createTempDirectory("m3lex-fuzz");
      RunningServer server =
          RunningServer.start(folder, new WordEncoder(), true, ServerSettings.DEFAULT);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, folder)));
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(RunningServer server, Path folder) {
    try {
      server.close();
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a request is answered with success; fails if it is neither answered nor refused. */
  public static boolean fuzzerTestOneInput(byte[] input) throws IOException {
    byte[] request = request(input);
    byte[] answer = send(request, request == input);
    String text = new String(answer, StandardCharsets.UTF_8);
    if (text.isEmpty()) {
      // Closed without an answer: there was no request.
      return false;
    }
    if (text.startsWith("HTTP/1.1 100 ")) {
      text = text.substring(text.indexOf("\r\n\r\n") + 4);
    }
    int status = status(text);
    int head = text.indexOf("\r\n\r\n");
    // Jetty refuses versions and encodings that it does not know by numbers of their own.
    boolean refused = status < 500 || status == 501 || status == 505;
    require(head > 0 && status >= 200 && refused && !text.contains("\tat "), text);
    String body = text.substring(head + 4);
    boolean json = text.substring(0, head).contains("Content-Type: application/json");
    if (json && !body.isEmpty()) {
      check(status, body);
    }
    return status < 300;
  }

  private static int status(String answer) {
    require(answer.startsWith("HTTP/1.1 ") && answer.length() > 12, answer);
    try {
      return Integer.parseInt(answer.substring(9, 12));
    } catch (NumberFormatException e) {
      throw new AssertionError("no status: " + answer, e);
    }
  }

  private static void check(int status, String body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (status >= 400) {
        require(!node.at("/error/message").asText().isBlank(), body);
      }
      double least = Double.POSITIVE_INFINITY;
      for (JsonNode hit : node.path("hits")) {
        double score = hit.path("score").asDouble(Double.NaN);
        require(score >= 0 && score <= least, body);
        least = score;
      }
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + body, e);
    }
  }

  private static byte[] request(byte[] input) throws IOException {
    int line = 0;
    while (line < input.length && input[line] != '\n') {
      line++;
    }
    String first = new String(input, 0, line, StandardCharsets.ISO_8859_1).strip();
    if (first.contains(" HTTP/")) {
      return input;
    }
    int start = Math.min(input.length, line + 1);
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    String head =
        first
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close"
            + "\r\nContent-Length: "
            + (input.length - start)
            + "\r\n\r\n";
    request.write(head.getBytes(StandardCharsets.ISO_8859_1));
    request.write(input, start, input.length - start);
    return request.toByteArray();
  }

  /** All that comes back; nothing if the connection is closed at once. */
  private static byte[] send(byte[] request, boolean raw) {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(MILLIS);
      socket.connect(new InetSocketAddress("127.0.0.1", SERVER.uri().getPort()), MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(request);
      if (raw) {
        // Nothing more will come, so that no request is waited for. To the server, a client that
        // closes its side has hung up: it may end the work on a request that is whole.
        socket.shutdownOutput();
      }
      InputStream in = socket.getInputStream();
      in.transferTo(answer);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("no answer within %d ms".formatted(MILLIS), e);
    } catch (IOException e) {
      // Closed while it was sent: what was answered before counts.
    }
    return answer.toByteArray();
  }

  private static void require(boolean condition, String answer) {
    if (!condition) {
      throw new AssertionError("wrong answer: " + answer);
    }
  }
}
