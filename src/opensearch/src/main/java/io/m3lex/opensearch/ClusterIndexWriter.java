/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.index.IndexFormatException;
import io.m3lex.index.ModelIdentity;
import io.m3lex.index.SparseDocument;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.index.StoredDocument;
import io.m3lex.index.StoredDocuments;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Writes documents with their weights into an index in a cluster, which it creates if need be. The
 * model's fingerprint and witnesses, and how far the writing is, stand in the index's mapping.
 *
 * <p>A document replaces the one that has its id. What is put is under way for a while; the note of
 * the progress ({@link #mark}) only ever says what the cluster has acknowledged, so that whoever
 * goes on from it misses nothing. Not safe for use by several threads.
 */
public final class ClusterIndexWriter implements Closeable {

  private static final long CHECKPOINT_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** The greatest length of an id in a cluster, in bytes of UTF-8. */
  private static final int GREATEST_ID = 512;

  private final ClusterAddress address;
  private final ClusterClient client;
  private final BulkWriter bulk;
  private final boolean created;
  private final ClusterMapping mapping;

  /** By this, two that write at once notice each other. */
  private final String name = UUID.randomUUID().toString();

  private long saved = System.nanoTime();

  private ClusterIndexWriter(
      ClusterAddress address,
      ClusterCredentials credentials,
      ClusterSettings settings,
      boolean passages,
      Identities identities)
      throws IOException {
    this.address = address;
    client = new ClusterClient(address, credentials, settings.patience());
    bulk = new BulkWriter(client, address, settings.patience());
    try {
      requireCluster();
      Answer found = client.ask("GET", client.path("_mapping"), null);
      created = found.status() == 404;
      if (created) {
        create(identities.begun(), passages, settings);
      } else if (!found.isGood()) {
        throw client.refused("show the mapping of index " + address.index(), found);
      }
      mapping = mapping();
      identities.require(mapping.identity());
      if (mapping.passages() != passages) {
        throw new ClusterException(
            "Index %s holds %s, not %s. Push to another index."
                .formatted(address, shown(mapping.passages()), shown(passages)));
      }
      requireHealth();
      note(mapping, mapping.progress());
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private static String shown(boolean passages) {
    return passages ? "passages" : "whole documents";
  }

  /** What begins an index, or is held to one. */
  private interface Identities {
    ModelIdentity begun();

    void require(ModelIdentity existing);
  }

  /**
   * Opens an index for writing, or creates it, with the weights of an encoder.
   *
   * @param tolerance if the index is new, the greatest difference of a witness's weight that it
   *     will accept
   * @throws ModelMismatchException if the index was begun with another model, or the model's
   *     weights come out differently here
   * @throws ClusterException if the cluster cannot be reached, is none, or is too old, or an index
   *     of this name is none of m3lex
   * @throws IndexFormatException if another version of m3lex wrote the index
   */
  public static ClusterIndexWriter open(
      ClusterAddress address,
      ClusterCredentials credentials,
      ClusterSettings settings,
      SparseEncoder encoder,
      float tolerance)
      throws IOException {
    return new ClusterIndexWriter(
        address,
        credentials,
        settings,
        false,
        new Identities() {
          @Override
          public ModelIdentity begun() {
            return ModelIdentity.of(encoder, tolerance);
          }

          @Override
          public void require(ModelIdentity existing) {
            existing.require(encoder, address.toString());
          }
        });
  }

  /**
   * Opens an index for writing, or creates it, with the weights of an index in a folder.
   *
   * @param source what will be put; its identity and form become those of a new index
   * @throws ModelMismatchException if the index was begun with another model
   */
  public static ClusterIndexWriter open(
      ClusterAddress address,
      ClusterCredentials credentials,
      ClusterSettings settings,
      StoredDocuments source)
      throws IOException {
    return open(address, credentials, settings, source.identity(), source.byPassages());
  }

  /**
   * Opens an index for writing, or creates it, for vectors that were made elsewhere.
   *
   * @param declared the fingerprint that the caller vouches for
   * @throws ModelMismatchException if the index was begun with another model
   */
  public static ClusterIndexWriter openForVectors(
      ClusterAddress address,
      ClusterCredentials credentials,
      ClusterSettings settings,
      ModelFingerprint declared)
      throws IOException {
    return open(address, credentials, settings, ModelIdentity.declared(declared), false);
  }

  private static ClusterIndexWriter open(
      ClusterAddress address,
      ClusterCredentials credentials,
      ClusterSettings settings,
      ModelIdentity identity,
      boolean passages)
      throws IOException {
    return new ClusterIndexWriter(
        address,
        credentials,
        settings,
        passages,
        new Identities() {
          @Override
          public ModelIdentity begun() {
            return identity;
          }

          @Override
          public void require(ModelIdentity existing) {
            existing.require(identity.fingerprint(), "what is pushed", address.toString());
          }
        });
  }

  private void requireCluster() throws ClusterException {
    JsonNode version = client.request("say its version", "GET", "", null).path("version");
    String number = version.path("number").asText();
    if (!number.matches("[0-9]+\\.[0-9]+.*")) {
      throw new ClusterException(
          "%s answers, but not as a cluster of OpenSearch or Elasticsearch does. Correct the address."
              .formatted(address.cluster()));
    }
    String[] parts = number.split("[.-]");
    int major = Integer.parseInt(parts[0]);
    boolean elastic = !version.path("distribution").asText().equals("opensearch");
    // The linear function of rank_feature came with Lucene 8.8.
    if (elastic && (major < 7 || major == 7 && Integer.parseInt(parts[1]) < 12)) {
      throw new ClusterException(
          "The cluster at %s is Elasticsearch %s, whose rank_features cannot be searched linearly; 7.12 or OpenSearch is needed."
              .formatted(address.cluster(), number));
    }
  }

  private void create(ModelIdentity identity, boolean passages, ClusterSettings settings)
      throws ClusterException {
    DocumentLayout layout =
        !settings.stock() && isPluginEverywhere()
            ? DocumentLayout.Plugin.of(identity)
            : DocumentLayout.Stock.of(identity);
    Answer answer =
        client.ask(
            "PUT", client.path(""), ClusterMapping.creation(identity, layout, passages, settings));
    // An attempt whose answer was lost may have created it.
    if (!answer.isGood() && !answer.type().equals("resource_already_exists_exception")) {
      throw client.refused("create index " + address.index(), answer);
    }
  }

  private boolean isPluginEverywhere() throws ClusterException {
    Answer answer = client.ask("GET", "_nodes/plugins", null);
    int data = 0;
    for (JsonNode node : answer.body().path("nodes")) {
      boolean holdsData = false;
      for (JsonNode role : node.path("roles")) {
        holdsData |= role.asText().startsWith("data");
      }
      boolean plugin =
          node.path("plugins").findValuesAsText("name").contains(DocumentLayout.Plugin.NAME);
      if (holdsData && !plugin) {
        return false;
      }
      data += holdsData ? 1 : 0;
    }
    return answer.isGood() && data > 0;
  }

  private ClusterMapping mapping() throws IOException {
    return ClusterMapping.of(
        client.request(
            "show the mapping of index " + address.index(), "GET", client.path("_mapping"), null),
        address);
  }

  private void requireHealth() throws ClusterException {
    JsonNode health =
        client
            .ask(
                "GET",
                "_cluster/health/" + client.path("") + "?wait_for_status=yellow&timeout=20s",
                null)
            .body();
    if (health.path("status").asText().equals("red")) {
      throw new ClusterException(
          String.format(
              Locale.ROOT,
              "Index %s is red: not all of its shards have a node (%d of the cluster's are active). Bring the missing nodes back, and go on.",
              address,
              health.path("active_shards").asInt()));
    }
  }

  /** Whether the index holds documents by passages. */
  public boolean byPassages() {
    return mapping.passages();
  }

  /** Whether the index did not exist before. */
  public boolean created() {
    return created;
  }

  /** Whether the index keeps its weights in the field of m3lex's plugin. */
  public boolean usesPlugin() {
    return mapping.layout() instanceof DocumentLayout.Plugin;
  }

  /** Identifies the model whose weights are in the index. */
  public ModelFingerprint fingerprint() {
    return mapping.identity().fingerprint();
  }

  /** The note of the last writer as it was when this one was opened, empty if there was none. */
  public Map<String, String> progress() {
    return mapping.progress();
  }

  /** Number of documents of this writer that the cluster has acknowledged. */
  public long documents() {
    return bulk.documents();
  }

  /**
   * Puts a document; waits if the cluster is slower than the caller.
   *
   * @param vector its weights, which are rounded to what a posting can hold; it states its model
   * @throws ModelMismatchException if the vector states another model than this index's, or none
   * @throws IllegalArgumentException if the document cannot be in a cluster; earlier ones still are
   *     written
   * @throws ClusterException if an earlier document could not be written: which, and why
   */
  public void put(SparseDocument document, SparseVector vector) throws IOException {
    mapping
        .identity()
        .require(vector, "the vector of document \"" + document.id() + "\"", address.toString());
    ObjectNode source = source(document.title(), document.text());
    put(document.id(), document.id(), source, vector);
  }

  /**
   * Puts a document or passage of an index in a folder, whose identity this writer was opened with.
   * A passage has the id {@code DOCUMENT#START}.
   *
   * @throws ModelMismatchException if its weights came from another model than this index's
   * @throws IllegalArgumentException if it cannot be in a cluster
   * @throws ClusterException if an earlier document could not be written: which, and why
   */
  public void put(StoredDocument document) throws IOException {
    ObjectNode source = source(document.title(), document.passage().text());
    String id = document.id();
    if (!document.whole()) {
      source.put(ClusterMapping.DOCUMENT, id);
      source.put(ClusterMapping.START, document.passage().start());
      id += "#" + document.passage().start();
    }
    if (!document.fields().isEmpty()) {
      ObjectNode fields = source.putObject(ClusterMapping.FIELDS);
      ArrayNode terms = source.putArray(ClusterMapping.TERMS);
      document
          .fields()
          .forEach(
              (field, values) -> {
                JsonNode value = value(values);
                fields.set(field, value);
                for (JsonNode each : value.isArray() ? value : List.of(value)) {
                  terms.add(field + "=" + each.asText());
                }
              });
    }
    put(id, document.id(), source, document.vector());
  }

  private static ObjectNode source(String title, String text) {
    ObjectNode source = ClusterClient.JSON.createObjectNode();
    source.put(ClusterMapping.TITLE, title);
    source.put(ClusterMapping.TEXT, text);
    return source;
  }

  /** One value stands alone, several as a list; bytes are in Base64. */
  private static JsonNode value(List<Object> values) {
    ArrayNode list = ClusterClient.JSON.valueToTree(values);
    return list.size() == 1 ? list.get(0) : list;
  }

  private void put(String id, String document, ObjectNode source, SparseVector vector)
      throws IOException {
    vector.from(mapping.identity().fingerprint());
    int length = id.getBytes(StandardCharsets.UTF_8).length;
    if (length > GREATEST_ID) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "document \"%s\": its id has %d bytes in the cluster, which takes %d. Shorten it.",
              document,
              length,
              GREATEST_ID));
    }
    if (!vector.isEmpty()) {
      for (int i = 0; i < vector.size(); i++) {
        SparseIndexWriter.requireTerm(document, mapping.layout().name(vector.feature(i)));
      }
      mapping.layout().put(source, vector);
    }
    ObjectNode action = ClusterClient.JSON.createObjectNode();
    action.putObject("index").put("_id", id);
    write(() -> bulk.add(id, lines(action, source)));
  }

  /** Something that fails if the cluster does not take the documents. */
  private interface Writing {
    void run() throws IOException;
  }

  private void write(Writing writing) throws IOException {
    try {
      writing.run();
    } catch (ClusterException refusal) {
      try {
        mappingOfThis();
      } catch (ClusterException replaced) {
        // That is why.
        replaced.addSuppressed(refusal);
        throw replaced;
      } catch (IOException e) {
        refusal.addSuppressed(e);
      }
      throw refusal;
    }
  }

  private static byte[] lines(ObjectNode action, ObjectNode source) {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    try {
      for (ObjectNode line : List.of(action, source)) {
        lines.writeBytes(ClusterClient.JSON.writeValueAsBytes(line));
        lines.write('\n');
      }
    } catch (JsonProcessingException e) {
      throw new AssertionError("a tree is always JSON", e);
    }
    return lines.toByteArray();
  }

  /**
   * Notes at once where the caller begins.
   *
   * @param note in the place of what was noted before
   */
  public void begin(Map<String, String> note) throws IOException {
    save(note);
  }

  /**
   * Says how far the caller is. The note gets into the index once everything before it is
   * acknowledged, and not at every call.
   *
   * @param note what the caller goes on by; asked only if needed
   * @throws ClusterException if an earlier document could not be written, or the index was deleted
   *     or replaced meanwhile
   */
  public void mark(Supplier<Map<String, String>> note) throws IOException {
    write(() -> bulk.mark(note));
    if (System.nanoTime() - saved > CHECKPOINT_NANOS) {
      keep();
    }
  }

  /**
   * Notes what is acknowledged so far, also after a failure.
   *
   * @throws ClusterException if the note cannot be written
   */
  public void keep() throws IOException {
    if (bulk.acknowledged() != null) {
      save(bulk.acknowledged());
      saved = System.nanoTime();
    }
  }

  /**
   * Waits until everything is acknowledged, notes that and makes it visible for searches.
   *
   * @param note what the next writer shall read
   */
  public void finish(Map<String, String> note) throws IOException {
    write(bulk::drain);
    save(note);
    client.request("refresh index " + address.index(), "POST", client.path("_refresh"), null);
  }

  private void save(Map<String, String> note) throws IOException {
    ClusterMapping now = mappingOfThis();
    if (!now.writer().equals(name)) {
      throw new ClusterException(
          "Another program began to write into index %s while this one did. Let it finish, and push again."
              .formatted(address));
    }
    note(now, note);
  }

  private void note(ClusterMapping now, Map<String, String> note) throws ClusterException {
    client.request(
        "note the progress in the mapping of index " + address.index(),
        "PUT",
        client.path("_mapping"),
        now.with(note, name));
  }

  /** The mapping as it is now, which must be that of the index that was opened. */
  private ClusterMapping mappingOfThis() throws IOException {
    ClusterMapping now = mapping();
    if (!now.created().equals(mapping.created())) {
      throw new ClusterException(
          "Index %s was replaced while it was written: it is now another one, of %s. Begin again."
              .formatted(address, now.identity().fingerprint()));
    }
    return now;
  }

  /** Ends writing. What was put and not acknowledged may be in the index or not. */
  @Override
  public void close() {
    bulk.close();
    client.close();
  }
}
