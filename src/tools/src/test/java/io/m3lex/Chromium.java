/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A Chromium without a window, for tests of pages: driven over the DevTools protocol, with a
 * profile of its own that is deleted when it is closed. It shows one page at a time. For one
 * thread.
 */
public final class Chromium implements AutoCloseable {

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final long PATIENCE_SECONDS = 60;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path profile;
  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();

  private Chromium(Path program) throws IOException {
    profile = Files.createTempDirectory("m3lex-chromium");
    process =
        new ProcessBuilder(
                program.toString(),
                "--headless",
                // Chromium's sandbox refuses to run as root, which containers do.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(profile.resolve("m3lex-output.txt").toFile())
            .start();
    try {
      socket = connect();
      for (String domain : List.of("Runtime", "Log", "Network", "Page")) {
        send(domain + ".enable", MAPPER.createObjectNode());
      }
    } catch (IOException | RuntimeException e) {
      end();
      throw e;
    }
  }

  /** The browser of this machine, if there is one: the first of the usual names on the PATH. */
  public static Optional<Path> find() {
    String path = System.getenv("PATH");
    return NAMES.stream()
        .flatMap(
            name ->
                Stream.of((path == null ? "" : path).split(File.pathSeparator))
                    .filter(folder -> !folder.isEmpty())
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts a browser.
   *
   * @param program as {@link #find()} gives it
   * @throws IOException if it does not start; the message has its output
   */
  public static Chromium start(Path program) throws IOException {
    return new Chromium(program);
  }

  /** Loads a page and waits until it has loaded. Problems and requests start anew. */
  public void open(URI page) throws IOException {
    problems.clear();
    requests.clear();
    loaded = new CompletableFuture<>();
    JsonNode answer = send("Page.navigate", MAPPER.createObjectNode().put("url", page.toString()));
    if (answer.has("errorText")) {
      throw new IOException(page + ": " + answer.get("errorText").asText());
    }
    await(loaded, "loading " + page);
  }

  /**
   * The value of a script; it is awaited if it is a promise.
   *
   * @throws IOException if the script throws
   */
  public JsonNode evaluate(String script) throws IOException {
    JsonNode answer =
        send(
            "Runtime.evaluate",
            MAPPER
                .createObjectNode()
                .put("expression", script)
                .put("returnByValue", true)
                .put("awaitPromise", true));
    if (answer.has("exceptionDetails")) {
      throw new IOException(script + ": " + answer.get("exceptionDetails"));
    }
    return answer.path("result").path("value");
  }

  /** Presses and releases a key, for instance {@code Tab} or {@code ArrowRight}. */
  public void press(String key) throws IOException {
    for (String type : List.of("keyDown", "keyUp")) {
      send(
          "Input.dispatchKeyEvent",
          MAPPER.createObjectNode().put("type", type).put("key", key).put("code", key));
    }
  }

  /**
   * Sets what the page is shown on.
   *
   * @param width of the window, in CSS pixels
   * @param height of the window, in CSS pixels
   * @param dark whether the page is asked for dark colours
   */
  public void view(int width, int height, boolean dark) throws IOException {
    send(
        "Emulation.setDeviceMetricsOverride",
        MAPPER
            .createObjectNode()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", width < 600));
    ObjectNode media = MAPPER.createObjectNode();
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", dark ? "dark" : "light");
    send("Emulation.setEmulatedMedia", media);
    // What depends on the width is drawn in the next frames.
    evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
  }

  /**
   * A picture of the page as PNG.
   *
   * @param whole the whole page, not only the window
   */
  public byte[] screenshot(boolean whole) throws IOException {
    JsonNode answer =
        send(
            "Page.captureScreenshot",
            MAPPER.createObjectNode().put("format", "png").put("captureBeyondViewport", whole));
    return Base64.getDecoder().decode(answer.get("data").asText());
  }

  /** The page as it would be printed, as PDF. */
  public byte[] print() throws IOException {
    JsonNode answer = send("Page.printToPDF", MAPPER.createObjectNode());
    return Base64.getDecoder().decode(answer.get("data").asText());
  }

  /** Errors and warnings on the console, uncaught exceptions, and what the browser complains of. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** The addresses that were asked for since the page was opened, the page's own among them. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private WebSocket connect() throws IOException {
    Path port = profile.resolve("DevToolsActivePort");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      if (Files.exists(port)) {
        List<String> lines = Files.readAllLines(port);
        if (lines.size() >= 2) {
          return connect(Integer.parseInt(lines.getFirst()));
        }
      }
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException(
            "Chromium did not start: " + Files.readString(profile.resolve("m3lex-output.txt")));
      }
      pause();
    }
  }

  private WebSocket connect(int port) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build();
    try (InputStream body = client.send(request, BodyHandlers.ofInputStream()).body()) {
      for (JsonNode target : MAPPER.readTree(body)) {
        if (target.path("type").asText().equals("page")) {
          return client
              .newWebSocketBuilder()
              .buildAsync(URI.create(target.get("webSocketDebuggerUrl").asText()), new Messages())
              .join();
        }
      }
      throw new IOException("Chromium shows no page.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private JsonNode send(String method, ObjectNode parameters) throws IOException {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = MAPPER.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(message.toString(), true).join();
    JsonNode found = await(answer, method);
    if (found.has("error")) {
      throw new IOException(method + ": " + found.get("error"));
    }
    return found.path("result");
  }

  private static <T> T await(CompletableFuture<T> future, String what) throws IOException {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(what, e);
    } catch (java.util.concurrent.ExecutionException e) {
      throw new IOException(what, e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer within %d s: %s".formatted(PATIENCE_SECONDS, what), e);
    }
  }

  private void receive(JsonNode message) {
    if (message.has("id")) {
      CompletableFuture<JsonNode> answer = answers.remove(message.get("id").asInt());
      if (answer != null) {
        answer.complete(message);
      }
      return;
    }
    JsonNode event = message.path("params");
    switch (message.path("method").asText()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Network.requestWillBeSent" -> requests.add(event.at("/request/url").asText());
      case "Runtime.exceptionThrown" -> problems.add(event.get("exceptionDetails").toString());
      case "Runtime.consoleAPICalled" -> {
        if (List.of("error", "warning", "assert").contains(event.path("type").asText())) {
          problems.add(event.get("args").toString());
        }
      }
      case "Log.entryAdded" -> {
        if (List.of("error", "warning").contains(event.at("/entry/level").asText())) {
          problems.add(event.at("/entry/text").asText());
        }
      }
      default -> {
        // Of no concern to the tests.
      }
    }
  }

  /** Ends the browser and deletes its profile. */
  @Override
  public void close() throws IOException {
    socket.abort();
    client.close();
    end();
  }

  private void end() throws IOException {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
    delete();
  }

  private void delete() throws IOException {
    // Helper processes may still write for a moment.
    for (int attempt = 1; Files.exists(profile); attempt++) {
      try (Stream<Path> files = Files.walk(profile)) {
        List<Path> deepestFirst = new ArrayList<>(files.sorted(Comparator.reverseOrder()).toList());
        for (Path file : deepestFirst) {
          Files.deleteIfExists(file);
        }
      } catch (IOException | java.io.UncheckedIOException e) {
        if (attempt == 50) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Puts the parts of messages together. */
  private final class Messages implements WebSocket.Listener {

    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          receive(MAPPER.readTree(text.toString()));
        } catch (IOException e) {
          problems.add(e.toString());
        }
        text.setLength(0);
      }
      webSocket.request(1);
      return null;
    }
  }
}
