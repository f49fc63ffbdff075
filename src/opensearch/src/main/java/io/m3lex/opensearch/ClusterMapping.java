/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.index.IndexFormatException;
import io.m3lex.index.ModelIdentity;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * What the mapping of an index in a cluster says of it: which model its weights came from, how they
 * are kept, and how far they were pushed.
 *
 * @param passages whether it holds documents by passages
 * @param created a name that no other index has, whatever stood or will stand in its place
 * @param writer the name of who writes, or wrote last; empty if nobody did
 * @param meta all that stands in the mapping's {@code _meta}, also what others put there
 * @param progress the note of the last push, empty if there is none
 */
record ClusterMapping(
    ModelIdentity identity,
    DocumentLayout layout,
    boolean passages,
    String created,
    String writer,
    ObjectNode meta,
    Map<String, String> progress) {

  /** The fields of a document, beside the weights. */
  static final String TITLE = "title";

  static final String TEXT = "text";

  /**
   * The caller's own fields of an index in a folder, as they are. They are not mapped, because a
   * mapping guesses a type by the first value and refuses the others, or a name that begins
   * another.
   */
  static final String FIELDS = "fields";

  /** The same fields for filters: {@code name=value}, each a keyword. */
  static final String TERMS = "terms";

  /** The longest keyword of up to 4 bytes a character that is a term of Lucene. */
  private static final int GREATEST_KEYWORD = 32_766 / 4;

  /** A passage's document. */
  static final String DOCUMENT = "document";

  /** Where a passage begins in its document's text. */
  static final String START = "start";

  private static final String META = "_meta";
  private static final String OURS = "m3lex";
  private static final String VERSION_KEY = "layout";
  private static final String VERSION = "2";
  private static final String PASSAGES_KEY = "passages";
  private static final String CREATED_KEY = "created";
  private static final String WRITER_KEY = "writer";

  /** The body of the request that creates an index. */
  static ObjectNode creation(
      ModelIdentity identity, DocumentLayout layout, boolean passages, ClusterSettings settings) {
    ObjectNode body = ClusterClient.JSON.createObjectNode();
    ObjectNode index = body.putObject("settings").putObject("index");
    index.put("number_of_shards", settings.shards());
    index.put("number_of_replicas", settings.replicas());
    ObjectNode mappings = body.putObject("mappings");
    ObjectNode ours =
        mappings
            .putObject(META)
            .putObject(OURS)
            .put(VERSION_KEY, VERSION)
            .put(CREATED_KEY, UUID.randomUUID().toString())
            .put(PASSAGES_KEY, passages);
    ours.set("identity", ClusterClient.JSON.valueToTree(identity.toUserData()));
    // What a document of m3lex does not have is a mistake, not a new field.
    mappings.put("dynamic", "strict");
    ObjectNode properties = mappings.putObject("properties");
    properties.putObject(TITLE).put("type", "text");
    properties.putObject(TEXT).put("type", "text");
    properties.putObject(DOCUMENT).put("type", "keyword");
    properties.putObject(START).put("type", "integer");
    properties.putObject(FIELDS).put("type", "object").put("enabled", false);
    properties.putObject(TERMS).put("type", "keyword").put("ignore_above", GREATEST_KEYWORD);
    layout.map(properties, identity);
    return body;
  }

  /**
   * The body of the request that notes the progress; what others put into it stays.
   *
   * @param by who writes
   */
  ObjectNode with(Map<String, String> note, String by) {
    ObjectNode body = ClusterClient.JSON.createObjectNode();
    ObjectNode noted = meta.deepCopy();
    ((ObjectNode) noted.path(OURS))
        .put(WRITER_KEY, by)
        .set("progress", ClusterClient.JSON.valueToTree(note));
    body.set(META, noted);
    return body;
  }

  /**
   * Reads the answer to a request for the mapping.
   *
   * @throws IndexFormatException if the identity cannot be read
   * @throws ClusterException if the index is none of m3lex
   */
  static ClusterMapping of(JsonNode answer, ClusterAddress address)
      throws ClusterException, IndexFormatException {
    if (answer.size() != 1) {
      throw new ClusterException(
          String.format(
              Locale.ROOT, "%s stands for %d indexes. Name one index.", address, answer.size()));
    }
    JsonNode mappings = answer.iterator().next().path("mappings");
    JsonNode ours = mappings.path(META).path(OURS);
    if (!ours.isObject()) {
      throw new ClusterException(
          "%s is an index, but not one of m3lex: its mapping names no model. Name another index; m3lex push creates it."
              .formatted(address));
    }
    if (!ours.path(VERSION_KEY).asText().equals(VERSION)) {
      throw new ClusterException(
          "Index %s has layout %s; this program knows layout %s. Use the version of m3lex that created it, or push to another index."
              .formatted(address, ours.path(VERSION_KEY), VERSION));
    }
    ModelIdentity identity = ModelIdentity.of(strings(ours.path("identity")), address.toString());
    return new ClusterMapping(
        identity,
        layout(mappings.path("properties"), identity, address),
        ours.path(PASSAGES_KEY).asBoolean(),
        ours.path(CREATED_KEY).asText(),
        ours.path(WRITER_KEY).asText(),
        (ObjectNode) mappings.path(META),
        strings(ours.path("progress")));
  }

  private static DocumentLayout layout(
      JsonNode properties, ModelIdentity identity, ClusterAddress address) throws ClusterException {
    JsonNode type = properties.path(DocumentLayout.FIELD).path("type");
    DocumentLayout layout =
        type.asText().equals(DocumentLayout.Plugin.TYPE)
            ? DocumentLayout.Plugin.of(identity)
            : DocumentLayout.Stock.of(identity);
    if (!layout.isMapped(properties)) {
      throw new ClusterException(
          "Index %s has no field for weights of the model that its mapping names (%s). Push to another index, or delete this one and push again."
              .formatted(address, identity.fingerprint()));
    }
    return layout;
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new HashMap<>();
    object.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return Map.copyOf(strings);
  }
}
