/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.SparseEncoder;
import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.evaluation.TestCollection;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server over a small index, with a client. */
final class RunningServer implements AutoCloseable {

  static final List<SparseDocument> DOCUMENTS =
      List.of(
          SparseDocument.of("kettle", "Kettles", "Limescale in a kettle dissolves in citric acid."),
          SparseDocument.of("pump", "The pump does not drain: clean its filter."),
          SparseDocument.of("a/b c", "Slashes", "An id with a slash and a space, and a pump."));

  private static final ObjectMapper MAPPER = new ObjectMapper();

  static {
    // As the command does it; read when the first request is malformed.
    System.setProperty("org.slf4j.simpleLogger.log.org.eclipse.jetty", "error");
  }

  private final HttpClient client = HttpClient.newHttpClient();
  private final SparseIndex index;
  private final SparseIndexWriter writer;
  private final SparseServer server;

  private RunningServer(
      Path folder, SparseEncoder encoder, boolean writable, ServerSettings settings)
      throws IOException {
    this(
        SparseIndex.open(folder, encoder),
        writable ? SparseIndexWriter.open(folder, encoder) : null,
        encoder,
        settings);
  }

  private RunningServer(
      SparseIndex index, SparseIndexWriter writer, SparseEncoder encoder, ServerSettings settings)
      throws IOException {
    this.index = index;
    this.writer = writer;
    server = SparseServer.start(new ServedIndex("test", index, encoder, writer, null), settings);
  }

  /** Closes the index and the writer, too. */
  static RunningServer of(SparseIndex index, SparseIndexWriter writer, SparseEncoder encoder)
      throws IOException {
    return new RunningServer(index, writer, encoder, ServerSettings.DEFAULT);
  }

  static RunningServer start(
      Path folder, SparseEncoder encoder, boolean writable, ServerSettings settings)
      throws IOException {
    return start(folder, encoder, DOCUMENTS, writable, settings);
  }

  static RunningServer start(
      Path folder,
      SparseEncoder encoder,
      List<SparseDocument> documents,
      boolean writable,
      ServerSettings settings)
      throws IOException {
    try (SparseIndexWriter filling = SparseIndexWriter.open(folder, encoder)) {
      for (SparseDocument document : documents) {
        filling.put(document);
      }
      filling.commit();
    }
    return new RunningServer(folder, encoder, writable, settings);
  }

  /** The documents of the sample collection. */
  static List<SparseDocument> sample() throws IOException {
    List<SparseDocument> documents = new ArrayList<>();
    try (CorpusReader reader = TestCollection.sample().documents()) {
      while (reader.hasNext()) {
        if (reader.next() instanceof CorpusEntry.Document document) {
          documents.add(SparseDocument.of(document.id(), document.title(), document.text()));
        }
      }
    }
    return documents;
  }

  /** A status and the JSON that came with it. */
  record Reply(int status, JsonNode body, HttpResponse<String> response) {
    String message() {
      return body.at("/error/message").asText();
    }
  }

  URI uri() {
    return server.uri();
  }

  SparseIndex index() {
    return index;
  }

  List<Route> routes() {
    return server.routes();
  }

  HttpClient client() {
    return client;
  }

  Reply post(String path, String json) throws Exception {
    return send("POST", path, json, "application/json");
  }

  Reply get(String path) throws Exception {
    return send("GET", path, null, null);
  }

  Reply send(String method, String path, String body, String contentType) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(uri().toString().replaceFirst("/$", "") + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (contentType != null) {
      request.header("Content-Type", contentType);
    }
    HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
    boolean json =
        response.headers().firstValue("Content-Type").orElse("").equals("application/json");
    return new Reply(
        response.statusCode(),
        json && !response.body().isEmpty() ? MAPPER.readTree(response.body()) : MAPPER.nullNode(),
        response);
  }

  @Override
  public void close() throws IOException {
    server.close();
    if (writer != null) {
      writer.close();
    }
    index.close();
    client.close();
  }
}
