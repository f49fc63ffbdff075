/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.m3lex.HybridWordEncoder;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.index.Hit;
import io.m3lex.index.HybridSearch;
import io.m3lex.index.IndexContents;
import io.m3lex.index.PassageSplitter;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.server.RunningServer.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a client sees of a running server. */
class SparseServerTest {

  private static final ServerSettings SETTINGS = ServerSettings.DEFAULT.withBm25(100, "en");

  @TempDir private Path folder;

  private final SparseEncoder encoder = new WordEncoder();
  private RunningServer server;

  @BeforeEach
  void start() throws IOException {
    server = RunningServer.start(folder, encoder, false, SETTINGS);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Test
  void aSearchGivesWhatTheIndexGives() throws Exception {
    Reply reply = server.post("/search", "{\"query\": \"clean the pump\", \"k\": 2}");
    assertEquals(200, reply.status(), reply.toString());
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      List<Hit> hits = index.search("clean the pump", 2);
      assertEquals(hits.size(), reply.body().get("hits").size());
      for (int i = 0; i < hits.size(); i++) {
        JsonNode hit = reply.body().get("hits").get(i);
        assertEquals(hits.get(i).id(), hit.get("id").asText());
        assertEquals(hits.get(i).score(), (float) hit.get("score").asDouble());
        assertEquals(hits.get(i).text(), hit.get("text").asText());
      }
    }
  }

  @Test
  void aVectorNeedsTheIndexsFingerprint() throws Exception {
    String vector = "{\"vector\": {\"pump\": 1.5}%s}";
    Reply without = server.post("/search", vector.formatted(""));
    assertEquals(400, without.status());
    assertTrue(without.message().contains(encoder.fingerprint().sha256()), without.message());
    Reply with =
        server.post(
            "/search",
            vector.formatted(", \"fingerprint\": \"" + encoder.fingerprint().sha256() + "\""));
    assertEquals(2, with.body().get("hits").size(), with.toString());
  }

  @Test
  void aFilterLeavesOnlyWhatItMatches() throws Exception {
    Reply reply =
        server.post("/search", "{\"query\": \"pump\", \"filter\": {\"_id\": [\"a/b c\", \"x\"]}}");
    assertEquals(1, reply.body().get("hits").size(), reply.toString());
    assertEquals("a/b c", reply.body().at("/hits/0/id").asText());
    Reply unknown = server.post("/search", "{\"query\": \"pump\", \"filter\": {\"year\": \"1\"}}");
    assertEquals(400, unknown.status());
    assertTrue(unknown.message().contains("filter.year"), unknown.message());
  }

  @Test
  void contributionsAddUpAndBm25StandsBesideThem() throws Exception {
    String search = "{\"query\": \"dissolves limescale\", \"explain\": true, \"bm25\": true}";
    Reply reply = server.post("/search", search);
    for (int i = 0; i < 100 && reply.body().at("/bm25/absent").isTextual(); i++) {
      Thread.sleep(50);
      reply = server.post("/search", search);
    }
    JsonNode hit = reply.body().at("/hits/0");
    double sum = 0;
    for (JsonNode contribution : hit.get("contributions")) {
      sum += contribution.get("score").asDouble();
    }
    assertEquals(hit.get("score").asDouble(), sum, 1e-5);
    JsonNode bm25 = reply.body().at("/bm25/hits/0");
    assertEquals("kettle", bm25.get("id").asText(), reply.toString());
    List<String> marked = new ArrayList<>();
    for (JsonNode mark : bm25.get("textMarks")) {
      marked.add(
          bm25.get("text").asText().substring(mark.get("start").asInt(), mark.get("end").asInt()));
    }
    assertEquals(List.of("Limescale", "dissolves"), marked);
  }

  @Test
  void anExplanationNamesWhatIsMissing() throws Exception {
    Reply reply = server.post("/explain", "{\"query\": \"pump of gold\", \"id\": \"pump\"}");
    assertEquals("pump", reply.body().at("/contributions/0/token").asText(), reply.toString());
    assertEquals(2, reply.body().get("missing").size());
  }

