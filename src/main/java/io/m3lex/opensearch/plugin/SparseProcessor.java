package io.m3lex.opensearch.plugin;

import io.m3lex.SparseVector;
import java.util.Map;
import java.util.function.BiConsumer;
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
    try {
      encoder
          .executor()
          .execute(
              () -> {
                IngestDocument encoded;
                try {
                  encoded = execute(document);
                } catch (Exception e) {
                  handler.accept(null, e);
                  return;
                }
                handler.accept(encoded, null);
              });
    } catch (RuntimeException e) {
      handler.accept(null, e);
    }
  }

  @Override
  public IngestDocument execute(IngestDocument document) {
    String index = document.getMetadata().get(IngestDocument.Metadata.INDEX).toString();
    SparseVector vector =
        encoder.encodeDocument(document.getFieldValue(source, String.class), index, target);
    document.setFieldValue(
        target,
        Map.of(
            SparseFieldMapper.MODEL,
            encoder.model(),
            SparseFieldMapper.WEIGHTS,
            new java.util.HashMap<>(vector.toMap())));
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
