/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.benchmarks;

import io.m3lex.corpus.CorpusEntry;
import io.m3lex.corpus.CorpusReader;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.evaluation.TestCollection;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.server.ServedIndex;
import io.m3lex.server.ServerSettings;
import io.m3lex.server.SparseServer;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;

/**
 * How long a small search waits when twenty of the largest came before it: while their senders wait
 * for them, and after they have hung up.
 */
public final class AbandonedRequests {

  private static final int REQUESTS = 20;
  private static final int WORDS = 1_500;
  private static final int CHARACTERS = 9_900;
  private static final String SMALL = "{\"query\": \"raid levels\"}";

  private final URI uri;
  private final HttpClient client;
  private final List<String> words;
  private final Random random = new Random(1);

  private AbandonedRequests(URI uri, HttpClient client, List<String> words) {
    this.uri = uri;
    this.client = client;
    this.words = words;
  }

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = new ArrayList<>();
    try (LexicalEncoder encoder = LexicalEncoder.openDefault();
        Directory directory = new ByteBuffersDirectory()) {
      try (SparseIndexWriter writer =
              SparseIndexWriter.open(new Kept(directory), "memory", encoder, 0);
          CorpusReader reader = TestCollection.sample().documents()) {
        while (reader.hasNext()) {
          if (reader.next() instanceof CorpusEntry.Document document) {
            writer.put(SparseDocument.of(document.id(), document.title(), document.text()));
            words.addAll(List.of(document.text().split("[^\\p{Alnum}]+")));
          }
        }
        writer.commit();
      }
      try (SparseIndex index = SparseIndex.open(new Kept(directory), "memory", encoder);
          SparseServer server =
              SparseServer.start(
                  new ServedIndex("sample", index, encoder, null, null), ServerSettings.DEFAULT);
          HttpClient client = HttpClient.newHttpClient()) {
        new AbandonedRequests(server.uri(), client, words).run();
      }
    }
  }

  private void run() throws Exception {
    for (int i = 0; i < REQUESTS; i++) {
      small();
    }
    System.out.printf("a small search alone                              %7.3f s%n", small());
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      sockets.add(large());
    }
    System.out.printf(
        "with %d of the largest before it, waited for       %7.3f s%n", REQUESTS, small());
    for (Socket socket : sockets) {
      socket.close();
    }
    System.out.printf("when their senders have hung up                   %7.3f s%n", small());
    for (int i = 0; i < REQUESTS; i++) {
      large().close();
    }
    System.out.printf(
        "with %d more whose senders hung up at once         %7.3f s%n", REQUESTS, small());
    long start = System.nanoTime();
    String metrics = metrics();
    while (!metrics.contains("m3lex_searches_running 0.0")
        || !metrics.contains("m3lex_searches_waiting 0.0")) {
      Thread.sleep(10);
      metrics = metrics();
    }
    System.out.printf(
        "until nothing of them is at work                  %7.3f s%n", seconds(start));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private double small() throws IOException, InterruptedException {
    long start = System.nanoTime();
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(uri.resolve("search"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(SMALL))
                .build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(answer.body());
    }
    return seconds(start);
  }

  private String metrics() throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(uri.resolve("metrics")).build(), BodyHandlers.ofString())
        .body();
  }

  /** A query as long as they may be, of random words, with all that can be asked for. */
  private Socket large() throws IOException {
    StringBuilder query = new StringBuilder();
    for (int i = 0; i < WORDS && query.length() < CHARACTERS; i++) {
      query.append(words.get(random.nextInt(words.size()))).append(' ');
    }
    query.setLength(Math.min(query.length(), CHARACTERS));
    String body =
        "{\"query\": \"%s\", \"k\": 1000, \"explain\": true, \"bm25\": true}".formatted(query);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Socket socket = new Socket(uri.getHost(), uri.getPort());
    socket
        .getOutputStream()
        .write(
            "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                .formatted(bytes.length)
                .getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(bytes);
    return socket;
  }

  /** Stays when an index is closed. */
  private static final class Kept extends FilterDirectory {
    Kept(Directory directory) {
      super(directory);
    }

    @Override
    public void close() {}
  }
}