  @Test
  void idsWithSlashesAreDocuments() throws Exception {
    Reply reply = server.get("/documents/a%2Fb%20c");
    assertEquals(200, reply.status(), reply.toString());
    assertEquals("Slashes", reply.body().get("title").asText());
    assertEquals(200, server.get("/documents/a/b%20c").status());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "POST|/search|{\"query\": \"x\", \"kk\": 1}|400|kk",
        "POST|/search|{\"query\": \"x\", \"k\": 0}|400|k",
        "POST|/search|{\"query\": \"x\", \"k\": 1001}|400|1000",
        "POST|/search|{\"query\": \"x\", \"k\": 1.5}|400|k",
        "POST|/search|{\"query\": \"x\", \"k\": \"1\"}|400|k",
        "POST|/search|{\"query\": 7}|400|query",
        "POST|/search|{\"query\": \"x\", \"query\": \"y\"}|400|query",
        "POST|/search|{\"query\": \"x\"} {}|400|",
        "POST|/search|{\"query\": |400|JSON",
        "POST|/search|[]|400|",
        "POST|/search|null|400|null",
        "POST|/search|{}|400|query",
        "POST|/search|{\"query\": \"x\", \"mode\": \"best\"}|400|mode",
        "POST|/search|{\"query\": \"x\", \"mode\": \"approximate\", \"alpha\": 2}|400|alpha",
        "POST|/search|{\"query\": \"x\", \"beta\": 0.5}|400|beta",
        "POST|/search|{\"query\": \"x\", \"filter\": {\"_id\": 3}}|400|_id",
        "POST|/search|{\"vector\": {\"x\": 1}, \"fingerprint\": \"y\"}|400|fingerprint",
        "POST|/search|{\"vector\": {\"x\": \"1\"}, \"fingerprint\": \"y\"}|400|vector.x",
        "POST|/search|{\"vector\": {\"x\": 1, \"x\": 2}, \"fingerprint\": \"y\"}|400|Duplicate"
            + " field 'x'",
        "POST|/search|{\"vector\": {\"x\": 1e99999999999}, \"fingerprint\": \"y\"}|400|exponent",
        "POST|/explain|{\"query\": \"x\"}|400|id",
        "POST|/explain|{\"query\": \"x\", \"id\": \"nobody\"}|404|nobody",
        "POST|/documents|{\"documents\": [{\"id\": \"x\", \"text\": \"y\"}]}|403|--writable",
        "DELETE|/documents/pump||403|--writable",
        "GET|/documents/nobody||404|nobody",
        "GET|/documents/..%2F..%2Fetc%2Fpasswd||404|passwd",
        "GET|/documents/%ff||400|UTF-8",
        "GET|/documents/%C0%80||400|UTF-8",
        "GET|/documents/a%00b||400|",
        "DELETE|/documents/a%00b||400|",
        "GET|/documents/%ED%A0%80||400|UTF-8",
        "GET|/../etc/passwd||400|",
        "GET|/search.js/..%2f..%2fpom.xml||404|",
        "GET|/search.js/%2e%2e/pom.xml||404|",
        "GET|/nothing||404|openapi",
        "GET|/search||405|This path accepts POST, not GET.",
        "PUT|/health||405|This path accepts GET, not PUT.",
        "PUT|/documents/x||405|This path accepts DELETE, GET, not PUT.",
        "OPTIONS|/search||405|POST"
      })
  void whatIsWrongIsSaid(String method, String path, String body, int status, String said)
      throws Exception {
    Reply reply = server.send(method, path, body, "application/json");
    assertEquals(status, reply.status(), reply.toString());
    assertEquals(status, reply.body().at("/error/status").asInt(), reply.toString());
    assertTrue(reply.message().contains(said == null ? "" : said), reply.message());
    assertFalse(reply.message().contains("Exception"), reply.message());
    assertFalse(reply.message().contains("io.m3lex"), reply.message());
  }

  /** UTF-8 has no bytes for them: something else would be stored, or looked for. */
  @Test
  void halvesOfSurrogatePairsAreRefused(@TempDir Path other) throws Exception {
    try (RunningServer writing = RunningServer.start(other, encoder, true, SETTINGS)) {
      for (String half : List.of("\\ud83d", "pump \\uDE00!", "\\ude00\\ud83d")) {
        assertHalf(writing, "query", "/search", "{'query': '" + half + "'}");
        assertHalf(
            writing,
            "filter._id[1]",
            "/search",
            "{'query': 'x', 'filter': {'_id': ['pump', '" + half + "']}}");
        assertHalf(writing, "id", "/explain", "{'query': 'x', 'id': '" + half + "'}");
        for (String field : List.of("id", "title", "text")) {
          String document =
              "{'id': '1', 'title': 'x', 'text': 'x'}"
                  .replaceFirst("('" + field + "': )'.'", "$1'" + half.replace("\\", "\\\\") + "'");
          assertHalf(
              writing,
              "documents[1]." + field,
              "/documents",
              "{'documents': [{'id': 'new', 'text': 'x'}, " + document + "]}");
        }
      }
      assertEquals(404, writing.get("/documents/new").status());
    }
    Reply whole = server.post("/search", "{\"query\": \"pump \\ud83d\\ude00\"}");
    assertEquals(200, whole.status(), whole.toString());
  }

  private static void assertHalf(RunningServer asked, String field, String path, String body)
      throws Exception {
    Reply reply = asked.post(path, body.replace('\'', '"'));
    assertEquals(400, reply.status(), reply.toString());
    assertTrue(
        reply.message().startsWith("Field \"" + field + "\" holds half of a character: \\ud"),
        reply.message());
  }

  @Test
  void aFeatureWithHalfASurrogatePairIsRefused() throws Exception {
    Reply reply =
        server.post(
            "/search",
            "{\"vector\": {\"\\udc00\": 1}, \"fingerprint\": \"%s\"}"
                .formatted(encoder.fingerprint().sha256()));
    assertEquals(400, reply.status(), reply.toString());
    assertTrue(reply.message().contains("surrogate"), reply.message());
  }

  /** A lenient reader would take them for other documents' ids, or other queries. */
  @Test
  void bytesThatAreNotUtf8AreRefused() throws Exception {
    for (String path : List.of("\u00FF", "\u00C0\u0080", "\u00ED\u00A0\u0080", "\u00F4")) {
      String answer =
          raw(
              "GET /documents/"
                  + path
                  + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
    }
    for (String text : List.of("\u00FF", "\u00C0\u0080", "\u00ED\u00A0\u0080", "\u00C1\u0081")) {
      String answer = exchange(server.uri(), "/search", "{\"query\": \"pump" + text + "\"}");
      assertTrue(answer.contains("The body is not UTF-8."), answer);
    }
  }

  @Test
  void onlyJsonIsRead() throws Exception {
    assertEquals(415, server.send("POST", "/search", "{\"query\": \"x\"}", "text/plain").status());
  }

  @Test
  void largeBodiesAndQueriesAreRefused() throws Exception {
    String large = "{\"query\": \"" + "x".repeat(300_000) + "\"}";
    for (int i = 0; i < 20; i++) {
      assertEquals(413, server.post("/search", large).status());
    }
    // Too large to be received at all: refused by its length alone.
    String endless =
        "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: 9000000000\r\n\r\n";
    assertTrue(raw(endless).startsWith("HTTP/1.1 413"), raw(endless));
    String chunked =
        "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
            + ("8000\r\n" + "x".repeat(0x8000) + "\r\n").repeat(10)
            + "0\r\n\r\n";
    assertTrue(raw(chunked).startsWith("HTTP/1.1 413"), raw(chunked));
    Reply long1 = server.post("/search", "{\"query\": \"" + "x".repeat(10_001) + "\"}");
    assertEquals(413, long1.status());
  }

  @Test
  void anotherNameOfThisMachineIsRefused() throws Exception {
    assertTrue(
        raw("GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            .startsWith("HTTP/1.1 421"));
  }

  @Test
  void malformedHttpIsAnsweredAsAllErrorsAre() throws Exception {
    String answer = raw("GET / HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n");
    assertTrue(answer.startsWith("HTTP/1.1 400"), answer);
    assertTrue(answer.contains("{\"error\":{\"status\":400"), answer);
  }

  @Test
  void slowClientsAreCutOff(@TempDir Path other) throws Exception {
    try (RunningServer patient =
        RunningServer.start(
            other, encoder, false, SETTINGS.with(SETTINGS.limits().withReceiveMillis(1_000)))) {
      for (String begun :
          List.of(
              "POST /search HTTP/1.1\r\nHost: localhost\r\nX: ",
              "POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + "Content-Length: 1000\r\n\r\n")) {
        long start = System.nanoTime();
        try (Socket socket = new Socket()) {
          socket.connect(new InetSocketAddress("127.0.0.1", patient.uri().getPort()));
          socket.setSoTimeout(20_000);
          OutputStream out = socket.getOutputStream();
          out.write(begun.getBytes(StandardCharsets.US_ASCII));
          Thread drip =
              Thread.ofVirtual()
                  .start(
                      () -> {
                        try {
                          while (true) {
                            out.write('x');
                            Thread.sleep(100);
                          }
                        } catch (IOException | InterruptedException e) {
                          // Cut off, or no longer needed.
                        }
                      });
          try {
            socket.getInputStream().readAllBytes();
          } catch (IOException e) {
            // A reset is an end as well.
          }
          drip.interrupt();
        }
        assertTrue(System.nanoTime() - start < 10e9, "it could go on: " + begun);
      }
      assertEquals(200, patient.get("/health").status());
    }
  }

  @Test
  void anIndexOfPassagesGivesDocumentsAndTakesThem(@TempDir Path other) throws Exception {
    String text = "The kettle is full.\n\n" + "Nothing here. ".repeat(20) + "\n\nThe pump failed.";
    PassageSplitter splitter = new PassageSplitter(60, 0);
    try (SparseIndexWriter writer = SparseIndexWriter.open(other, encoder)) {
      writer.putPassages(SparseDocument.of("long", text), splitter);
      writer.commit();
    }
    try (RunningServer writable = RunningServer.start(other, encoder, List.of(), true, SETTINGS)) {
      JsonNode hits = writable.post("/search", "{\"query\": \"pump nothing\"}").body().get("hits");
      assertEquals(1, hits.size());
      int start = hits.at("/0/start").asInt();
      assertEquals(hits.at("/0/text").asText(), text.substring(start, hits.at("/0/end").asInt()));
      assertEquals(text, writable.get("/documents/long").body().get("text").asText());
      String added =
          "{\"documents\": [{\"id\": \"new\", \"text\": \"A zebra. %s A pump.\"}]}"
              .formatted("Nothing. ".repeat(30));
      assertEquals(200, writable.post("/documents", added).status());
      assertEquals(
          "new",
          writable.post("/search", "{\"query\": \"zebra\"}").body().at("/hits/0/id").asText());
      assertTrue(writable.index().statistics().passages() > 4);
    }
  }

  @Test
  void anIndexOfSeveralSignalsTakesDocuments(@TempDir Path other) throws Exception {
    HybridWordEncoder hybrid = new HybridWordEncoder(true);
    IndexContents contents = new IndexContents(true, true, "en");
    try (SparseIndexWriter writer = SparseIndexWriter.open(other, hybrid, 0, contents)) {
      writer.commit();
    }
    try (RunningServer writable = RunningServer.start(other, hybrid, List.of(), true, SETTINGS)) {
      String added = "{\"documents\": [{\"id\": \"new\", \"text\": \"A zebra.\"}]}";
      assertEquals(200, writable.post("/documents", added).status());
      assertEquals(
          List.of("new"),
          writable
              .index()
              .search(
                  "zebra",
                  HybridSearch.of(HybridSearch.Fusion.RECIPROCAL_RANK, contents.signals()),
                  5,
                  null)
              .stream()
              .map(hit -> hit.hit().id())
              .toList());
    }
  }

  @Test
  void whatCanBeNoIdIsNotWritten(@TempDir Path other) throws Exception {
    try (RunningServer writing = RunningServer.start(other, encoder, true, SETTINGS)) {
      for (String id : List.of("\\u0000", "a\\u001b", "\\u007f", "\\u0085", "\\ud83d", " ")) {
        Reply reply =
            writing.post(
                "/documents", "{\"documents\": [{\"id\": \"" + id + "\", \"text\": \"x\"}]}");
        assertEquals(400, reply.status(), reply.toString());
        assertTrue(reply.message().contains("documents[0]"), reply.toString());
      }
    }
  }

  @Test
  void writesAreCommittedAndVisibleWhenTheyAreAnswered(@TempDir Path other) throws Exception {
    try (RunningServer writable = RunningServer.start(other, encoder, true, SETTINGS)) {
      String documents =
          "{\"documents\": [{\"id\": \"new\", \"text\": \"zebras\"}, {\"id\": \"pump\", \"text\":"
              + " \"gone\"}]}";
      assertEquals(2, writable.post("/documents", documents).body().get("written").asInt());
      assertEquals(
          "new",
          writable.post("/search", "{\"query\": \"zebras\"}").body().at("/hits/0/id").asText());
      try (SparseIndex committed = SparseIndex.open(other, encoder)) {
        assertEquals("gone", committed.document("pump").orElseThrow().text());
      }
      Reply half =
          writable.post(
              "/documents",
              "{\"documents\": [{\"id\": \"half\", \"text\": \"x\"}, {\"id\": \" \", \"text\":"
                  + " \"x\"}]}");
      assertEquals(400, half.status());
      assertTrue(half.message().contains("documents[1]"), half.message());
      assertEquals(404, writable.get("/documents/half").status());
      assertEquals(200, writable.send("DELETE", "/documents/new", null, null).status());
      assertEquals(404, writable.send("DELETE", "/documents/new", null, null).status());
      try (SparseIndex committed = SparseIndex.open(other, encoder)) {
        assertTrue(committed.document("new").isEmpty());
      }
    }
  }

  @Test
  void commitsOfOthersAreSeenWithinSeconds() throws Exception {
    try (SparseIndexWriter writer = SparseIndexWriter.open(folder, encoder)) {
      writer.put(SparseDocument.of("late", "yaks"));
      writer.commit();
    }
    int status = 0;
    for (int i = 0; i < 100 && status != 200; i++) {
      status = server.get("/documents/late").status();
      Thread.sleep(50);
    }
    assertEquals(200, status);
  }

  @Test
  void vectorsMadeElsewhereAreSearchedAndWritten(@TempDir Path other) throws Exception {
    ModelFingerprint declared = ModelFingerprint.declared("elsewhere");
    try (SparseIndexWriter writer = SparseIndexWriter.openForVectors(other, declared)) {
      writer.put(SparseDocument.of("one", "text"), SparseVector.of(Map.of("f", 2f)).from(declared));
      writer.put(
          SparseDocument.of("huge", "text"), SparseVector.of(Map.of("h", 3e38f)).from(declared));
      writer.commit();
      try (SparseIndex index = SparseIndex.openForVectors(other, declared);
          SparseServer vectors =
              SparseServer.start(
                  new ServedIndex("v", index, null, writer, null), ServerSettings.DEFAULT)) {
        String body =
            "{\"vector\": {\"f\": 1}, \"fingerprint\": \"%s\"}".formatted(declared.sha256());
        assertTrue(exchange(vectors.uri(), "/search", body).contains("\"id\":\"one\""));
        assertTrue(
            exchange(vectors.uri(), "/search", "{\"query\": \"f\"}").contains("made elsewhere"));
        String beyondFloat =
            "{\"vector\": {\"h\": 1000}, \"fingerprint\": \"%s\"}".formatted(declared.sha256());
        assertTrue(
            exchange(vectors.uri(), "/search", beyondFloat).contains("greater than a float"));
        String put =
            "{\"documents\": [{\"id\": \"two\", \"text\": \"t\", \"vector\": {\"g\": 1}}], \"fingerprint\": \"%s\"}"
                .formatted(declared.sha256());
        assertTrue(exchange(vectors.uri(), "/documents", put).contains("\"written\":1"));
        String wrong =
            "{\"documents\": [{\"id\": \"three\", \"text\": \"t\", \"vector\": {\"g\": 1}}, {\"id\": \"four\", \"text\": \"t\", \"vector\": {\"%s\": 1}}], \"fingerprint\": \"%s\"}"
                .formatted("x".repeat(40_000), declared.sha256());
        assertTrue(exchange(vectors.uri(), "/documents", wrong).contains("documents[1].vector"));
        assertTrue(exchange(vectors.uri(), "/documents", put).contains("\"written\":1"));
        assertTrue(index.document("three").isEmpty(), "half of a request was taken");
      }
    }
  }

  @Test
  void metricsAndHealthTell() throws Exception {
    server.post("/search", "{\"query\": \"pump\"}");
    assertEquals(3, server.get("/health").body().get("documents").asInt());
    String metrics = server.get("/metrics").response().body();
    assertTrue(
        metrics.contains("m3lex_http_requests_total{route=\"/search\",status=\"200\"} 1"), metrics);
    assertTrue(metrics.contains("m3lex_index_documents 3"), metrics);
  }

  @Test
  void theDescriptionHasAllRoutesAndNoOthers() throws Exception {
    JsonNode paths = server.get("/openapi.json").body().get("paths");
    Set<String> described = new HashSet<>();
    for (Map.Entry<String, JsonNode> path : paths.properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        described.add(method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey());
      }
    }
    Set<String> real = new HashSet<>();
    server.routes().forEach(route -> real.add(route.method() + " " + route.path()));
    assertEquals(real, described);
  }

  @Test
  void answersAndRequestsAreAsDescribed() throws Exception {
    JsonNode api = server.get("/openapi.json").body();
    String full =
        "{\"query\": \"pump\", \"k\": 2, \"mode\": \"approximate\", \"alpha\": 0.9, \"explain\":"
            + " true, \"bm25\": true, \"filter\": {\"_id\": \"pump\"}}";
    JsonNode request = new ObjectMapper().readTree(full);
    assertDescribed(api, "SearchRequest", request);
    assertDescribed(api, "SearchAnswer", server.post("/search", full).body());
    assertDescribed(
        api,
        "ExplainAnswer",
        server.post("/explain", "{\"query\": \"pump\", \"id\": \"pump\"}").body());
    assertDescribed(api, "Document", server.get("/documents/pump").body());
    assertDescribed(api, "Health", server.get("/health").body());
    assertDescribed(api, "Index", server.get("/index").body());
    assertDescribed(api, "Error", server.get("/nothing").body());
    Reply unknown = server.post("/search", "{\"x\": 1}");
    for (Map.Entry<String, JsonNode> field :
        api.at("/components/schemas/SearchRequest/properties").properties()) {
      assertTrue(unknown.message().contains(field.getKey()), unknown.message());
    }
  }

  @Test
  void anAddressInUseIsSaid() throws IOException {
    try (SparseIndex index = SparseIndex.open(folder, encoder)) {
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  SparseServer.start(
                      new ServedIndex("x", index, encoder, null, null),
                      SETTINGS.at("127.0.0.1", server.uri().getPort())));
      assertTrue(e.getMessage().contains("--port"), e.getMessage());
    }
  }

  @Test
  void thePageMayRunNothingButItsScript() throws Exception {
    Reply page = server.get("/?q=x");
    String policy = page.response().headers().firstValue("Content-Security-Policy").orElseThrow();
    assertTrue(policy.contains("default-src 'none'") && !policy.contains("unsafe"), policy);
    assertFalse(page.response().body().contains("<script>"), "inline script");
    assertFalse(page.response().body().contains("http:"), "another origin");
    assertEquals(
        "nosniff", page.response().headers().firstValue("X-Content-Type-Options").orElseThrow());
  }

  /** Whether a value has what a schema requires, and nothing that it does not name. */
  private static void assertDescribed(JsonNode api, String name, JsonNode value) {
    described(api, api.at("/components/schemas/" + name), value, name);
  }

  private static void described(JsonNode api, JsonNode schema, JsonNode value, String where) {
    if (schema.has("$ref")) {
      described(api, api.at(schema.get("$ref").asText().substring(1)), value, where);
      return;
    }
    assertTrue(schema.has("type") || schema.has("oneOf"), where + " is not described: " + value);
    switch (schema.path("type").asText()) {
      case "string" -> assertTrue(value.isTextual(), where + ": " + value);
      case "integer" -> assertTrue(value.isIntegralNumber(), where + ": " + value);
      case "number" -> assertTrue(value.isNumber(), where + ": " + value);
      case "boolean" -> assertTrue(value.isBoolean(), where + ": " + value);
      case "array" -> {
        assertTrue(value.isArray(), where + ": " + value);
        value.forEach(each -> described(api, schema.get("items"), each, where + "[]"));
      }
      default -> {
        schema.path("required").forEach(n -> assertTrue(value.has(n.asText()), where + n));
        if (schema.has("properties")) {
          value
              .properties()
              .forEach(
                  p ->
                      described(
                          api,
                          schema.get("properties").path(p.getKey()),
                          p.getValue(),
                          where + "." + p.getKey()));
        }
      }
    }
  }

  private String exchange(URI base, String path, String body) throws IOException {
    return raw(
        base.getPort(),
        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(path, body.length(), body));
  }

  private String raw(String request) throws IOException {
    return raw(server.uri().getPort(), request);
  }

  static String raw(int port, String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(15_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      StringBuilder answer = new StringBuilder();
      byte[] buffer = new byte[8_192];
      try {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          answer.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        // What came before a reset counts.
      }
      return answer.toString();
    }
  }
}
