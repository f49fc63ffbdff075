/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Answers as a cluster with one index does, and bulk requests as it is told: for what a real
 * cluster does not do on demand. A search finds every document, with score 1.
 */
public final class StandInCluster implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a bulk request is answered with. */
  record Reply(int status, String body, Map<String, String> headers) {
    static Reply of(int status, String body) {
      return new Reply(status, body, Map.of());
    }
  }

  private final HttpServer server;
  private final Map<String, JsonNode> documents = new ConcurrentHashMap<>();
  private JsonNode mappings;
  private volatile String version =
      "{\"version\": {\"distribution\": \"opensearch\", \"number\": \"3.9.0\"}}";
  private volatile Function<Map<String, JsonNode>, Reply> bulk = this::accept;

  /** Starts one without an index. */
  public StandInCluster() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  /** Where its index is. */
  public ClusterAddress address() {
    return ClusterAddress.parse("http://127.0.0.1:" + server.getAddress().getPort() + "/index");
  }

  /** Every later bulk request, its documents by id, is answered so. */
  void answerBulk(Function<Map<String, JsonNode>, Reply> reply) {
    bulk = reply;
  }

  /** What the cluster says of itself. */
  void answerVersion(String answer) {
    version = answer;
  }

  Map<String, JsonNode> documents() {
    return documents;
  }

  synchronized JsonNode meta() {
    return mappings.path("_meta").path("m3lex");
  }

  /** Deletes the index. */
  public synchronized void delete() {
    mappings = null;
    documents.clear();
  }

  /** Takes all documents. */
  Reply accept(Map<String, JsonNode> sent) {
    return perItem(sent, id -> 201);
  }

  /** Takes documents that get a good status, refuses the others. */
  Reply perItem(Map<String, JsonNode> sent, Function<String, Integer> status) {
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode items = answer.putArray("items");
    sent.forEach(
        (id, source) -> {
          int code = status.apply(id);
          ObjectNode item = items.addObject().putObject("index").put("_id", id);
          item.put("status", code);
          if (code < 300) {
            documents.put(id, source);
          } else {
            item.putObject("error").put("type", "some_exception").put("reason", "because of " + id);
          }
        });
    return Reply.of(200, answer.toString());
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      Reply reply =
          switch (path) {
            case "/" -> Reply.of(200, version);
            case "/index/_bulk" -> bulk.apply(parse(body));
            case "/index/_search" -> search(JSON.readTree(body));
            default -> other(exchange.getRequestMethod(), path, body);
          };
      reply.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] answer = reply.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(reply.status(), answer.length == 0 ? -1 : answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  private synchronized Reply search(JsonNode query) {
    for (JsonNode field : query.path("sort")) {
      String pointer = "/properties/" + field.asText().replace(".", "/properties/");
      if (!field.asText().equals("_score") && mappings.at(pointer).isMissingNode()) {
        return Reply.of(
            400,
            "{\"error\": {\"reason\": \"No mapping found for [%s]\"}}".formatted(field.asText()));
      }
    }
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode hits = answer.putObject("hits").putArray("hits");
    documents.forEach(
        (id, source) -> hits.addObject().put("_id", id).put("_score", 1).set("_source", source));
    return Reply.of(200, answer.toString());
  }

  private synchronized Reply other(String method, String path, byte[] body) throws IOException {
    if (method.equals("PUT") && path.equals("/index")) {
      mappings = JSON.readTree(body).path("mappings");
    } else if (method.equals("PUT")) {
      ((ObjectNode) mappings).set("_meta", JSON.readTree(body).path("_meta"));
    } else if (path.endsWith("_mapping")) {
      return mappings == null
          ? Reply.of(404, "{\"error\": {\"type\": \"index_not_found_exception\"}}")
          : Reply.of(200, "{\"index\": {\"mappings\": " + mappings + "}}");
    }
    return Reply.of(200, "{}");
  }

  private static Map<String, JsonNode> parse(byte[] body) throws IOException {
    String[] lines = new String(body, StandardCharsets.UTF_8).split("\n");
    Map<String, JsonNode> sent = new LinkedHashMap<>();
    for (int i = 0; i < lines.length; i += 2) {
      String id = JSON.readTree(lines[i]).path("index").path("_id").asText();
      sent.put(id, JSON.readTree(lines[i + 1]));
    }
    return sent;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
