/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.m3lex.checkpoint.FileBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Downloads from a server that does everything that servers and networks do. */
@Timeout(60)
@Isolated("it is patient for milliseconds only")
class ModelDownloadTest {

  private static final String BIG = "pytorch_model.bin";
  private static final int BIG_BYTES = 700_000;
  private static final Patience IMPATIENT =
      new Patience(3, 50_000, Duration.ofMillis(5), Duration.ofMillis(50), Duration.ofMillis(400));

  @TempDir private Path folder;
  private Path target;
  private byte[] big;
  private ModelManifest manifest;
  private HttpServer server;
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger requests = new AtomicInteger();

  /** What the server does with a request for the big file. */
  private interface Answer {
    void to(HttpExchange exchange, int request) throws IOException;
  }

  private Answer answer = (exchange, request) -> sendFrom(exchange, big);

  @BeforeEach
  void start() throws IOException {
    target = folder.resolve("model");
    big = new byte[BIG_BYTES];
    new Random(1).nextBytes(big);
    manifest =
        TestModel.manifest(
            "m",
            List.of(
                file(BIG, big, FileRole.ENCODER),
                file("config.json", small("config.json"), FileRole.CONFIG),
                file("tokenizer.json", small("tokenizer.json"), FileRole.TOKENIZER),
                file("sparse_linear.pt", small("sparse_linear.pt"), FileRole.HEAD),
                file("onnx/a b.txt", small("onnx/a b.txt"), FileRole.EXTRA)));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    server.createContext("/base/", this::serve);
    server.createContext(
        "/elsewhere/",
        exchange -> {
          exchange
              .getResponseHeaders()
              .add("Location", exchange.getRequestURI().toString().replace("elsewhere", "base"));
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.createContext(
        "/loop/",
        exchange -> {
          exchange.getResponseHeaders().add("Location", exchange.getRequestURI().toString());
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static byte[] small(String name) {
    return ("content of " + name).getBytes(StandardCharsets.UTF_8);
  }

  private static ModelFile file(String path, byte[] content, FileRole role) throws IOException {
    return ModelFile.unmeasured(path, null, role).measured(FileBytes.of(ByteBuffer.wrap(content)));
  }

  private void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring("/base/".length());
    try {
      if (path.equals(BIG)) {
        ranges.add(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
        answer.to(exchange, requests.getAndIncrement());
      } else {
        sendFrom(exchange, small(path));
      }
    } finally {
      exchange.close();
    }
  }

  private static void sendFrom(HttpExchange exchange, byte[] content) throws IOException {
    int from = PartialContent.begin(exchange, content.length);
    exchange.getResponseBody().write(content, from, content.length - from);
  }

  /** Sends a beginning of what it promised, then drops the connection. */
  private static void drop(HttpExchange exchange, byte[] content, int bytes) throws IOException {
    int from = PartialContent.begin(exchange, content.length);
    OutputStream body = exchange.getResponseBody();
    body.write(content, from, Math.min(bytes, content.length - from));
    body.flush();
  }

  private String address(String context) {
    return "http://%s:%d/%s"
        .formatted(
            server.getAddress().getAddress().getHostAddress(),
            server.getAddress().getPort(),
            context);
  }

  private ModelDownload download() {
    return ModelDownload.of(manifest).from(address("base")).with(IMPATIENT);
  }

  @Test
  void fetchesVerifiesAndWritesTheManifestLast() throws IOException {
    List<Long> progress = new ArrayList<>();
    List<ModelDownload.Fetched> fetched = download().to(target, progress::add);
    assertEquals(4, fetched.size());
    assertComplete();
    assertEquals(download().bytes(), progress.getLast());
    // After each file, and in between for a great one.
    long done = 0;
    for (ModelDownload.Fetched file : fetched) {
      done += file.file().bytes();
      assertTrue(progress.contains(done), progress.toString());
    }
    assertTrue(progress.getFirst() < BIG_BYTES, progress.toString());
    long beforeBig = done - BIG_BYTES;
    assertTrue(
        progress.stream().anyMatch(bytes -> bytes > beforeBig && bytes < beforeBig + BIG_BYTES),
        progress.toString());
    for (int i = 1; i < progress.size(); i++) {
      assertTrue(progress.get(i) >= progress.get(i - 1), progress.toString());
    }
    assertEquals(manifest, ModelManifest.ofFolder(target));
    requests.set(0);
    progress.clear();
    assertTrue(
        download().to(target, progress::add).stream().allMatch(ModelDownload.Fetched::wasThere));
    assertEquals(4, progress.size());
    assertEquals(download().bytes(), progress.getLast());
    assertEquals(0, requests.get());
  }

  @Test
  void extrasComeOnRequestWithTheirFoldersAndStrangeNames() throws IOException {
    download().withExtras().to(target, bytes -> {});
    assertArrayEquals(small("onnx/a b.txt"), Files.readAllBytes(target.resolve("onnx/a b.txt")));
  }

  @Test
  void droppedConnectionsAreGoneOnWith() throws IOException {
    answer =
        (exchange, request) -> {
          if (request < 9) {
            drop(exchange, big, 70_000);
          } else {
            sendFrom(exchange, big);
          }
        };
    download().to(target, bytes -> {});
    assertComplete();
    assertEquals("null", ranges.getFirst());
    assertTrue(new TreeSet<>(ranges).size() > 5, ranges.toString());
  }

  @Test
  void aServerThatSendsNextToNothingIsGivenUp() throws IOException {
    answer = (exchange, request) -> drop(exchange, big, 10);
    assertTrue(failure(download()).contains("are kept"));
    assertTrue(requests.get() <= 2 + IMPATIENT.retries(), requests + " requests");
    assertNothingButParts();
  }

  @Test
  void aFailedRunIsGoneOnWithByTheNext() throws IOException {
    answer =
        (exchange, request) -> {
          if (request == 0) {
            drop(exchange, big, 300_000);
          } else {
            exchange.sendResponseHeaders(503, -1);
          }
        };
    String message = failure(download());
    assertTrue(message.contains("answers 503") && message.contains("are kept"), message);
    assertNothingButParts();
    long kept = Files.size(target.resolve("." + BIG + ".part"));
    assertTrue(kept > 0);
    answer = (exchange, request) -> sendFrom(exchange, big);
    download().to(target, bytes -> {});
    assertComplete();
    assertEquals("bytes=" + kept + "-", ranges.getLast());
  }

  @Test
  void aServerThatIgnoresRangesIsReadFromTheBeginning() throws IOException {
    answer =
        (exchange, request) -> {
          if (request == 0) {
            drop(exchange, big, 100_000);
          } else {
            exchange.sendResponseHeaders(200, big.length);
            exchange.getResponseBody().write(big);
          }
        };
    download().to(target, bytes -> {});
    assertComplete();
  }

  @Test
  void aWrongRangeIsNotTaken() throws IOException {
    answer =
        (exchange, request) -> {
          if (request == 0) {
            drop(exchange, big, 100_000);
          } else if (PartialContent.start(exchange) > 0) {
            exchange.getResponseHeaders().add("Content-Range", "bytes 5-9/" + big.length);
            exchange.sendResponseHeaders(206, 5);
            exchange.getResponseBody().write(big, 5, 5);
          } else {
            sendFrom(exchange, big);
          }
        };
    download().to(target, bytes -> {});
    assertComplete();
  }

  @Test
  void anUnsatisfiableRangeStartsAgain() throws IOException {
    answer =
        (exchange, request) -> {
          if (request == 0) {
            drop(exchange, big, 100_000);
          } else if (PartialContent.start(exchange) > 0) {
            exchange.sendResponseHeaders(416, -1);
          } else {
            sendFrom(exchange, big);
          }
        };
    download().to(target, bytes -> {});
    assertComplete();
  }

  @Test
  void shortFilesAreRefusedBeforeTheyAreRead() throws IOException {
    answer = (exchange, request) -> sendFrom(exchange, Arrays.copyOf(big, 600_000));
    String message = failure(download());
    assertTrue(message.contains("the source has 600,000 bytes, the model's file 700,000"), message);
    assertEquals(1, requests.get());
    assertNothingButParts();
  }

  @Test
  void anAnswerWithoutALengthThatEndsEarlyOrLateIsRefused() throws IOException {
    for (int length : new int[] {600_000, 800_000}) {
      answer =
          (exchange, request) -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(Arrays.copyOf(big, length));
          };
      String message = failure(download());
      assertTrue(message.contains(length < BIG_BYTES ? "ended after" : "has more bytes"), message);
      assertNothingButParts();
    }
  }

  @Test
  void wrongBytesAreThrownAway() throws IOException {
    byte[] wrong = big.clone();
    wrong[650_000] ^= 1;
    answer = (exchange, request) -> sendFrom(exchange, wrong);
    String message = failure(download());
    assertTrue(message.contains("SHA-256") && message.contains("Nothing of it was kept"), message);
    assertFalse(Files.exists(target.resolve("." + BIG + ".part")));
    assertNothingButParts();
  }

  @Test
  void whatAnotherSourceLeftIsThrownAwayOnce() throws IOException {
    Files.createDirectories(target);
    byte[] other = new byte[300_000];
    Files.write(target.resolve("." + BIG + ".part"), other);
    download().to(target, bytes -> {});
    assertComplete();
    assertEquals(List.of("bytes=300000-", "null"), ranges);
  }

  @Test
  void aWholePartIsPutIntoItsPlaceWithoutARequest() throws IOException {
    Files.createDirectories(target);
    Files.write(target.resolve("." + BIG + ".part"), big);
    download().to(target, bytes -> {});
    assertComplete();
    assertEquals(0, requests.get());
  }

  @Test
  void redirectsAreFollowedAndLoopsEnd() throws IOException {
    ModelDownload.of(manifest).from(address("elsewhere")).with(IMPATIENT).to(target, bytes -> {});
    assertComplete();
    String message =
        failure(
            ModelDownload.of(manifest).from(address("loop")).with(IMPATIENT),
            folder.resolve("other"));
    assertTrue(message.contains("302") || message.contains("redirect"), message);
  }

  @Test
  void refusalsAreSaidAndNotRepeated() throws IOException {
    Map<Integer, String> statuses =
        Map.of(401, "account", 403, "forbids", 404, "does not have the file", 418, "answers 418");
    for (Map.Entry<Integer, String> status : statuses.entrySet()) {
      requests.set(0);
      answer = (exchange, request) -> exchange.sendResponseHeaders(status.getKey(), -1);
      String message = failure(download());
      assertTrue(message.contains(status.getValue()), message);
      assertTrue(message.startsWith(BIG), message);
      assertEquals(1, requests.get());
      assertNothingButParts();
    }
  }

  @Test
  void aBusyServerIsAskedAgainWhenItSays() throws IOException {
    answer =
        (exchange, request) -> {
          if (request == 0) {
            exchange.getResponseHeaders().add("Retry-After", "86400");
            exchange.sendResponseHeaders(429, -1);
          } else if (request < 3) {
            exchange.sendResponseHeaders(500, -1);
          } else {
            sendFrom(exchange, big);
          }
        };
    download().to(target, bytes -> {});
    assertComplete();
    answer = (exchange, request) -> exchange.sendResponseHeaders(500, -1);
    requests.set(0);
    String message = failure(download(), folder.resolve("other"));
    assertTrue(message.contains("it has a problem"), message);
    assertEquals(1 + IMPATIENT.retries(), requests.get());
  }

  @Test
  void aStalledConnectionIsGivenUpAndTriedAgain() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    answer =
        (exchange, request) -> {
          if (request == 0) {
            drop(exchange, big, 200_000);
            await(end);
          } else {
            sendFrom(exchange, big);
          }
        };
    download().to(target, bytes -> {});
    end.countDown();
    assertComplete();
    assertTrue(requests.get() >= 2, requests + " requests");
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUp() throws IOException {
    CountDownLatch end = new CountDownLatch(1);
    answer =
        (exchange, request) -> {
          await(end);
          sendFrom(exchange, big);
        };
    ModelDownload once =
        download().with(new Patience(0, 1, Duration.ZERO, Duration.ZERO, Duration.ofMillis(300)));
    assertTrue(failure(once).contains("does not answer"));
    end.countDown();
    assertNothingButParts();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void pagesAndPointersInsteadOfTheFileAreNamed() throws IOException {
    Map<String, String> contents =
        Map.of(
            "<!DOCTYPE html><html>Sign in</html>", "is a web page",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                "Git-LFS pointer");
    for (Map.Entry<String, String> content : contents.entrySet()) {
      answer =
          (exchange, request) ->
              sendFrom(exchange, content.getKey().getBytes(StandardCharsets.UTF_8));
      String message = failure(download());
      assertTrue(message.contains(content.getValue()), message);
      assertNothingButParts();
    }
  }

  @Test
  void foldersAndFileAddressesAreSourcesToo() throws IOException {
    Path source = Files.createDirectories(folder.resolve("source"));
    Files.write(source.resolve(BIG), big);
    for (ModelFile file : manifest.files()) {
      if (file.isNeeded() && !file.path().equals(BIG)) {
        Files.write(source.resolve(file.path()), small(file.path()));
      }
    }
    ModelDownload.of(manifest).from(source.toString()).to(target, bytes -> {});
    assertComplete();
    Path other = folder.resolve("other");
    Files.createDirectories(other);
    Files.write(other.resolve("." + BIG + ".part"), Arrays.copyOf(big, 123_456));
    ModelDownload.of(manifest).from(source.toUri().toString()).to(other, bytes -> {});
    assertArrayEquals(big, Files.readAllBytes(other.resolve(BIG)));
    Files.delete(source.resolve(BIG));
    String message =
        failure(ModelDownload.of(manifest).from(source.toString()), folder.resolve("third"));
    assertTrue(message.startsWith(BIG + ": there is no "), message);
    for (String nonsense : List.of("nowhere", "ftp://example.org/", "file:relative")) {
      assertThrows(
          IOException.class,
          () -> ModelDownload.of(manifest).from(nonsense).to(folder.resolve("x"), bytes -> {}));
    }
    assertTrue(
        failure(ModelDownload.of(manifest), folder.resolve("x")).contains("does not say where"));
  }

  @Test
  void anotherFileInThePlaceIsReplacedOnlyOnRequest() throws IOException {
    Files.createDirectories(target);
    Files.writeString(target.resolve("config.json"), "mine");
    String message = failure(download());
    assertTrue(message.contains("config.json is there, but is not the file of m"), message);
    assertEquals("mine", Files.readString(target.resolve("config.json")));
    assertEquals(0, requests.get());
    download().replacing().to(target, bytes -> {});
    assertComplete();
  }

  @Test
  void twoDownloadsIntoOneFolderDoNotMix() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    answer =
        (exchange, request) -> {
          begun.countDown();
          await(end);
          sendFrom(exchange, big);
        };
    ModelDownload patient =
        download().with(new Patience(0, 1, Duration.ZERO, Duration.ZERO, Duration.ofSeconds(30)));
    try (var executor = Executors.newSingleThreadExecutor()) {
      var first = executor.submit(() -> patient.to(target, bytes -> {}));
      begun.await();
      assertTrue(failure(download()).contains("Another download"));
      end.countDown();
      first.get();
    }
    assertComplete();
  }

  @Test
  void anInterruptedThreadStopsAndTheNextRunGoesOn() throws Exception {
    answer =
        (exchange, request) -> {
          drop(exchange, big, 300_000);
          if (request > 0) {
            return;
          }
          await(new CountDownLatch(1));
        };
    Thread thread =
        new Thread(() -> failureQuietly(new ModelDownload[] {download().with(Patience.DEFAULT)}));
    thread.start();
    Path part = target.resolve("." + BIG + ".part");
    while (!Files.exists(part) || Files.size(part) < 300_000) {
      Thread.sleep(5);
    }
    thread.interrupt();
    thread.join(10_000);
    assertFalse(thread.isAlive());
    assertNothingButParts();
    answer = (exchange, request) -> sendFrom(exchange, big);
    download().to(target, bytes -> {});
    assertComplete();
    assertEquals("bytes=300000-", ranges.getLast());
  }

  private void failureQuietly(ModelDownload[] download) {
    try {
      download[0].to(target, bytes -> {});
    } catch (IOException e) {
      // Expected.
    }
  }

  @Test
  void proxiesOfTheEnvironmentAreUsed() throws IOException {
    ProxyVariables none = ProxyVariables.of(Map.of("PATH", "x", "http_proxy", " "));
    assertTrue(none.isEmpty());
    ProxyVariables some =
        ProxyVariables.of(
            Map.of(
                "HTTPS_PROXY", "http://user:secret@proxy.example:3128",
                "http_proxy", "other.example",
                "no_proxy", "localhost, .internal.example,10.0.0.1:80"));
    assertEquals(
        "proxy.example:3128",
        some.select(URI.create("https://a.example/x"))
            .getFirst()
            .address()
            .toString()
            .replaceAll("/.*:", ":"));
    assertTrue(
        some.select(URI.create("http://a.example/x"))
            .getFirst()
            .toString()
            .contains("other.example"));
    for (String direct :
        List.of("http://localhost/", "https://x.internal.example/", "http://10.0.0.1/")) {
      assertEquals(Proxy.NO_PROXY, some.select(URI.create(direct)).getFirst(), direct);
    }
    assertEquals("user", some.credentials().orElseThrow().getUserName());
    assertThrows(
        IllegalArgumentException.class,
        () -> ProxyVariables.of(Map.of("all_proxy", "socks5://a.example")));
  }

  private String failure(ModelDownload download) {
    return failure(download, target);
  }

  private static String failure(ModelDownload download, Path to) {
    String message =
        assertThrows(IOException.class, () -> download.to(to, bytes -> {})).getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  private void assertComplete() throws IOException {
    assertArrayEquals(big, Files.readAllBytes(target.resolve(BIG)));
    for (String name : List.of("config.json", "sparse_linear.pt", "tokenizer.json")) {
      assertArrayEquals(small(name), Files.readAllBytes(target.resolve(name)));
    }
    try (Stream<Path> files = Files.list(target)) {
      assertEquals(
          List.of(ModelManifest.FILE_NAME, BIG, "config.json", "sparse_linear.pt", "tokenizer.json")
              .stream()
              .sorted()
              .toList(),
          files.map(path -> path.getFileName().toString()).sorted().toList());
    }
  }

  /** Nothing is there under the name of a model's file, but for whole ones that came before. */
  private void assertNothingButParts() throws IOException {
    assertFalse(Files.exists(target.resolve(ModelManifest.FILE_NAME)));
    try (Stream<Path> files = Files.list(target)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (!name.startsWith(".") || !name.endsWith(".part")) {
          assertFalse(name.equals(BIG));
          assertArrayEquals(small(name), Files.readAllBytes(file));
        }
      }
    }
  }
}
