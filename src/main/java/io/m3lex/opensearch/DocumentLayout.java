package io.m3lex.opensearch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.m3lex.SparseVector;
import io.m3lex.VectorBuilder;
import io.m3lex.codec.PostingWeight;
import io.m3lex.index.IndexIdentity;
import java.util.Map;

/** How an index keeps the weights of its documents, and how they are searched. */
sealed interface DocumentLayout {

  /** The field with the weights. */
  String FIELD = "sparse";

  /** The mapping of the field. */
  ObjectNode mapping(IndexIdentity identity);

  /**
   * The field's value in a document; its weights are rounded to what a posting can hold.
   *
   * @param model SHA-256 of the fingerprint
   */
  ObjectNode value(SparseVector vector, String model);

  /**
   * The query for the best documents.
   *
   * @param vector not empty
   * @param model SHA-256 of the fingerprint
   * @param k how many are wanted
   */
  ObjectNode query(SparseVector vector, String model, int k);

  /** The weights in a document's value, empty if it has none. */
  SparseVector vector(JsonNode value);

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

  private static SparseVector vector(JsonNode weights, boolean escaped) {
    VectorBuilder vector = new VectorBuilder();
    for (Map.Entry<String, JsonNode> entry : weights.properties()) {
      if (!entry.getValue().isNumber()) {
        throw new IllegalArgumentException(
            "weight of feature \"%s\" is no number: %s"
                .formatted(entry.getKey(), entry.getValue()));
      }
      vector.add(
          escaped ? FeatureName.unescape(entry.getKey()) : entry.getKey(),
          entry.getValue().decimalValue());
    }
    return vector.build();
  }

  /** A field {@code rank_features}, which every cluster has. */
  record Stock() implements DocumentLayout {

    static final String TYPE = "rank_features";

    @Override
    public ObjectNode mapping(IndexIdentity identity) {
      return ClusterClient.JSON.createObjectNode().put("type", TYPE);
    }

    @Override
    public ObjectNode value(SparseVector vector, String model) {
      return ((DocumentLayout) this).weights(vector);
    }

    @Override
    public ObjectNode query(SparseVector vector, String model, int k) {
      ObjectNode query = ClusterClient.JSON.createObjectNode();
      var clauses = query.putObject("bool").putArray("should");
      for (int i = 0; i < vector.size(); i++) {
        ObjectNode clause = clauses.addObject().putObject("rank_feature");
        clause.put("field", FIELD + "." + name(vector.feature(i)));
        clause.put("boost", vector.weight(i));
        clause.putObject("linear");
      }
      return query;
    }

    @Override
    public SparseVector vector(JsonNode value) {
      return DocumentLayout.vector(value, true);
    }

    @Override
    public String name(String feature) {
      return FeatureName.escape(feature);
    }
  }

  /** The field of m3lex's plugin, which holds every document and query to the model by itself. */
  record Plugin() implements DocumentLayout {

    static final String TYPE = "m3lex_sparse";

    /** The plugin's name in the list of a node's plugins. */
    static final String NAME = "m3lex-opensearch";

    @Override
    public ObjectNode mapping(IndexIdentity identity) {
      ObjectNode mapping = ClusterClient.JSON.createObjectNode().put("type", TYPE);
      mapping.set("identity", ClusterClient.JSON.valueToTree(identity.toUserData()));
      return mapping;
    }

    @Override
    public ObjectNode value(SparseVector vector, String model) {
      ObjectNode value = ClusterClient.JSON.createObjectNode().put("model", model);
      value.set("weights", ((DocumentLayout) this).weights(vector));
      return value;
    }

    @Override
    public ObjectNode query(SparseVector vector, String model, int k) {
      ObjectNode query = ClusterClient.JSON.createObjectNode();
      ObjectNode sparse = query.putObject("sparse");
      sparse.put("field", FIELD).put("model", model);
      // As they are: only what a posting holds is rounded.
      ObjectNode weights = sparse.putObject("weights");
      vector.toMap().forEach((feature, weight) -> weights.put(feature, weight));
      sparse.put("k", k);
      return query;
    }

    @Override
    public SparseVector vector(JsonNode value) {
      return DocumentLayout.vector(value.path("weights"), false);
    }

    @Override
    public String name(String feature) {
      return feature;
    }
  }
}
