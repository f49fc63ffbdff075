/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseEncoder;
import io.m3lex.WordEncoder;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.lucene.index.IndexWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An index that another is copied over while it is served: health tells before a search does. */
@Timeout(120)
class OverwrittenIndexHealthTest {

  private static final String PUT = "{\"documents\": [{\"id\": \"new\", \"text\": \"a pump\"}]}";

  @TempDir private Path folder;

  private final SparseEncoder ours = new WordEncoder("ours", 0);
  private final SparseEncoder theirs = new WordEncoder("theirs", 3);

  private Path build(String name, SparseEncoder encoder) throws IOException {
    Path index = folder.resolve(name);
    try (SparseIndexWriter writer = SparseIndexWriter.open(index, encoder)) {
      for (int i = 0; i < 50; i++) {
        writer.put(SparseDocument.of(name + i, "a pump " + i));
      }
      writer.commit();
    }
    return index;
  }

  /** Keeps the files of the same names and changes what is in them, as {@code cp} does. */
  private static void copyOver(Path from, Path to) throws IOException {
    for (Path file : files(from)) {
      Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
    }
    for (Path file : files(to)) {
      if (!Files.exists(from.resolve(file.getFileName()))) {
        Files.delete(file);
      }
    }
  }

  private static List<Path> files(Path index) throws IOException {
    try (Stream<Path> files = Files.list(index)) {
      return files.filter(file -> !file.endsWith(IndexWriter.WRITE_LOCK_NAME)).toList();
    }
  }

  @Test
  void healthTellsOfAnotherModelsIndexAndOfTheRightOneThatFollows() throws Exception {
    Path open = build("open", ours);
    try (RunningServer server = RunningServer.of(SparseIndex.open(open, ours), null, ours)) {
      assertEquals(200, server.get("/health").status());
      copyOver(build("foreign", theirs), open);
      for (String path : List.of("/health", "/health/ready")) {
        RunningServer.Reply reply = server.get(path);
        assertEquals(503, reply.status(), path);
        assertTrue(
            reply.message().matches("The index cannot be searched: .* was overwritten .*"),
            reply.message());
      }
      assertEquals(200, server.get("/health/live").status());
      // When the server has looked at what lies there, it says what that is.
      while (!server.get("/health").message().contains("cannot be taken: ")) {
        Thread.sleep(20);
      }
      String message = server.get("/health").message();
      assertTrue(message.contains("theirs") && message.contains("ours"), message);
      assertTrue(
          message.endsWith(" Put the right index back, or restart the server with it."), message);

      copyOver(build("right", ours), open);
      while (server.get("/health").status() != 200) {
        Thread.sleep(20);
      }
      assertEquals(200, server.get("/health/ready").status());
      assertEquals(200, server.get("/documents/right1").status());
    }
  }

  @Test
  void serverThatWritesLeavesWhatWasCopiedAlone() throws Exception {
    Path open = build("open", ours);
    try (RunningServer server =
        RunningServer.of(SparseIndex.open(open, ours), SparseIndexWriter.open(open, ours), ours)) {
      assertEquals(200, server.post("/documents", PUT).status());
      Path right = build("right", ours);
      copyOver(right, open);
      assertRefused(server.post("/documents", PUT));
      while (server.get("/health/ready").status() != 200) {
        Thread.sleep(20);
      }
      assertEquals(200, server.get("/documents/right1").status());
      assertRefused(server.post("/documents", PUT));
      assertRefused(server.send("DELETE", "/documents/right1", null, null));
      RunningServer.Reply health = server.get("/health");
      assertEquals(503, health.status());
      assertTrue(
          health.message().startsWith("The index is written no more, until the server is started"),
          health.message());
      assertTrue(
          server.get("/metrics").response().body().contains("m3lex_index_writing_broken 1.0"));
      try (SparseIndex index = SparseIndex.open(open, ours)) {
        assertEquals(50, index.statistics().documents());
      }
    }
  }

  private static void assertRefused(RunningServer.Reply reply) {
    assertEquals(503, reply.status());
    assertTrue(
        reply.message().startsWith("Nothing of this request was written. The index is written no"),
        reply.message());
  }
}
