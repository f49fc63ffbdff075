/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.SparseVector;
import io.m3lex.VectorBuilder;
import io.m3lex.codec.PostingWeight;
import io.m3lex.index.ModelIdentity;
import io.m3lex.util.Sha256;
import java.util.Map;
import java.util.Optional;

/**
 * How an index keeps the weights of its documents, and how they are searched. Every document and
 * every query names what the index was begun with, so that neither gets anywhere in an index that
 * was put in its place.
 */
sealed interface DocumentLayout {

  /** The field with the weights. */
  String FIELD = "sparse";

  /** Adds the field, and what else it needs, to the properties of a mapping. */
  void map(ObjectNode properties, ModelIdentity identity);

  /** Whether the properties of a mapping have the field for the weights of this index. */
  boolean isMapped(JsonNode properties);

  /**
   * Puts the weights of a document into its source, in a list, because a partial update replaces
   * lists and merges objects. They are rounded to what a posting can hold.
   *
   * @param source has the document's texts
   */
  void put(ObjectNode source, SparseVector vector);

  /**
   * Puts the query for the best documents into the body of a search.
   *
   * @param vector not empty
   * @param k how many are wanted
   */
  void ask(ObjectNode body, SparseVector vector, int k);

  /** The weights in a document's source; empty if it has none of this index's. */
  Optional<SparseVector> vector(JsonNode source);

  /** How a feature is written in the value, and so in the field's postings. */
  String name(String feature);

  private ObjectNode weights(SparseVector vector) {
    ObjectNode weights = ClusterClient.JSON.createObjectNode();
    for (int i = 0; i < vector.size(); i++) {
      // Rounded before, because the cluster cuts off what a posting cannot hold.
      float weight = PostingWeight.round(vector.weight(i));
      if (weight > 0) {
        weights.put(name(vector.feature(i)), weight);
      }
    }
    return weights;
  }

  /** Empty also if it is nothing that m3lex writes. */
  private static Optional<SparseVector> vector(JsonNode weights, boolean escaped) {
    if (!weights.isObject()) {
      return Optional.empty();
    }
    VectorBuilder vector = new VectorBuilder();
    for (Map.Entry<String, JsonNode> entry : weights.properties()) {
      if (!entry.getValue().isNumber()) {
        return Optional.empty();
      }
      try {
        vector.add(
            escaped ? FeatureName.unescape(entry.getKey()) : entry.getKey(),
            entry.getValue().decimalValue());
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    return Optional.of(vector.build());
  }

  /**
   * A field {@code rank_features}, which every cluster has. It knows no model, so its name is the
   * identity's hash: the strict mapping of another index refuses a document that has it. A query
   * would find nothing there, and nothing would be said; so hits of equal score are sorted by a
   * field of that name, which no document has, and a shard whose mapping lacks it fails.
   *
   * @param identity SHA-256 of the index's identity
   */
  record Stock(String identity) implements DocumentLayout {

    static final String TYPE = "object";
    private static final String MODEL = "model";

    static Stock of(ModelIdentity identity) {
      return new Stock(identity.sha256());
    }

    @Override
    public void map(ObjectNode properties, ModelIdentity mapped) {
      properties
          .putObject(FIELD)
          .put("type", TYPE)
          .putObject("properties")
          .putObject(identity)
          .put("type", "rank_features");
      properties
          .putObject(MODEL)
          .put("type", TYPE)
          .putObject("properties")
          .putObject(identity)
          .put("type", "keyword");
    }

    @Override
    public boolean isMapped(JsonNode properties) {
      return properties
          .path(FIELD)
          .path("properties")
          .path(identity)
          .path("type")
          .asText()
          .equals("rank_features");
    }

    @Override
    public void put(ObjectNode source, SparseVector vector) {
      source.putObject(FIELD).putArray(identity).add(((DocumentLayout) this).weights(vector));
    }

    @Override
    public void ask(ObjectNode body, SparseVector vector, int k) {
      var clauses = body.putObject("query").putObject("bool").putArray("should");
      for (int i = 0; i < vector.size(); i++) {
        ObjectNode clause = clauses.addObject().putObject("rank_feature");
        clause.put("field", FIELD + "." + identity + "." + name(vector.feature(i)));
        clause.put("boost", vector.weight(i));
        clause.putObject("linear");
      }
      body.putArray("sort").add("_score").add(MODEL + "." + identity);
    }

    @Override
    public Optional<SparseVector> vector(JsonNode source) {
      return DocumentLayout.vector(source.path(FIELD).path(identity).path(0), true);
    }

    @Override
    public String name(String feature) {
      return FeatureName.escape(feature);
    }
  }

  /**
   * The field of m3lex's plugin, which holds every document and query to the model by itself.
   *
   * @param model SHA-256 of the model's fingerprint
   * @param identity SHA-256 of the index's identity
   */
  record Plugin(String model, String identity) implements DocumentLayout {

    static final String TYPE = "m3lex_sparse";

    /** The plugin's name in the list of a node's plugins. */
    static final String NAME = "m3lex-opensearch";

    static Plugin of(ModelIdentity identity) {
      return new Plugin(identity.fingerprint().sha256(), identity.sha256());
    }

    @Override
    public void map(ObjectNode properties, ModelIdentity mapped) {
      properties
          .putObject(FIELD)
          .put("type", TYPE)
          .set("identity", ClusterClient.JSON.valueToTree(mapped.toUserData()));
    }

    @Override
    public boolean isMapped(JsonNode properties) {
      return properties.path(FIELD).path("type").asText().equals(TYPE);
    }

    @Override
    public void put(ObjectNode source, SparseVector vector) {
      ObjectNode texts = ClusterClient.JSON.createObjectNode();
      for (String field : new String[] {ClusterMapping.TITLE, ClusterMapping.TEXT}) {
        texts.put(field, Sha256.of(source.path(field).asText()));
      }
      ObjectNode value = source.putArray(FIELD).addObject().put("model", model);
      value.set("texts", texts);
      value.set("weights", ((DocumentLayout) this).weights(vector));
    }

    @Override
    public void ask(ObjectNode body, SparseVector vector, int k) {
      ObjectNode sparse = body.putObject("query").putObject("sparse");
      sparse.put("field", FIELD).put("model", model).put("identity", identity);
      // As they are: only what a posting holds is rounded.
      ObjectNode weights = sparse.putObject("weights");
      vector.toMap().forEach((feature, weight) -> weights.put(feature, weight));
      sparse.put("k", k);
    }

    @Override
    public Optional<SparseVector> vector(JsonNode source) {
      JsonNode value = source.path(FIELD).path(0);
      return value.path("model").asText().equals(model)
          ? DocumentLayout.vector(value.path("weights"), false)
          : Optional.empty();
    }

    @Override
    public String name(String feature) {
      return feature;
    }
  }
}
