/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.ModelFingerprint;
import io.m3lex.ModelMismatchException;
import io.m3lex.index.IndexFormatException;
import io.m3lex.index.ModelIdentity;
import io.m3lex.index.SparsePostings;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.search.Query;
import org.opensearch.common.lucene.Lucene;
import org.opensearch.common.xcontent.XContentHelper;
import org.opensearch.core.xcontent.XContentParser;
import org.opensearch.core.xcontent.XContentParser.Token;
import org.opensearch.index.mapper.MappedFieldType;
import org.opensearch.index.mapper.MapperParsingException;
import org.opensearch.index.mapper.ParametrizedFieldMapper;
import org.opensearch.index.mapper.ParseContext;
import org.opensearch.index.mapper.SourceToParse;
import org.opensearch.index.mapper.SourceValueFetcher;
import org.opensearch.index.mapper.TextSearchInfo;
import org.opensearch.index.mapper.ValueFetcher;
import org.opensearch.index.query.QueryShardContext;
import org.opensearch.search.lookup.SearchLookup;

/**
 * A field of weights, all of one model: the mapping names it for good, and every document says
 * which model its weights came from.
 *
 * <pre>
 * "properties": {"sparse": {"type": "m3lex_sparse", "identity": …}}
 * {"sparse": [{"model": "0b6c… (SHA-256 of the fingerprint)", "weights": {"2054": 0.31, …}}]}
 * </pre>
 *
 * <p>The identity is what {@link ModelIdentity#toUserData} gives, or, for vectors made elsewhere,
 * the name that their maker declares.
 */
final class SparseFieldMapper extends ParametrizedFieldMapper {

  static final String TYPE = "m3lex_sparse";
  static final String IDENTITY = "identity";
  static final TypeParser PARSER = new TypeParser((name, context) -> new Builder(name));

  private final SparsePostings postings;

  private SparseFieldMapper(
      String name, MappedFieldType type, MultiFields multiFields, CopyTo copyTo) {
    super(name, type, multiFields, copyTo);
    postings = new SparsePostings(type.name(), identity(type).fingerprint());
  }

  /** Whether a field, null for none, is one of weights. */
  static boolean isSparse(MappedFieldType type) {
    return type != null && type.unwrap() instanceof FieldType;
  }

  /** The identity of a sparse field. */
  static ModelIdentity identity(MappedFieldType sparse) {
    return ((FieldType) sparse.unwrap()).identity;
  }

  /** SHA-256 of the identity of a sparse field. */
  static String identityHash(MappedFieldType sparse) {
    return ((FieldType) sparse.unwrap()).identityHash;
  }

  /**
   * The identity that a mapping states.
   *
   * @param stated a text or an object
   * @throws MapperParsingException if it is none
   */
  static ModelIdentity parseIdentity(String field, Object stated) {
    try {
      if (stated instanceof String name) {
        return ModelIdentity.declared(ModelFingerprint.declared(name));
      }
      if (stated instanceof Map<?, ?> entries) {
        Map<String, String> userData = new HashMap<>();
        entries.forEach((key, value) -> userData.put(key.toString(), String.valueOf(value)));
        return ModelIdentity.of(userData, "field [" + field + "]");
      }
    } catch (IndexFormatException | IllegalArgumentException e) {
      throw new MapperParsingException(e.getMessage(), e);
    }
    throw new MapperParsingException(
        "Field [%s] of type [%s] needs [%s]: the identity of the model that its weights come from (m3lex push writes it), or, for vectors made elsewhere, the name that their maker declares."
            .formatted(field, TYPE, IDENTITY));
  }

  @Override
  public Builder getMergeBuilder() {
    Builder builder = new Builder(simpleName());
    builder.init(this);
    return builder;
  }

  /** Otherwise a list and its only element would look the same. */
  @Override
  public boolean parsesArrayValue() {
    return true;
  }

