/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Sends documents in bulk requests, several at a time, bounded by their bytes: who adds faster than
 * the cluster takes has to wait. What the cluster cannot take now is sent again with growing waits,
 * only the documents that are concerned. Used by one thread.
 *
 * <p>Two documents of one id are never under way at once, so that the later one always stays.
 */
final class BulkWriter implements AutoCloseable {

  private static final int BATCH_BYTES = 2 << 20;
  private static final int BATCH_DOCUMENTS = 2_000;

  /** Where texts are slow to encode, a batch does not wait until it is full. */
  private static final long OLDEST_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final int BYTES_UNDER_WAY = 16 << 20;
  private static final int SHOWN_FAILURES = 5;

  private final ClusterClient client;
  private final ClusterAddress address;
  private final Duration patience;
  private final Semaphore bytes = new Semaphore(BYTES_UNDER_WAY);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Deque<Batch> underWay = new ArrayDeque<>();
  private final Set<String> ids = new HashSet<>();
  private Batch current = new Batch();
  private Map<String, String> acknowledged;
  private long documents;

  BulkWriter(ClusterClient client, ClusterAddress address, Duration patience) {
    this.client = client;
    this.address = address;
    this.patience = patience;
  }

  /** One document: the two lines of a bulk request. */
  private record Operation(String id, byte[] lines) {}

  private static final class Batch {
    private final List<Operation> operations = new ArrayList<>();
    private final long begun = System.nanoTime();
    private int size;
    private Map<String, String> note;
    private Future<?> outcome;

    /** The permits that it takes: no more than there are, however large its only document is. */
    int permits() {
      return Math.min(size, BYTES_UNDER_WAY);
    }
  }

  /**
   * Adds a document; waits if too much is under way.
   *
   * @param lines the action and the source, each with its line end
   * @throws IOException if an earlier document could not be written
   */
  void add(String id, byte[] lines) throws IOException {
    collect();
    if (!ids.add(id)) {
      drain();
      ids.add(id);
    }
    current.operations.add(new Operation(id, lines));
    current.size += lines.length;
  }

  /**
   * Everything up to here is added; sends it if it is enough.
   *
   * @param note says so; asked only if needed
   */
  void mark(Supplier<Map<String, String>> note) throws IOException {
    if (current.size >= BATCH_BYTES
        || current.operations.size() >= BATCH_DOCUMENTS
        || !current.operations.isEmpty() && System.nanoTime() - current.begun > OLDEST_NANOS) {
      current.note = note.get();
      send();
    }
  }

  private void send() throws IOException {
    Batch batch = current;
    try {
      while (!bytes.tryAcquire(batch.permits())) {
        await(underWay.peekFirst());
        collect();
      }
    } catch (InterruptedException e) {
      throw ClusterClient.interrupted(e);
    }
    current = new Batch();
    underWay.add(batch);
    batch.outcome =
        threads.submit(
            () -> {
              write(batch.operations);
              return null;
            });
  }

  /** Takes out the batches at the head that are done; after a failure nothing moves on. */
  private void collect() throws IOException {
    while (!underWay.isEmpty() && underWay.peekFirst().outcome.isDone()) {
      try {
        await(underWay.peekFirst());
      } catch (InterruptedException e) {
        throw ClusterClient.interrupted(e);
      }
      Batch done = underWay.remove();
      bytes.release(done.permits());
      documents += done.operations.size();
      done.operations.forEach(operation -> ids.remove(operation.id()));
      if (done.note != null) {
        acknowledged = done.note;
      }
    }
  }

