/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.m3lex.SparseEncoder;
import io.m3lex.WordEncoder;
import io.m3lex.index.FillingDirectory;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full for a while. */
@Timeout(120)
class FullDiskTest {

  private static final String PUT = "{\"documents\": [{\"id\": \"%s\", \"text\": \"a pump\"}]}";

  @TempDir private Path folder;

  @Test
  void writingGoesOnWhenThereIsRoomAgain() throws Exception {
    SparseEncoder encoder = new WordEncoder();
    FillingDirectory disk = new FillingDirectory(folder);
    try (SparseIndexWriter writer = SparseIndexWriter.open(disk, "disk", encoder, 0);
        SparseIndex index = SparseIndex.open(folder, encoder);
        RunningServer server = RunningServer.of(index, writer, encoder)) {
      assertEquals(200, server.post("/documents", PUT.formatted("before")).status());
      assertEquals(200, server.get("/health").status());

      disk.fill();
      RunningServer.Reply full = server.post("/documents", PUT.formatted("full"));
      assertEquals(503, full.status());
      assertTrue(
          full.message()
              .matches("Nothing of this request was written. .*No space left on device.*"),
          full.message());
      RunningServer.Reply health = server.get("/health");
      assertEquals(503, health.status());
      assertTrue(
          health.message().matches("The index cannot be written.*: .*No space left on device.*"),
          health.message());
      assertEquals(200, server.get("/health/live").status());
      assertEquals(200, server.get("/health/ready").status());
      assertTrue(
          server.get("/metrics").response().body().contains("m3lex_index_writing_broken 1.0"));
      assertEquals(503, server.send("DELETE", "/documents/before", null, null).status());
      assertEquals(1, hits(server));

      disk.clear();
      assertEquals(200, server.post("/documents", PUT.formatted("after")).status());
      assertEquals(200, server.get("/health").status());
      assertEquals(2, hits(server));
      assertEquals(404, server.get("/documents/full").status());
      assertEquals(200, server.get("/documents/before").status());
    }
  }

  /** An error that no request is told of. */
  @Test
  void healthIsToldOfErrorsInTheBackgroundAndMendsThem() throws Exception {
    SparseEncoder encoder = new WordEncoder();
    FillingDirectory disk = new FillingDirectory(folder);
    try (SparseIndexWriter writer = SparseIndexWriter.open(disk, "disk", encoder, 0);
        SparseIndex index = SparseIndex.open(folder, encoder);
        RunningServer server = RunningServer.of(index, writer, encoder)) {
      for (String id : new String[] {"1", "2"}) {
        assertEquals(200, server.post("/documents", PUT.formatted(id)).status());
      }
      disk.fill();
      requireFull(writer::mergeToOneSegment);
      requireFull(() -> writer.put(SparseDocument.of("3", "a pump")));
      requireFull(() -> writer.put(SparseDocument.of("4", "a pump")));
      requireFull(writer::commit);
      requireFull(writer::openIndex);
      requireFull(writer::documents);
      requireFull(writer::recover);
      assertTrue(writer.failure().isPresent());
      while (server.get("/health").status() != 503) {
        Thread.sleep(20);
      }
      disk.clear();
      while (server.get("/health").status() != 200) {
        Thread.sleep(20);
      }
      assertEquals(2, hits(server));
    }
  }

  private static void requireFull(Executable work) {
    IOException e = assertThrows(IOException.class, work);
    assertTrue(
        e.getMessage().startsWith("Index disk")
            && e.getMessage().contains("No space left on device"),
        e.getMessage());
  }

  private static int hits(RunningServer server) throws Exception {
    return server.post("/search", "{\"query\": \"pump\"}").body().get("hits").size();
  }
}
