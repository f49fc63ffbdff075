/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Receives a request's body without a thread that waits for it. What is too large is received on
 * without being kept, up to a limit: a client that is still sending when the connection is closed
 * would not get to see why.
 */
final class BodyReader implements Runnable {

  private static final int FIRST_BYTES = 512;

  /** Bytes beyond what is kept that are still received. */
  private static final int DISCARDED = 16 << 20;

  private final Request request;
  private final int most;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIRST_BYTES);
  private long received;
  private final CompletableFuture<byte[]> body = new CompletableFuture<>();

  private BodyReader(Request request, int most) {
    this.request = request;
    this.most = most;
  }

  /**
   * Begins to receive.
   *
   * @param most bytes at most
   * @return fails with a {@link RequestException} if there are more
   */
  static CompletableFuture<byte[]> read(Request request, int most) {
    BodyReader reader = new BodyReader(request, most);
    if (request.getLength() > most + (long) DISCARDED) {
      reader.body.completeExceptionally(tooLarge(most));
    }
    reader.run();
    return reader.body;
  }

  @Override
  public void run() {
    while (!body.isDone()) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        body.completeExceptionally(
            chunk.getFailure() == null ? new EOFException() : chunk.getFailure());
        return;
      }
      take(chunk.getByteBuffer());
      boolean last = chunk.isLast();
      chunk.release();
      if (received > most && (last || received > most + (long) DISCARDED)) {
        body.completeExceptionally(tooLarge(most));
      } else if (last) {
        body.complete(bytes.toByteArray());
      }
    }
  }

  private void take(ByteBuffer buffer) {
    received += buffer.remaining();
    if (received <= most) {
      byte[] part = new byte[buffer.remaining()];
      buffer.get(part);
      bytes.writeBytes(part);
    }
  }

  private static RequestException tooLarge(int most) {
    return new RequestException(
        413, String.format(Locale.ROOT, "The body has more than %d bytes.", most));
  }
}
