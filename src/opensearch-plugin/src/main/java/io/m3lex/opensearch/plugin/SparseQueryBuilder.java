/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.SparseVector;
import io.m3lex.search.SparseQuery;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.Query;
import org.opensearch.action.IndicesRequest;
import org.opensearch.core.ParseField;
import org.opensearch.core.action.ActionListener;
import org.opensearch.core.common.io.stream.StreamInput;
import org.opensearch.core.common.io.stream.StreamOutput;
import org.opensearch.core.xcontent.ObjectParser;
import org.opensearch.core.xcontent.XContentBuilder;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.index.mapper.MappedFieldType;
import org.opensearch.index.query.AbstractQueryBuilder;
import org.opensearch.index.query.QueryBuilder;
import org.opensearch.index.query.QueryCoordinatorContext;
import org.opensearch.index.query.QueryRewriteContext;
import org.opensearch.index.query.QueryShardContext;

/**
 * The query {@value #NAME}: documents that share a feature with a vector, by the dot product.
 *
 * <pre>
 * {"sparse": {"field": "sparse", "model": "0b6c…", "weights": {"2054": 0.31}, "k": 10}}
 * {"sparse": {"field": "sparse", "text": "how do I renew a lease", "k": 10}}
 * </pre>
 *
 * <p>A text is encoded once, by the node that was asked, and must have an encoder. That node holds
 * the encoder to the identities that the query can reach, and sends what came of it along: a shard
 * answers only if the identity of its field is among them, by whatever way the query reached it.
 * {@code identity} holds weights to a field's identity as {@code model} does to its model. With
 * {@code k} every shard finds its k best documents, of those that {@code filter} lets through, and
 * nothing else matches: the fastest way to the first k hits. Without it every document that shares
 * a feature matches. In a {@code nested} query, {@code filter} can be on fields of the nested
 * documents and on those of the documents that they are nested in. {@code alpha} and {@code beta}
 * are those of {@link SparseQuery#approximate} and {@link SparseQuery#pruned}.
 */
final class SparseQueryBuilder extends AbstractQueryBuilder<SparseQueryBuilder> {

  static final String NAME = "sparse";

  private static final ParseField FIELD = new ParseField("field");
  private static final ParseField MODEL = new ParseField(StoredVector.MODEL);
  private static final ParseField IDENTITY = new ParseField(SparseFieldMapper.IDENTITY);
  private static final ParseField WEIGHTS = new ParseField(StoredVector.WEIGHTS);
  private static final ParseField TEXT = new ParseField("text");
  private static final ParseField K = new ParseField("k");
  private static final ParseField ALPHA = new ParseField("alpha");
  private static final ParseField BETA = new ParseField("beta");
  private static final ParseField FILTER = new ParseField("filter");
  private static final ObjectParser<SparseQueryBuilder, Void> PARSER = parser();

  private final NodeEncoder encoder;
  private String field;
  private String model;

  /** SHA-256 of the identity that the field must have; null if any will do. */
  private String identity;

  private SparseVector vector;

  /**
   * What came of holding the encoder to an identity, by its SHA-256: a refusal, or an empty text.
   * Null if the weights were not made of a text.
   */
  private Map<String, String> verdicts;

  private String text;

  /** 0 if it is not stated. */
  private int k;

  private float alpha = 1;
  private float beta = 1;
  private QueryBuilder filter;

  /** Set while the text is being encoded. */
  private AtomicReference<EncodedQuery> encoded;

  private SparseQueryBuilder(NodeEncoder encoder) {
    this.encoder = encoder;
  }

  SparseQueryBuilder(StreamInput in, NodeEncoder encoder) throws IOException {
    super(in);
    this.encoder = encoder;
    field = in.readString();
    model = in.readOptionalString();
    identity = in.readOptionalString();
    verdicts =
        in.readBoolean() ? in.readMap(StreamInput::readString, StreamInput::readString) : null;
    vector = in.readBoolean() ? Weights.read(in) : null;
    text = in.readOptionalString();
    k = in.readVInt();
    alpha = in.readFloat();
    beta = in.readFloat();
    filter = in.readOptionalNamedWriteable(QueryBuilder.class);
  }

