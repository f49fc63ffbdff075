/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseVector;
import io.m3lex.index.SparseDocument;
import io.m3lex.opensearch.StandInCluster.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a writer does when a cluster takes nothing, a part, or answers with something else. */
@Timeout(120)
class UnwillingClusterTest {

  private static final ModelFingerprint MODEL = ModelFingerprint.declared("made up");
  private static final SparseVector VECTOR = SparseVector.of(Map.of("x", 1f)).from(MODEL);

  private StandInCluster cluster;

  @BeforeEach
  void start() throws IOException {
    cluster = new StandInCluster();
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private ClusterIndexWriter open(Duration patience) throws IOException {
    return ClusterIndexWriter.openForVectors(
        cluster.address(),
        ClusterCredentials.NONE,
        new ClusterSettings(1, 0, true, patience),
        MODEL);
  }

  private static void put(ClusterIndexWriter writer, int from, int to, String text)
      throws IOException {
    for (int i = from; i < to; i++) {
      writer.put(SparseDocument.of("d" + i, text), VECTOR.from(MODEL));
      int next = i + 1;
      writer.mark(() -> Map.of("next", Integer.toString(next)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 503, 502, 500})
  void whatPassesIsTriedAgain(int status) throws IOException {
    AtomicInteger requests = new AtomicInteger();
    cluster.answerBulk(
        sent ->
            requests.incrementAndGet() <= 2
                ? Reply.of(status, "{\"error\": \"busy\"}")
                : cluster.accept(sent));
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(30))) {
      put(writer, 0, 10, "text");
      writer.finish(Map.of("end", "yes"));
      assertEquals(10, writer.documents());
    }
    assertEquals(3, requests.get());
    assertEquals(10, cluster.documents().size());
    assertEquals("{\"end\":\"yes\"}", cluster.meta().path("progress").toString());
  }

  @Test
  void theClusterSaysHowLongToWait() throws IOException {
    AtomicLong first = new AtomicLong();
    AtomicLong second = new AtomicLong();
    cluster.answerBulk(
        sent -> {
          if (first.compareAndSet(0, System.nanoTime())) {
            return new Reply(429, "{}", Map.of("Retry-After", "2"));
          }
          second.set(System.nanoTime());
          return cluster.accept(sent);
        });
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(30))) {
      put(writer, 0, 1, "text");
      writer.finish(Map.of());
    }
    assertTrue(second.get() - first.get() >= 2_000_000_000L);
  }

  @Test
  void onlyWhatWasNotTakenIsSentAgain() throws IOException {
    Set<String> refused = ConcurrentHashMap.newKeySet();
    AtomicInteger twice = new AtomicInteger();
    cluster.answerBulk(
        sent ->
            cluster.perItem(
                sent,
                id -> {
                  if (cluster.documents().containsKey(id)) {
                    twice.incrementAndGet();
                  }
                  return Integer.parseInt(id.substring(1)) % 3 == 0 && refused.add(id) ? 429 : 201;
                }));
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(30))) {
      put(writer, 0, 5_000, "text");
      writer.finish(Map.of());
      assertEquals(5_000, writer.documents());
    }
    assertEquals(5_000, cluster.documents().size());
    assertEquals(0, twice.get());
  }

  @Test
  void aDocumentThatIsRefusedForGoodStopsAndIsNamed() throws IOException {
    cluster.answerBulk(sent -> cluster.perItem(sent, id -> id.equals("d7000") ? 400 : 201));
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(30))) {
      ClusterException refused =
          assertThrows(
              ClusterException.class,
              () -> {
                put(writer, 0, 9_000, "text");
                writer.finish(Map.of("end", "yes"));
              });
      assertTrue(
          refused.getMessage().contains("document \"d7000\": because of d7000"),
          refused.getMessage());
      writer.keep();
    }
    int next = cluster.meta().path("progress").path("next").asInt();
    assertTrue(next <= 7_000, "goes on at " + next);
    for (int i = 0; i < next; i++) {
      assertTrue(cluster.documents().containsKey("d" + i));
    }
    assertEquals(6_000, next, "the batch before");
  }

  @Test
  void patienceEnds() throws IOException {
    cluster.answerBulk(sent -> Reply.of(429, "{\"error\": {\"reason\": \"queue is full\"}}"));
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(1))) {
      put(writer, 0, 10, "text");
      ClusterException busy =
          assertThrows(ClusterException.class, () -> writer.finish(Map.of("end", "yes")));
      assertTrue(busy.getMessage().contains("queue is full"), busy.getMessage());
    }
    assertEquals("{}", cluster.meta().path("progress").toString());
  }

  @Test
  void aProxyMayTakeLessThanTheCluster() throws IOException {
    cluster.answerBulk(
        sent -> sent.size() > 100 ? Reply.of(413, "<html>too large</html>") : cluster.accept(sent));
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(30))) {
      put(writer, 0, 3_000, "text");
      writer.finish(Map.of());
    }
    assertEquals(3_000, cluster.documents().size());
  }

  @Test
  void noMoreThanSomeBytesAreUnderWay() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger added = new AtomicInteger();
    cluster.answerBulk(
        sent -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          return cluster.accept(sent);
        });
    String text = "x".repeat(100_000);
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(30))) {
      Thread adding =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 400; i++) {
                        put(writer, i, i + 1, text);
                        added.incrementAndGet();
                      }
                      writer.finish(Map.of());
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      int before;
      do {
        before = added.get();
        Thread.sleep(1_000);
      } while (before == 0 || before < added.get());
      // 16 MiB under way and a batch that waits, of 40 MB in all.
      assertTrue(before < 200, before + " documents were added");
      release.countDown();
      adding.join();
      assertEquals(400, writer.documents());
    }
    assertEquals(400, cluster.documents().size());
  }

  /** The note of one would say what the other has not written. */
  @Test
  void ofTwoThatWriteAtOnceTheFirstStops() throws IOException {
    try (ClusterIndexWriter first = open(Duration.ofSeconds(30))) {
      first.begin(Map.of("by", "first"));
      put(first, 0, 10, "text");
      try (ClusterIndexWriter second = open(Duration.ofSeconds(30))) {
        assertEquals(Map.of("by", "first"), second.progress());
        second.begin(Map.of("by", "second"));
        ClusterException stopped =
            assertThrows(ClusterException.class, () -> first.finish(Map.of("by", "first")));
        assertTrue(
            stopped.getMessage().contains("Another program began to write"), stopped.getMessage());
        second.finish(Map.of("by", "second"));
      }
    }
    assertEquals("{\"by\":\"second\"}", cluster.meta().path("progress").toString());
  }

  @Test
  void aLostConnectionIsTriedAgain() throws IOException {
    AtomicInteger requests = new AtomicInteger();
    cluster.answerBulk(
        sent -> {
          if (requests.incrementAndGet() == 1) {
            cluster.accept(sent);
            throw new IllegalStateException("the connection is cut before the answer");
          }
          return cluster.accept(sent);
        });
    try (ClusterIndexWriter writer = open(Duration.ofSeconds(30))) {
      put(writer, 0, 10, "text");
      writer.finish(Map.of());
      assertEquals(10, writer.documents());
    }
  }

  @Test
  void whatIsNoClusterIsSaid() throws IOException {
    cluster.answerVersion("<html>Welcome</html>");
    assertOpen("no JSON, so that it is no cluster");
    // An answer that will stay is no lost connection: it is neither waited for nor called one.
    ClusterException atOnce =
        assertThrows(ClusterException.class, () -> open(Duration.ofMinutes(5)).close());
    assertFalse(atOnce.getMessage().contains("cannot be reached"), atOnce.getMessage());
    cluster.answerVersion("{\"hello\": 1}");
    assertOpen("not as a cluster of OpenSearch");
    cluster.answerVersion("{\"version\": {\"number\": \"7.10.2\"}}");
    assertOpen("7.12 or OpenSearch is needed");
    cluster.close();
    assertOpen("cannot be reached: no connection");
  }

  private void assertOpen(String part) {
    ClusterException refused =
        assertThrows(ClusterException.class, () -> open(Duration.ZERO).close());
    assertTrue(refused.getMessage().contains(part), refused.getMessage());
  }

  @Test
  void noPasswordIsEverShown() throws IOException {
    ClusterCredentials credentials = ClusterCredentials.basic("reader", "open sesame");
    assertFalse(credentials.toString().contains("sesame"));
    IllegalArgumentException inAddress =
        assertThrows(
            IllegalArgumentException.class,
            () -> ClusterAddress.parse("http://reader:sesame@host:9200/index"));
    assertFalse(inAddress.getMessage().contains("sesame"), inAddress.getMessage());
    IllegalArgumentException malformed =
        assertThrows(
            IllegalArgumentException.class,
            () -> ClusterAddress.parse("http://reader:sesame @host:9200/index"));
    assertFalse(malformed.getMessage().contains("sesame"), malformed.getMessage());
    try (Refusing refusing = new Refusing()) {
      ClusterException refused =
          assertThrows(
              ClusterException.class,
              () -> ClusterIndex.openForVectors(refusing.address(), credentials, MODEL));
      assertTrue(refused.getMessage().contains("does not accept the credentials"));
      assertFalse(refused.getMessage().contains("sesame"));
      assertEquals("Basic cmVhZGVyOm9wZW4gc2VzYW1l", refusing.authorization);
    }
  }

  /** Answers everybody as a cluster that asks for other credentials. */
  private static final class Refusing implements AutoCloseable {
    private final HttpServer server;
    private volatile String authorization;

    Refusing() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            try (exchange) {
              authorization = exchange.getRequestHeaders().getFirst("Authorization");
              exchange.sendResponseHeaders(401, -1);
            }
          });
      server.start();
    }

    ClusterAddress address() {
      return ClusterAddress.parse("http://127.0.0.1:" + server.getAddress().getPort() + "/index");
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host:9200/index",
        "http://host:9200",
        "http://host:9200/",
        "ftp://host/index",
        "http:///index",
        "http://host/index?pretty",
        "http://host/a b",
        "http://host/a*",
        "http://host/_all",
        "http://host/a,b"
      })
  void wrongAddressesAreRefused(String address) {
    assertThrows(IllegalArgumentException.class, () -> ClusterAddress.parse(address));
  }

  @Test
  void addressesMayHaveAPathOfAProxy() {
    ClusterAddress address = ClusterAddress.parse("https://host/search/manuals/");
    assertEquals("https://host/search/", address.cluster().toString());
    assertEquals("manuals", address.index());
  }
}