  private static void await(Batch batch) throws IOException, InterruptedException {
    try {
      batch.outcome.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Sends what is added and waits until the cluster has acknowledged all of it. */
  void drain() throws IOException {
    if (!current.operations.isEmpty()) {
      send();
    }
    try {
      while (!underWay.isEmpty()) {
        await(underWay.peekFirst());
        collect();
      }
    } catch (InterruptedException e) {
      throw ClusterClient.interrupted(e);
    }
  }

  /** The latest note before which everything is acknowledged; null if there is none. */
  Map<String, String> acknowledged() {
    return acknowledged;
  }

  /** Number of documents that the cluster has acknowledged. */
  long documents() {
    return documents;
  }

  private void write(List<Operation> operations) throws IOException {
    Backoff backoff = new Backoff(patience);
    List<Operation> left = operations;
    while (true) {
      Duration asked = null;
      ClusterException problem;
      try {
        Answer answer =
            client.ask("POST", client.path("_bulk"), body(left), "application/x-ndjson");
        if (answer.status() == 413 && left.size() > 1) {
          // A proxy before the cluster may take less than the cluster.
          write(left.subList(0, left.size() / 2));
          write(left.subList(left.size() / 2, left.size()));
          return;
        }
        asked = answer.retryAfter();
        if (answer.isGood()) {
          Rejected rejected = rejected(client.checked(answer), left);
          if (rejected.operations().isEmpty()) {
            return;
          }
          if (rejected.operations().size() < left.size()) {
            backoff.reset();
          }
          left = rejected.operations();
          problem = rejected.problem();
        } else {
          problem =
              client.refused(
                  "write document \"%s\"%s"
                      .formatted(left.getFirst().id(), left.size() > 1 ? " and others" : ""),
                  answer.isPassing() ? answer : client.checked(answer));
          if (!answer.isPassing()) {
            throw problem;
          }
        }
      } catch (ClusterException e) {
        throw e;
      } catch (IOException e) {
        problem = client.unreachable(e);
      } catch (InterruptedException e) {
        throw ClusterClient.interrupted(e);
      }
      try {
        if (!backoff.pause(asked)) {
          throw problem;
        }
      } catch (InterruptedException e) {
        throw ClusterClient.interrupted(e);
      }
    }
  }

  private static byte[] body(List<Operation> operations) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    operations.forEach(operation -> body.writeBytes(operation.lines()));
    return body.toByteArray();
  }

  /**
   * The documents that are to be sent again.
   *
   * @param problem why; null if there are none
   */
  private record Rejected(List<Operation> operations, ClusterException problem) {}

  /**
   * Goes through the answer, item by item.
   *
   * @throws ClusterException if documents were refused for good
   */
  private Rejected rejected(Answer answer, List<Operation> sent) throws ClusterException {
    JsonNode items = answer.body().path("items");
    if (items.size() != sent.size()) {
      throw new ClusterException(
          String.format(
              Locale.ROOT,
              "The cluster was sent %d documents and answers for %d: %s",
              sent.size(),
              items.size(),
              answer.beginning()));
    }
    List<Operation> again = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    String last = "";
    for (int i = 0; i < sent.size(); i++) {
      JsonNode item = items.get(i).path("index");
      int status = item.path("status").asInt();
      JsonNode error = item.path("error");
      if (status >= 200 && status < 300) {
        continue;
      }
      if (Answer.isReadOnly(error)) {
        throw client.readOnly(Answer.reason(error));
      }
      if (Answer.isPassing(status)) {
        again.add(sent.get(i));
        last = Answer.reason(error);
      } else {
        refused.add("document \"%s\": %s".formatted(sent.get(i).id(), Answer.reason(error)));
      }
    }
    if (!refused.isEmpty()) {
      throw new ClusterException(
          String.format(
              Locale.ROOT,
              "Index %s refuses %d of %d documents:%n  %s%nCorrect or remove them, and go on.",
              address,
              refused.size(),
              sent.size(),
              shown(refused)));
    }
    return again.isEmpty()
        ? new Rejected(again, null)
        : new Rejected(
            again,
            new ClusterException(
                String.format(
                    Locale.ROOT,
                    "Index %s still does not take %d documents, the first of them \"%s\": %s. Give the cluster time or room, and go on.",
                    address,
                    again.size(),
                    again.getFirst().id(),
                    last)));
  }

  private static String shown(List<String> refused) {
    String first =
        String.join(
            "%n  ".formatted(), refused.subList(0, Math.min(SHOWN_FAILURES, refused.size())));
    return refused.size() <= SHOWN_FAILURES
        ? first
        : first + String.format(Locale.ROOT, "%n  and %d more", refused.size() - SHOWN_FAILURES);
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
