/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Where files are downloaded from: a server in Hugging Face's layout, or a folder. */
abstract sealed class DownloadSource implements AutoCloseable {

  private DownloadSource() {}

  /**
   * The source at an address.
   *
   * @param address of http or https, a file: address, or the name of a folder
   * @throws IOException if it is none of these
   */
  static DownloadSource at(String address, Patience patience) throws IOException {
    if (address.matches("(?i)https?://.*")) {
      return new Server(address.endsWith("/") ? address : address + "/", patience);
    }
    try {
      Path folder =
          address.matches("(?i)file:.*") ? Path.of(URI.create(address)) : Path.of(address);
      if (Files.isDirectory(folder)) {
        return new Folder(folder);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException("%s is no address: %s.".formatted(address, e.getMessage()), e);
    }
    throw new IOException(
        "%s is neither a folder nor an address of http, https or file.".formatted(address));
  }

  /**
   * Begins to read a file.
   *
   * @param path of the file
   * @param offset of the first byte wanted; the source may begin with the first one all the same
   * @throws DownloadException if the answer is no file
   * @throws IOException if there is no answer
   */
  abstract Answer open(String path, long offset) throws IOException;

  @Override
  public void close() {}

  /**
   * The content of a file, or the end of it.
   *
   * @param offset of the first byte in the file
   * @param size of the whole file, if the source says so
   */
  record Answer(InputStream stream, long offset, OptionalLong size) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  private static final class Folder extends DownloadSource {
    private final Path folder;

    Folder(Path folder) {
      this.folder = folder;
    }

    @Override
    Answer open(String path, long offset) throws IOException {
      Path file = folder.resolve(path);
      try {
        long size = Files.size(file);
        InputStream stream = Files.newInputStream(file);
        stream.skipNBytes(Math.min(offset, size));
        return new Answer(stream, Math.min(offset, size), OptionalLong.of(size));
      } catch (NoSuchFileException | FileNotFoundException e) {
        throw DownloadException.permanent("there is no " + file);
      }
    }
  }

  private static final class Server extends DownloadSource {
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-(\\d+)/(\\d+|\\*)");

    private final String base;
    private final Patience patience;
    private final HttpClient client;

    Server(String base, Patience patience) {
      this.base = base;
      this.patience = patience;
      ProxyVariables variables = ProxyVariables.of(System.getenv());
      HttpClient.Builder builder =
          HttpClient.newBuilder()
              .connectTimeout(patience.stall())
              // Not from https to http.
              .followRedirects(HttpClient.Redirect.NORMAL)
              .proxy(variables.isEmpty() ? ProxySelector.getDefault() : variables);
      variables
          .credentials()
          .ifPresent(
              credentials ->
                  builder.authenticator(
                      new Authenticator() {
                        @Override
                        protected PasswordAuthentication getPasswordAuthentication() {
                          return getRequestorType() == RequestorType.PROXY ? credentials : null;
                        }
                      }));
      client = builder.build();
    }

    @Override
    Answer open(String path, long offset) throws IOException {
      String encoded =
          Arrays.stream(path.split("/"))
              .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
              .collect(Collectors.joining("/"));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(base + encoded)).header("User-Agent", "m3lex");
      if (offset > 0) {
        request.header("Range", "bytes=" + offset + "-");
      }
      HttpResponse<InputStream> response = response(request.build());
      try {
        return answer(response, offset);
      } catch (IOException e) {
        response.body().close();
        throw e;
      }
    }

    /** Waits for the head of an answer; a request's own timeout may cover its body as well. */
    private HttpResponse<InputStream> response(HttpRequest request) throws IOException {
      CompletableFuture<HttpResponse<InputStream>> answer =
          client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
      try {
        return answer.get(patience.stall().toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        answer.cancel(true);
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      } catch (TimeoutException e) {
        answer.cancel(true);
        throw DownloadException.temporary(request.uri() + " does not answer", Duration.ZERO);
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
      }
    }

    private static Answer answer(HttpResponse<InputStream> response, long offset)
        throws IOException {
      HttpHeaders headers = response.headers();
      int status = response.statusCode();
      if (status == 200) {
        return new Answer(response.body(), 0, headers.firstValueAsLong("Content-Length"));
      }
      if (status == 206) {
        Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
        if (!range.matches()) {
          throw DownloadException.restart("the server sends a part without saying which");
        }
        OptionalLong size =
            range.group(3).equals("*")
                ? OptionalLong.empty()
                : OptionalLong.of(Long.parseLong(range.group(3)));
        if (Long.parseLong(range.group(1)) != offset) {
          throw DownloadException.restart(
              String.format(
                  Locale.ROOT,
                  "the server sends the part from byte %s, asked for that from byte %d",
                  range.group(1),
                  offset));
        }
        return new Answer(response.body(), offset, size);
      }
      throw refusal(response.uri(), status, headers);
    }

    private static DownloadException refusal(URI address, int status, HttpHeaders headers) {
      String answer = String.format(Locale.ROOT, "%s answers %d", address, status);
      return switch (status) {
        case 301, 302, 303, 307, 308 ->
            DownloadException.permanent(
                "%s and sends us to %s, which is refused (from https to http, or too often)"
                    .formatted(answer, headers.firstValue("Location").orElse("nowhere")));
        case 401, 403 ->
            DownloadException.permanent(
                answer + ": it wants an account or forbids access; name a mirror with --from");
        case 404, 410 ->
            DownloadException.permanent(answer + ": it does not have the file; is --from right?");
        case 416 -> DownloadException.restart(answer + ": it has no such part");
        case 429, 500, 502, 503, 504 ->
            DownloadException.temporary(
                answer + (status == 429 ? ": too many requests" : ": it has a problem"),
                retryAfter(headers));
        default -> DownloadException.permanent(answer);
      };
    }

    private static Duration retryAfter(HttpHeaders headers) {
      String seconds = headers.firstValue("Retry-After").orElse("");
      return seconds.matches("[0-9]{1,6}")
          ? Duration.ofSeconds(Long.parseLong(seconds))
          : Duration.ZERO;
    }

    @Override
    public void close() {
      client.shutdownNow();
    }
  }
}