  @Override
  public void parse(ParseContext context) throws IOException {
    if (context.externalValueSet()) {
      throw new IllegalArgumentException(
          "Field [%s] of type [%s] cannot be a field of another.".formatted(name(), TYPE));
    }
    XContentParser parser = context.parser();
    if (parser.currentToken() == Token.VALUE_NULL) {
      return;
    }
    if (context.doc().getByKey(name()) != null) {
      throw new IllegalArgumentException(
          "Field [%s] takes one vector a document.".formatted(name()));
    }
    StoredVector value = StoredVector.parse(name(), parser);
    if (value.vector() == null) {
      return;
    }
    requireModel(mappedFieldType, value.model(), "the document");
    if (!value.texts().isEmpty()) {
      SourceToParse source = context.sourceToParse();
      value.requireTexts(
          name(), XContentHelper.convertToMap(source.source(), false, source.getMediaType()).v2());
    }
    List<IndexableField> fields =
        postings.of(value.vector(), "a feature of field [" + name() + "]");
    if (!fields.isEmpty()) {
      context.doc().addWithKey(name(), fields.getFirst());
      // The statement of the model.
      fields.stream().skip(1).forEach(context.doc()::add);
      createFieldNamesField(context);
    }
  }

  /**
   * Holds weights to a sparse field.
   *
   * @param model SHA-256 of the fingerprint of the model that the weights came from, null if
   *     unstated
   * @param what whose weights they are, for the message
   * @throws IllegalArgumentException if it is another model, or unstated
   */
  static void requireModel(MappedFieldType sparse, String model, String what) {
    FieldType type = (FieldType) sparse.unwrap();
    try {
      type.identity
          .fingerprint()
          .requireSha256(
              model,
              "Field [%s] holds weights of".formatted(type.name()),
              "[%s] of %s".formatted(StoredVector.MODEL, what));
    } catch (ModelMismatchException e) {
      // What OpenSearch answers with 400.
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  protected void parseCreateField(ParseContext context) {
    throw new AssertionError("parse does it all");
  }

  @Override
  protected String contentType() {
    return TYPE;
  }

  /** The mapping's parameters. */
  static final class Builder extends ParametrizedFieldMapper.Builder {

    private final Parameter<ModelIdentity> identity =
        new Parameter<ModelIdentity>(
                IDENTITY,
                false,
                () -> null,
                (name, context, stated) -> parseIdentity(name, stated),
                mapper -> identity(mapper.fieldType()))
            .setSerializer(
                // In a fixed order: nodes compare mappings as texts.
                (content, name, value) -> content.field(name, new TreeMap<>(value.toUserData())),
                value -> String.valueOf(value == null ? null : value.fingerprint()));
    private final Parameter<Map<String, String>> meta = Parameter.metaParam();

    Builder(String name) {
      super(name);
      builder = this;
    }

    @Override
    protected List<Parameter<?>> getParameters() {
      return List.of(identity, meta);
    }

    @Override
    public SparseFieldMapper build(BuilderContext context) {
      String fullName = buildFullName(context);
      ModelIdentity stated = identity.getValue();
      if (stated == null) {
        parseIdentity(fullName, null);
      }
      return new SparseFieldMapper(
          name,
          new FieldType(fullName, stated, meta.getValue()),
          multiFieldsBuilder.build(this, context),
          copyTo.build());
    }
  }

  private static final class FieldType extends MappedFieldType {
    private final ModelIdentity identity;

    /** SHA-256 of the fingerprint. */
    private final String model;

    private final String identityHash;

    FieldType(String name, ModelIdentity identity, Map<String, String> meta) {
      super(name, true, false, false, TextSearchInfo.NONE, meta);
      this.identity = identity;
      model = identity.fingerprint().sha256();
      identityHash = identity.sha256();
      setIndexAnalyzer(Lucene.KEYWORD_ANALYZER);
    }

    @Override
    public String typeName() {
      return TYPE;
    }

    @Override
    public ValueFetcher valueFetcher(
        QueryShardContext context, SearchLookup lookup, String format) {
      return SourceValueFetcher.identity(name(), context, format);
    }

    @Override
    public Query termQuery(Object value, QueryShardContext context) {
      throw new IllegalArgumentException(
          "Field [%s] of type [%s] is searched by the query [%s]."
              .formatted(name(), TYPE, SparseQueryBuilder.NAME));
    }
  }
}
