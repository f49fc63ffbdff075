/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.failures;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.m3lex.SparseVector;
import io.m3lex.WordEncoder;
import io.m3lex.failures.FailureMode.Refused;
import io.m3lex.failures.FailureMode.Step;
import io.m3lex.failures.FailureMode.Theme;
import io.m3lex.index.SparseDocument;
import io.m3lex.opensearch.ClusterAddress;
import io.m3lex.opensearch.ClusterCredentials;
import io.m3lex.opensearch.ClusterIndex;
import io.m3lex.opensearch.ClusterIndexWriter;
import io.m3lex.opensearch.ClusterSettings;
import io.m3lex.opensearch.StandInCluster;
import io.m3lex.opensearch.plugin.DocumentOfNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What others do to an index in a cluster, while a program has it open. */
final class ClusterFailures {

  private static final ClusterSettings SETTINGS =
      new ClusterSettings(1, 0, true, Duration.ofSeconds(5));
  private static final WordEncoder MODEL = new WordEncoder();
  private static final WordEncoder OTHER = new WordEncoder("new head", 0);

  private ClusterFailures() {}

  static Theme theme() {
    Open searched = new Open(OTHER);
    Open drifted = new Open(new WordEncoder("words", 0.5f));
    Writing written = new Writing();
    return new Theme(
        "Clusters",
        List.of(
            new Refused(
                "An index is deleted and made anew with another model",
                "The program that searches it has read its mapping when it began.",
                bench -> searched.replace(),
                searched,
                "file:head: expected new head, found words"),
            new Refused(
                "The same, by the same model on another machine",
                "Its weights may have drifted, and the witnesses are those of the index before.",
                bench -> drifted.replace(),
                drifted,
                "is no longer the one that was opened"),
            new Refused(
                "The same, while a program writes into it",
                "Documents of both models stand in it.",
                bench -> written.replace(),
                written,
                "was replaced while it was written"),
            document(
                "A partial update brings other weights",
                "A cluster merges objects: the features of the former text stay beside those of the"
                    + " new one.",
                "{\"sparse\": {\"weights\": {\"rent\": 2}}}",
                "because a partial update merges objects"),
            document(
                "A partial update brings another text",
                "In bulk requests it runs no pipeline, and the text keeps the former one's"
                    + " weights.",
                "{\"text\": \"renew a passport\"}",
                "has the weights of another text")));
  }

  private static Refused document(String name, String elsewhere, String update, String message) {
    DocumentOfNode document =
        DocumentOfNode.encoded("renew a lease", SparseVector.of(Map.of("lease", 1.5f)));
    return new Refused(
        name,
        elsewhere,
        bench -> document.update(update),
        bench -> assertEquals(1.5f, document.vector().weight("lease")),
        message);
  }

  private static void push(ClusterAddress address, WordEncoder encoder) throws IOException {
    try (ClusterIndexWriter writer =
        ClusterIndexWriter.open(address, ClusterCredentials.NONE, SETTINGS, encoder, 0)) {
      put(writer, encoder, "1");
    }
  }

  private static void put(ClusterIndexWriter writer, WordEncoder encoder, String id)
      throws IOException {
    writer.put(SparseDocument.of(id, "a pump"), encoder.encodeDocument("a pump"));
    writer.finish(Map.of());
  }

  /** A search of an index that stays open. */
  private static final class Open implements Step {
    private final WordEncoder other;
    private StandInCluster cluster;
    private ClusterIndex index;

    Open(WordEncoder other) {
      this.other = other;
    }

    void replace() throws IOException {
      cluster.delete();
      push(cluster.address(), other);
    }

    @Override
    public void on(TestBench bench) throws IOException {
      if (cluster == null) {
        cluster = new StandInCluster();
        push(cluster.address(), MODEL);
        index = ClusterIndex.open(cluster.address(), ClusterCredentials.NONE, MODEL);
        assertEquals(1, index.search("pump", 10).size());
        return;
      }
      try {
        index.search("pump", 10);
      } finally {
        index.close();
        cluster.close();
      }
    }
  }

  /** A document that is written into an index that stays open. */
  private static final class Writing implements Step {
    private StandInCluster cluster;
    private ClusterIndexWriter writer;

    void replace() throws IOException {
      cluster.delete();
      push(cluster.address(), OTHER);
    }

    @Override
    public void on(TestBench bench) throws IOException {
      if (cluster == null) {
        cluster = new StandInCluster();
        writer =
            ClusterIndexWriter.open(cluster.address(), ClusterCredentials.NONE, SETTINGS, MODEL, 0);
        put(writer, MODEL, "1");
        return;
      }
      try {
        put(writer, MODEL, "2");
      } finally {
        writer.close();
        cluster.close();
      }
    }
  }
}