  @Override
  protected void doWriteTo(StreamOutput out) throws IOException {
    out.writeString(field);
    out.writeOptionalString(model);
    out.writeOptionalString(identity);
    out.writeBoolean(verdicts != null);
    if (verdicts != null) {
      out.writeMap(verdicts, StreamOutput::writeString, StreamOutput::writeString);
    }
    out.writeBoolean(vector != null);
    if (vector != null) {
      Weights.write(vector, out);
    }
    out.writeOptionalString(text);
    out.writeVInt(k);
    out.writeFloat(alpha);
    out.writeFloat(beta);
    out.writeOptionalNamedWriteable(filter);
  }

  private static ObjectParser<SparseQueryBuilder, Void> parser() {
    ObjectParser<SparseQueryBuilder, Void> parser = new ObjectParser<>(NAME);
    parser.declareString((query, value) -> query.field = value, FIELD);
    parser.declareString((query, value) -> query.model = value, MODEL);
    parser.declareString((query, value) -> query.identity = value, IDENTITY);
    parser.declareObject(
        (query, value) -> query.vector = value, (in, context) -> Weights.parse(in), WEIGHTS);
    parser.declareString((query, value) -> query.text = value, TEXT);
    parser.declareInt(SparseQueryBuilder::setK, K);
    parser.declareFloat((query, value) -> query.alpha = value, ALPHA);
    parser.declareFloat((query, value) -> query.beta = value, BETA);
    parser.declareObject(
        (query, value) -> query.filter = value,
        (in, context) -> parseInnerQueryBuilder(in),
        FILTER);
    declareStandardFields(parser);
    parser.declareRequiredFieldSet(FIELD.getPreferredName());
    parser.declareRequiredFieldSet(WEIGHTS.getPreferredName(), TEXT.getPreferredName());
    parser.declareExclusiveFieldSet(WEIGHTS.getPreferredName(), TEXT.getPreferredName());
    return parser;
  }

  private void setK(int value) {
    if (value < 1) {
      throw new IllegalArgumentException("[k] must be at least 1: " + value);
    }
    k = value;
  }

  /** Reads a query. */
  static SparseQueryBuilder parse(XContentParser parser, NodeEncoder encoder) throws IOException {
    SparseQueryBuilder query = PARSER.parse(parser, new SparseQueryBuilder(encoder), null);
    if (query.filter != null && query.k == 0) {
      throw new IllegalArgumentException(
          "[filter] goes with [k]; without [k], put [%s] and the filter into a [bool] query."
              .formatted(NAME));
    }
    return query;
  }

  @Override
  protected void doXContent(XContentBuilder content, Params params) throws IOException {
    content.startObject(NAME);
    content.field(FIELD.getPreferredName(), field);
    if (model != null) {
      content.field(MODEL.getPreferredName(), model);
    }
    if (identity != null) {
      content.field(IDENTITY.getPreferredName(), identity);
    }
    if (vector != null) {
      content.field(WEIGHTS.getPreferredName(), vector.toMap());
    }
    if (text != null) {
      content.field(TEXT.getPreferredName(), text);
    }
    if (k > 0) {
      content.field(K.getPreferredName(), k);
    }
    content.field(ALPHA.getPreferredName(), alpha);
    content.field(BETA.getPreferredName(), beta);
    if (filter != null) {
      content.field(FILTER.getPreferredName(), filter);
    }
    printBoostAndQueryName(content);
    content.endObject();
  }

  private SparseQueryBuilder copy() {
    SparseQueryBuilder copy = new SparseQueryBuilder(encoder);
    copy.field = field;
    copy.model = model;
    copy.identity = identity;
    copy.verdicts = verdicts;
    copy.vector = vector;
    copy.text = text;
    copy.k = k;
    copy.alpha = alpha;
    copy.beta = beta;
    copy.filter = filter;
    copy.encoded = encoded;
    return copy.boost(boost()).queryName(queryName());
  }

