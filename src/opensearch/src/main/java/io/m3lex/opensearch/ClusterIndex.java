/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.index.DocumentHit;
import io.m3lex.index.IndexFormatException;
import io.m3lex.index.Passage;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Searches an index in a cluster of OpenSearch, or of Elasticsearch from 7.12 on. It is opened only
 * with the model that it was pushed with, whose witness texts must come out with the weights that
 * the index's mapping records.
 *
 * <p>The scores are those that {@code SparseIndex} gives for the same documents, bit for bit; only
 * the order of documents of equal score can be another. An answer in which a shard is missing is an
 * error, never a shorter list. Every search is held to what was opened: if another index has taken
 * its place, it is refused, also if that is of the same model, whose witnesses nobody has compared
 * then. Safe for use by several threads.
 */
public final class ClusterIndex implements Closeable {

  /**
   * A search that fails because a node has just ended succeeds when its replicas have taken over.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final int FIRST_FACTOR = 2;
  private static final int FURTHER_FACTOR = 4;

  /** The default of {@code index.max_result_window}. */
  private static final int MOST_HITS = 10_000;

  private final ClusterAddress address;
  private final ClusterClient client;
  private final SparseEncoder encoder;
  private final ClusterMapping mapping;

  private ClusterIndex(
      ClusterAddress address,
      ClusterCredentials credentials,
      SparseEncoder encoder,
      ModelFingerprint declared)
      throws IOException {
    this.address = address;
    this.encoder = encoder;
    client = new ClusterClient(address, credentials, PATIENCE);
    try {
      mapping = mapping(client, address);
      if (encoder == null) {
        mapping.identity().require(declared, "the given fingerprint", address.toString());
      } else {
        mapping.identity().require(encoder, address.toString());
      }
    } catch (IOException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private static ClusterMapping mapping(ClusterClient client, ClusterAddress address)
      throws IOException {
    Answer answer = client.ask("GET", client.path("_mapping"), null);
    if (answer.status() == 404) {
      throw new ClusterException(
          "There is no index %s. Push one there, or name another.".formatted(address));
    }
    if (!answer.isGood()) {
      throw client.refused("show the mapping of index " + address.index(), answer);
    }
    return ClusterMapping.of(answer.body(), address);
  }

  /**
   * Opens an index for searching.
   *
   * @param encoder turns queries into vectors; stays open when the index is closed
   * @throws ModelMismatchException if the index was pushed with another model, or the model's
   *     weights come out differently here; the message names what differs
   * @throws ClusterException if the cluster cannot be reached, or has no index of m3lex there
   * @throws IndexFormatException if another version of m3lex wrote the index
   */
  public static ClusterIndex open(
      ClusterAddress address, ClusterCredentials credentials, SparseEncoder encoder)
      throws IOException {
    return new ClusterIndex(address, credentials, encoder, null);
  }

  /**
   * Opens an index for searching with vectors that the caller has.
   *
   * @param fingerprint of the model that these vectors come from
   * @throws ModelMismatchException if the index was pushed with another model
   */
  public static ClusterIndex openForVectors(
      ClusterAddress address, ClusterCredentials credentials, ModelFingerprint fingerprint)
      throws IOException {
    return new ClusterIndex(address, credentials, null, fingerprint);
  }

  /** Which model an index was pushed with, without opening it for searching. */
  public static ModelFingerprint fingerprintOf(
      ClusterAddress address, ClusterCredentials credentials) throws IOException {
    try (ClusterClient client = new ClusterClient(address, credentials, PATIENCE)) {
      return mapping(client, address).identity().fingerprint();
    }
  }

  /** Identifies the model whose weights are in the index. */
  public ModelFingerprint fingerprint() {
    return mapping.identity().fingerprint();
  }

  /**
   * The best documents for a query.
   *
   * @param k greatest number of documents, at least 1
   * @return each document once, by its best passage if it has any, by falling score
   * @throws IllegalStateException if this index was opened for vectors
   */
  public List<ClusterHit> search(String query, int k) throws IOException {
    if (encoder == null) {
      throw new IllegalStateException(
          "Index %s was opened without an encoder; search it with a vector.".formatted(address));
    }
    return search(encoder.encodeQuery(query), k);
  }

  /**
   * The best documents for a vector of this index's model.
   *
   * @param query states the model, as an encoder's vectors do; see {@link SparseVector#from}
   * @param k greatest number of documents, at least 1
   * @return each document once, by its best passage if it has any, by falling score
   *     weights.get().from(fingerprint())));
   * @throws ClusterException if the cluster cannot search all of the index, or not for so many
   *     features or documents, or another index has taken the place of this one
   */
  public List<ClusterHit> search(SparseVector query, int k) throws IOException {
    if (k < 1) {
      throw new IllegalArgumentException("k must be at least 1: " + k);
    }
    mapping.identity().require(query, "the query's vector", address.toString());
    if (query.isEmpty()) {
      return List.of();
    }
    int wanted = mapping.passages() ? (int) Math.min(MOST_HITS, (long) FIRST_FACTOR * k) : k;
    while (true) {
      JsonNode found = ask(query, wanted);
      List<ClusterHit> hits = documents(found, k);
      if (hits.size() == k || found.size() < wanted) {
        return hits;
      }
      // Passages of the same documents: the best of each are certain once there are k of them.
      if (wanted >= MOST_HITS) {
        throw new ClusterException(
            String.format(
                Locale.ROOT,
                "Among the %,d best passages of index %s are only %,d documents, and a cluster gives no more passages. Ask for fewer.",
                MOST_HITS,
                address,
                hits.size()));
      }
      wanted = (int) Math.min(MOST_HITS, (long) FURTHER_FACTOR * wanted);
    }
  }

  private JsonNode ask(SparseVector query, int size) throws IOException {
    ObjectNode body = ClusterClient.JSON.createObjectNode();
    body.put("size", size);
    body.put("track_total_hits", false);
    mapping.layout().ask(body, query, size);
    Answer answer =
        client.ask("POST", client.path("_search?allow_partial_search_results=false"), body);
    if (!answer.isGood()) {
      if (answer.status() == 400) {
        requireUnchanged();
      }
      throw refused(answer, query, size);
    }
    JsonNode shards = answer.body().path("_shards");
    if (answer.body().path("timed_out").asBoolean() || shards.path("failed").asInt() > 0) {
      throw new ClusterException(
          String.format(
              Locale.ROOT,
              "Index %s could not be searched completely: %d of %d shards failed%s%s. Look after the cluster's health and search again.",
              address,
              shards.path("failed").asInt(),
              shards.path("total").asInt(),
              answer.body().path("timed_out").asBoolean() ? ", time ran out" : "",
              shards.path("failures").isArray()
                  ? ": " + Answer.reason(shards.path("failures").path(0).path("reason"))
                  : ""));
    }
    return answer.body().path("hits").path("hits");
  }

  /**
   * Holds the index that is there now to the one that was opened.
   *
   * @throws ModelMismatchException if it is of another model
   * @throws ClusterException if it is another
   */
  private void requireUnchanged() throws IOException {
    ClusterMapping now = mapping(client, address);
    now.identity().require(fingerprint(), "what searches it", address.toString());
    if (!now.created().equals(mapping.created())) {
      throw replaced();
    }
  }

  private ClusterException replaced() {
    return new ClusterException(
        "Index %s is no longer the one that was opened. Open it again.".formatted(address));
  }

  private ClusterException refused(Answer answer, SparseVector query, int size) {
    String reason = answer.reason() + " " + answer.type();
    // Which of the two it says depends on the shard that answers first.
    if (reason.contains("too_many_") && reason.contains("clauses")
        || reason.contains("maxClauseCount")) {
      return new ClusterException(
          String.format(
              Locale.ROOT,
              "The query has %,d features, more than the cluster takes: %s. Raise indices.query.bool.max_clause_count on its nodes, or shorten the query.",
              query.size(),
              answer.reason()));
    }
    if (reason.contains("max_result_window")) {
      return new ClusterException(
          String.format(
              Locale.ROOT,
              "The cluster gives no %,d hits: %s. Ask for fewer, or raise index.max_result_window of index %s.",
              size,
              answer.reason(),
              address.index()));
    }
    if (answer.status() == 404) {
      return new ClusterException("Index %s was deleted.".formatted(address));
    }
    return answer.status() >= 500
        ? new ClusterException(
            String.format(
                Locale.ROOT,
                "Index %s cannot be searched completely: %s (status %d). Look after the cluster's health and search again.",
                address,
                answer.reason(),
                answer.status()))
        : client.refused("search index " + address.index(), answer);
  }

  private List<ClusterHit> documents(JsonNode found, int k) throws IOException {
    List<ClusterHit> hits = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (JsonNode each : found) {
      JsonNode source = each.path("_source");
      Optional<SparseVector> weights = mapping.layout().vector(source);
      if (weights.isEmpty()) {
        requireUnchanged();
        throw new ClusterException(
            "Document \"%s\" of index %s was found, but has no weights of %s: another program changed it, or something else answers in the place of the cluster. Push it again."
                .formatted(each.path("_id").asText(), address, fingerprint()));
      }
      boolean whole = !source.has(ClusterMapping.DOCUMENT);
      String id = (whole ? each.path("_id") : source.path(ClusterMapping.DOCUMENT)).asText();
      if (hits.size() < k && seen.add(id)) {
        String text = source.path(ClusterMapping.TEXT).asText();
        int start = source.path(ClusterMapping.START).asInt();
        hits.add(
            new ClusterHit(
                new DocumentHit(
                    hits.size() + 1,
                    id,
                    score(each, id),
                    source.path(ClusterMapping.TITLE).asText(),
                    new Passage(start, start + text.length(), text),
                    whole),
                weights.get().from(fingerprint())));
      }
    }
    return List.copyOf(hits);
  }

  /** A cluster writes a score beyond a float as a string. */
  private float score(JsonNode hit, String id) throws IOException {
    JsonNode score = hit.path("_score");
    if (!score.isNumber() || score.floatValue() == Float.POSITIVE_INFINITY) {
      throw new IOException(
          "Index %s scores document %s %s, which is no float: divide all weights of the query by the same number; that does not change the ranking."
              .formatted(address, id, score));
    }
    return score.floatValue();
  }

  @Override
  public void close() {
    client.close();
  }
}
