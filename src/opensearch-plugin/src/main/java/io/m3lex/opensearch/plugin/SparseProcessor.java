/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.SparseVector;
import java.util.Map;
import java.util.function.BiConsumer;
import org.opensearch.core.action.ActionListener;
import org.opensearch.ingest.AbstractProcessor;
import org.opensearch.ingest.ConfigurationUtils;
import org.opensearch.ingest.IngestDocument;
import org.opensearch.ingest.Processor;

/**
 * A processor that encodes a text on its way into an index.
 *
 * <pre>
 * {"m3lex_sparse": {"field": "text", "target_field": "sparse"}}
 * </pre>
 */
final class SparseProcessor extends AbstractProcessor {

  static final String TYPE = "m3lex_sparse";

  private final String source;
  private final String target;
  private final NodeEncoder encoder;

  private SparseProcessor(
      String tag, String description, String source, String target, NodeEncoder encoder) {
    super(tag, description);
    this.source = source;
    this.target = target;
    this.encoder = encoder;
  }

  @Override
  public void execute(IngestDocument document, BiConsumer<IngestDocument, Exception> handler) {
    encoder.encodeDocument(
        ActionListener.wrap(
            encoded -> handler.accept(encoded, null), failure -> handler.accept(null, failure)),
        () -> execute(document));
  }

  @Override
  public IngestDocument execute(IngestDocument document) {
    String index = document.getMetadata().get(IngestDocument.Metadata.INDEX).toString();
    String text = document.getFieldValue(source, String.class);
    SparseVector vector = encoder.encodeDocument(text, index, target);
    document.setFieldValue(target, StoredVector.of(encoder.model(), vector, source, text));
    return document;
  }

  @Override
  public String getType() {
    return TYPE;
  }

  /** Makes processors of their settings in a pipeline. */
  static final class Factory implements Processor.Factory {
    private final NodeEncoder encoder;

    Factory(NodeEncoder encoder) {
      this.encoder = encoder;
    }

    @Override
    public SparseProcessor create(
        Map<String, Processor.Factory> processors,
        String tag,
        String description,
        Map<String, Object> settings) {
      return new SparseProcessor(
          tag,
          description,
          ConfigurationUtils.readStringProperty(TYPE, tag, settings, "field"),
          ConfigurationUtils.readStringProperty(TYPE, tag, settings, "target_field"),
          encoder);
    }
  }
}