  @Override
  protected QueryBuilder doRewrite(QueryRewriteContext context) throws IOException {
    if (filter != null) {
      QueryBuilder rewritten = filter.rewrite(context);
      if (rewritten != filter) {
        SparseQueryBuilder copy = copy();
        copy.filter = rewritten;
        return copy;
      }
    }
    if (text == null) {
      return this;
    }
    if (encoded == null) {
      return encodeLater(context);
    }
    if (encoded.get() == null) {
      return this;
    }
    SparseQueryBuilder weighted = copy();
    weighted.text = null;
    weighted.encoded = null;
    weighted.vector = encoded.get().vector();
    weighted.verdicts = encoded.get().verdicts();
    weighted.model = encoder.model();
    return weighted;
  }

  /** Not on this thread, which may be one of the network's. */
  private SparseQueryBuilder encodeLater(QueryRewriteContext context) {
    QueryCoordinatorContext coordinator = context.convertToCoordinatorContext();
    IndicesRequest request = coordinator == null ? null : coordinator.getSearchRequest();
    encoder.requireLength(text);
    SparseQueryBuilder waiting = copy();
    waiting.encoded = new AtomicReference<>();
    context.registerAsyncAction(
        (client, listener) ->
            encoder.encodeQuery(
                text,
                request,
                ActionListener.wrap(
                    found -> {
                      waiting.encoded.set(found);
                      listener.onResponse(null);
                    },
                    listener::onFailure)));
    return waiting;
  }

  @Override
  protected Query doToQuery(QueryShardContext context) throws IOException {
    MappedFieldType type = context.fieldMapper(field);
    if (!SparseFieldMapper.isSparse(type)) {
      throw new IllegalArgumentException(
          "Query [%s] needs a field of type [%s]: index [%s] has %s."
              .formatted(
                  NAME,
                  SparseFieldMapper.TYPE,
                  context.index().getName(),
                  type == null
                      ? "no field [" + field + "]"
                      : "field [%s] of type [%s]".formatted(field, type.typeName())));
    }
    if (vector == null) {
      throw new IllegalArgumentException(
          "Query [%s] cannot be asked with a text here: send weights.".formatted(NAME));
    }
    requireIdentity(SparseFieldMapper.identityHash(type), context.index().getName());
    SparseFieldMapper.requireModel(type, model, "the query");
    SparseVector weights = vector.from(SparseFieldMapper.identity(type).fingerprint());
    SparseQuery query = new SparseQuery(type.name(), weights).pruned(beta);
    query = alpha == 1 ? query : query.approximate(alpha);
    if (k == 0) {
      return query;
    }
    if (filter == null) {
      return new BestDocumentsQuery(query, k);
    }
    return new BestDocumentsQuery(
        new BooleanQuery.Builder()
            .add(query, Occur.MUST)
            .add(ParentFilter.of(filter, context), Occur.FILTER)
            .build(),
        k);
  }

  private void requireIdentity(String mapped, String index) {
    if (identity != null && !identity.equals(mapped)) {
      throw new IllegalArgumentException(
          "Field [%s] of index [%s] has another identity than the query asks for: the index was put in the place of the one that was meant. Open it again."
              .formatted(field, index));
    }
    String verdict = verdicts == null ? "" : verdicts.get(mapped);
    if (verdict == null) {
      throw new IllegalArgumentException(
          "Field [%s] of index [%s] has an identity to which the node that encoded the text has not held its encoder: the index is of another cluster, or was begun meanwhile. Ask a node of its own cluster, or send weights."
              .formatted(field, index));
    }
    if (!verdict.isEmpty()) {
      throw new IllegalArgumentException(verdict);
    }
  }

  @Override
  protected boolean doEquals(SparseQueryBuilder other) {
    return field.equals(other.field)
        && Objects.equals(model, other.model)
        && Objects.equals(identity, other.identity)
        && Objects.equals(verdicts, other.verdicts)
        && Objects.equals(vector, other.vector)
        && Objects.equals(text, other.text)
        && k == other.k
        && alpha == other.alpha
        && beta == other.beta
        && Objects.equals(filter, other.filter);
  }

  @Override
  protected int doHashCode() {
    return Objects.hash(field, model, identity, verdicts, vector, text, k, alpha, beta, filter);
  }

  @Override
  public String getWriteableName() {
    return NAME;
  }
}
