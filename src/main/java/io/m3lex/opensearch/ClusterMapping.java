package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.index.IndexFormatException;
import io.m3lex.index.IndexIdentity;
import java.util.HashMap;
import java.util.Map;

/**
 * What the mapping of an index in a cluster says of it: which model its weights came from, how they
 * are kept, and how far they were pushed.
 *
 * @param passages whether it holds documents by passages
 * @param meta all that stands in the mapping's {@code _meta}, also what others put there
 * @param progress the note of the last push, empty if there is none
 */
record ClusterMapping(
    IndexIdentity identity,
    DocumentLayout layout,
    boolean passages,
    ObjectNode meta,
    Map<String, String> progress) {

  /** The fields of a document, beside the weights. */
  static final String TITLE = "title";

  static final String TEXT = "text";

  /** The caller's own fields of an index in a folder. */
  static final String FIELDS = "fields";

  /** A passage's document. */
  static final String DOCUMENT = "document";

  /** Where a passage begins in its document's text. */
  static final String START = "start";

  private static final String META = "_meta";
  private static final String OURS = "m3lex";
  private static final String VERSION_KEY = "layout";
  private static final String VERSION = "1";
  private static final String PASSAGES_KEY = "passages";

  /** The body of the request that creates an index. */
  static ObjectNode creation(
      IndexIdentity identity, DocumentLayout layout, boolean passages, ClusterSettings settings) {
    ObjectNode body = ClusterClient.JSON.createObjectNode();
    ObjectNode index = body.putObject("settings").putObject("index");
    index.put("number_of_shards", settings.shards());
    index.put("number_of_replicas", settings.replicas());
    ObjectNode mappings = body.putObject("mappings");
    mappings.set(META, meta(ClusterClient.JSON.createObjectNode(), identity, passages, Map.of()));
    // What a document of m3lex does not have is a mistake, not a new field.
    mappings.put("dynamic", "strict");
    ObjectNode properties = mappings.putObject("properties");
    properties.putObject(TITLE).put("type", "text");
    properties.putObject(TEXT).put("type", "text");
    properties.putObject(DOCUMENT).put("type", "keyword");
    properties.putObject(START).put("type", "integer");
    properties.putObject(FIELDS).put("type", "object").put("dynamic", true);
    properties.set(DocumentLayout.FIELD, layout.mapping(identity));
    return body;
  }

  private static ObjectNode meta(
      ObjectNode others, IndexIdentity identity, boolean passages, Map<String, String> progress) {
    ObjectNode meta = others.deepCopy();
    ObjectNode ours = meta.putObject(OURS);
    ours.put(VERSION_KEY, VERSION);
    ours.set("identity", ClusterClient.JSON.valueToTree(identity.toUserData()));
    ours.put(PASSAGES_KEY, passages);
    ours.set("progress", ClusterClient.JSON.valueToTree(progress));
    return meta;
  }

  /** The body of the request that notes the progress; what others put into it stays. */
  ObjectNode with(Map<String, String> note) {
    ObjectNode body = ClusterClient.JSON.createObjectNode();
    body.set(META, meta(meta, identity, passages, note));
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
          "%s stands for %d indexes. Name one index.".formatted(address, answer.size()));
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
    return new ClusterMapping(
        IndexIdentity.of(strings(ours.path("identity")), address.toString()),
        layout(mappings.path("properties").path(DocumentLayout.FIELD).path("type"), address),
        ours.path(PASSAGES_KEY).asBoolean(),
        (ObjectNode) mappings.path(META),
        strings(ours.path("progress")));
  }

  private static DocumentLayout layout(JsonNode type, ClusterAddress address)
      throws ClusterException {
    return switch (type.asText()) {
      case DocumentLayout.Stock.TYPE -> new DocumentLayout.Stock();
      case DocumentLayout.Plugin.TYPE -> new DocumentLayout.Plugin();
      default ->
          throw new ClusterException(
              "Index %s keeps its weights in a field of the type %s, which this program does not know. Use the version of m3lex that created it, or push to another index."
                  .formatted(address, type));
    };
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new HashMap<>();
    object.properties().forEach(entry -> strings.put(entry.getKey(), entry.getValue().asText()));
    return Map.copyOf(strings);
  }
}
