package io.m3lex.server;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Receives a request's body without a thread that waits for it, and stops where it becomes too
 * large.
 */
final class BodyReader implements Runnable {

  private static final int FIRST_BYTES = 512;

  private final Request request;
  private final int most;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(FIRST_BYTES);
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
      if (bytes.size() > most) {
        body.completeExceptionally(tooLarge(most));
      } else if (last) {
        body.complete(bytes.toByteArray());
      }
    }
  }

  private void take(ByteBuffer buffer) {
    byte[] part = new byte[buffer.remaining()];
    buffer.get(part);
    bytes.writeBytes(part);
  }

  static RequestException tooLarge(int most) {
    return new RequestException(413, "The body has more than %d bytes.".formatted(most));
  }
}
