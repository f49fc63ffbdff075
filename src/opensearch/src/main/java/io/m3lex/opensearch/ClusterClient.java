/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.m3lex.util.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Asks a cluster over HTTP and says in plain words what went wrong. Safe for several threads. */
final class ClusterClient implements AutoCloseable {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

  /** More than the minute for which a cluster itself waits for a shard. */
  private static final Duration TIMEOUT = Duration.ofSeconds(120);

  /** Bytes; what is cut off is no JSON any more, so that it counts as no cluster's answer. */
  private static final int GREATEST_ANSWER = 256 << 20;

  private static final int SHOWN = 200;

  private final ClusterAddress address;
  private final ClusterCredentials credentials;
  private final Duration patience;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          // A redirect could carry the credentials elsewhere.
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * Asks nothing yet.
   *
   * @param patience for how long requests are repeated that can succeed later
   */
  ClusterClient(ClusterAddress address, ClusterCredentials credentials, Duration patience) {
    this.address = address;
    this.credentials = credentials;
    this.patience = patience;
  }

  /** The path of something of the index, such as {@code _mapping}; empty for the index itself. */
  String path(String rest) {
    String index = URLEncoder.encode(address.index(), StandardCharsets.UTF_8).replace("+", "%20");
    return rest.isEmpty() ? index : index + "/" + rest;
  }

  /**
   * Asks once.
   *
   * @param path without a slash before it
   * @param body null for none
   * @return the answer, whatever its status
   */
  Answer ask(String method, String path, byte[] body, String contentType)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address.cluster() + path))
            .timeout(TIMEOUT)
            .header("Accept", "application/json")
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (body != null) {
      request.header("Content-Type", contentType);
    }
    credentials.header().ifPresent(value -> request.header("Authorization", value));
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    byte[] content;
    try (InputStream stream = response.body()) {
      content = stream.readNBytes(GREATEST_ANSWER);
    }
    JsonNode json;
    try {
      json = JSON.readTree(Utf8.text(content));
    } catch (JsonProcessingException | CharacterCodingException e) {
      json = MissingNode.getInstance();
    }
    String text = new String(content, 0, Math.min(SHOWN, content.length), StandardCharsets.UTF_8);
    return new Answer(
        response.statusCode(),
        json,
        text.strip().replaceAll("\\s+", " "),
        response.headers().firstValue("Retry-After").map(ClusterClient::wait).orElse(null));
  }

  /** Seconds, or a date; null for anything else. */
  private static Duration wait(String retryAfter) {
    try {
      if (retryAfter.strip().matches("[0-9]{1,9}")) {
        return Duration.ofSeconds(Long.parseLong(retryAfter.strip()));
      }
      Instant until = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(retryAfter.strip()));
      return Duration.between(Instant.now(), until);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /**
   * Asks with JSON, again as long as it can succeed later.
   *
   * @param body null for none
   * @return the answer, also one of an error that will stay
   * @throws ClusterException if no answer came, or none that tells of the cluster
   */
  Answer ask(String method, String path, JsonNode body) throws ClusterException {
    Backoff backoff = new Backoff(patience);
    while (true) {
      try {
        Answer answer;
        try {
          answer = ask(method, path, bytes(body), "application/json");
        } catch (IOException e) {
          if (!backoff.pause(null)) {
            throw unreachable(e);
          }
          continue;
        }
        if (!answer.isPassing() || !backoff.pause(answer.retryAfter())) {
          return checked(answer);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
    }
  }

  private static byte[] bytes(JsonNode body) {
    try {
      return body == null ? null : JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree is always JSON", e);
    }
  }

  /**
   * Like {@link #ask(String, String, JsonNode)}, where anything but success is an error.
   *
   * @param what is asked for, for the message: {@code "create the index"}
   */
  JsonNode request(String what, String method, String path, JsonNode body) throws ClusterException {
    Answer answer = ask(method, path, body);
    if (!answer.isGood()) {
      throw refused(what, answer);
    }
    return answer.body();
  }

  /** An answer that tells of the cluster. */
  Answer checked(Answer answer) throws ClusterException {
    if (answer.status() == 401) {
      throw new ClusterException(
          "The cluster at %s does not accept the credentials, or asks for some: %s. Set %s and %s, or %s, in the environment."
              .formatted(
                  address.cluster(),
                  answer.reason(),
                  ClusterCredentials.USER,
                  ClusterCredentials.PASSWORD,
                  ClusterCredentials.API_KEY));
    }
    if (answer.status() == 403 && !Answer.isReadOnly(answer.body().path("error"))) {
      throw new ClusterException(
          "The cluster at %s does not allow this: %s. Use a user or key with the right to create, write and read index %s."
              .formatted(address.cluster(), answer.reason(), address.index()));
    }
    // Nothing has a body in the answer to HEAD only, which is not asked.
    if (!answer.body().isObject()) {
      throw new ClusterException(
          String.format(
              Locale.ROOT,
              "%s answers with status %d and no JSON, so that it is no cluster of OpenSearch, or something else answers in its place: %s. Correct the address.",
              address.cluster(),
              answer.status(),
              answer.beginning()));
    }
    return answer;
  }

  ClusterException refused(String what, Answer answer) {
    if (Answer.isReadOnly(answer.body().path("error"))) {
      return readOnly(answer.reason());
    }
    return new ClusterException(
        String.format(
            Locale.ROOT,
            "The cluster at %s cannot %s: %s (status %d).",
            address.cluster(),
            what,
            answer.reason(),
            answer.status()));
  }

  ClusterException readOnly(String reason) {
    return new ClusterException(
        "Index %s is read-only: %s. Mostly a node's disk is too full: make room, set index.blocks.read_only_allow_delete (or index.blocks.read_only) to null if the cluster does not do so itself, and go on."
            .formatted(address, reason.replaceFirst(";$", "")));
  }

  ClusterException unreachable(IOException e) {
    String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    if (e instanceof HttpTimeoutException) {
      reason = "no answer in time";
    } else if (e instanceof ConnectException) {
      reason = "no connection" + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")");
    } else if (e instanceof SSLException) {
      reason = "no secure connection (" + reason + ")";
    }
    return new ClusterException(
        "The cluster at %s cannot be reached: %s. Start it, or correct the address."
            .formatted(address.cluster(), reason),
        e);
  }

  static ClusterException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new ClusterException("interrupted", e);
  }

  @Override
  public void close() {
    // What is under way after an error must not delay it.
    client.shutdownNow();
  }
}
