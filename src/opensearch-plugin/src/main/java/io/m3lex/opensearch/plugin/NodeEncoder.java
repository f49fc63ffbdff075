/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.ModelMismatchException;
import io.m3lex.SparseEncoder;
import io.m3lex.SparseVector;
import io.m3lex.TextRole;
import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.encoder.LongTexts;
import io.m3lex.index.ModelIdentity;
import io.m3lex.model.Fault;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.model.ModelVerifier;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.opensearch.action.IndicesRequest;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.cluster.ClusterState;
import org.opensearch.cluster.node.DiscoveryNode;
import org.opensearch.common.CheckedSupplier;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Setting.Property;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.action.ActionListener;
import org.opensearch.threadpool.ExecutorBuilder;
import org.opensearch.threadpool.ThreadPool;

/**
 * The encoder of a node. A node may have none: then documents and queries bring their weights, and
 * a text is refused. Safe for use by several threads.
 */
final class NodeEncoder implements Closeable {

  /** The model: {@value #DEFAULT_MODEL}, or its folder; none if empty. */
  static final Setting<String> MODEL = Setting.simpleString("m3lex.model", Property.NodeScope);

  /** As {@code --max-tokens} of the command; 0 for the model's own maximum. */
  static final Setting<Integer> MAX_TOKENS =
      Setting.intSetting("m3lex.max_tokens", 0, 0, Property.NodeScope);

  /** As {@code --truncate} of the command. */
  static final Setting<Boolean> TRUNCATE =
      Setting.boolSetting("m3lex.truncate", false, Property.NodeScope);

  /** Most characters of a query's text. */
  static final Setting<Integer> MAX_QUERY =
      Setting.intSetting("m3lex.max_query_characters", 10_000, 1, Property.NodeScope);

  /** Most characters of a document's text. */
  static final Setting<Integer> MAX_DOCUMENT =
      Setting.intSetting("m3lex.max_document_characters", 1_000_000, 1, Property.NodeScope);

  private static final String DEFAULT_MODEL = "default";
  private static final String ATTRIBUTE = "m3lex_model";

  /** More than a cluster has; beyond it, the memory is begun again. */
  private static final int GREATEST_NUMBER = 1000;

  private final LexicalEncoder encoder;
  private final int maxQuery;
  private final int maxDocument;
  private final Map<ModelIdentity, Verdict> verdicts = new ConcurrentHashMap<>();
  private volatile ThreadPool threadPool;
  private volatile MappedIdentities identities;

  private NodeEncoder(LexicalEncoder encoder, Settings settings) {
    this.encoder = encoder;
    maxQuery = MAX_QUERY.get(settings);
    maxDocument = MAX_DOCUMENT.get(settings);
  }

  /**
   * What came of holding the encoder to an identity.
   *
   * @param identity its SHA-256
   * @param refusal empty if the encoder may be used with it
   */
  private record Verdict(String identity, String refusal) {}

  /**
   * Verifies and opens the model that the settings name.
   *
   * @param configuration where a relative folder is
   */
  static NodeEncoder open(Settings settings, Path configuration) throws IOException {
    String model = MODEL.get(settings);
    if (model.isEmpty()) {
      return new NodeEncoder(null, settings);
    }
    // Natives and engines are found by the loader of the plugin, not by that of the server.
    Thread thread = Thread.currentThread();
    ClassLoader former = thread.getContextClassLoader();
    thread.setContextClassLoader(NodeEncoder.class.getClassLoader());
    try {
      ModelCatalog catalog = ModelCatalog.shipped();
      EncoderSettings how =
          EncoderSettings.DEFAULT
              .with(TRUNCATE.get(settings) ? LongTexts.TRUNCATE : LongTexts.WINDOW)
              .withMaxTokens(MAX_TOKENS.get(settings))
              .withoutCloseOnExit();
      if (model.equals(DEFAULT_MODEL)) {
        return new NodeEncoder(shipped(catalog, how), settings);
      }
      Path folder = configuration.resolve(model);
      return new NodeEncoder(
          LexicalEncoder.open(
              catalog.ofFolder(folder),
              ModelSource.folder(folder),
              new ModelVerifier(catalog),
              how),
          settings);
    } catch (LinkageError e) {
      throw withoutEncoder(e);
    } finally {
      thread.setContextClassLoader(former);
    }
  }

  /** Opens the model that comes with the zip that has the encoder. */
  private static LexicalEncoder shipped(ModelCatalog catalog, EncoderSettings how)
      throws IOException {
    try {
      return LexicalEncoder.open(
          catalog.defaultModel(), ModelSource.classPath(), new ModelVerifier(catalog), how);
    } catch (ModelVerificationException e) {
      if (e.report().faults().stream().allMatch(Fault.Missing.class::isInstance)) {
        throw withoutEncoder(e);
      }
      throw e;
    } catch (NoSuchElementException e) {
      throw withoutEncoder(e);
    }
  }

  private static IllegalStateException withoutEncoder(Throwable cause) {
    return new IllegalStateException(
        "%s names a model, but this plugin was built without the encoder. Install the zip with the encoder, or leave the setting out: then documents and queries bring their weights."
            .formatted(MODEL.getKey()),
        cause);
  }

  /** The node's attribute that names its model. */
  Settings attributes() {
    return encoder == null
        ? Settings.EMPTY
        : Settings.builder().put("node.attr." + ATTRIBUTE, encoder.fingerprint().sha256()).build();
  }

  /**
   * Holds a node that would join to the encoders of the cluster's nodes: texts must get the same
   * weights whichever node they are sent to.
   *
   * @throws IllegalStateException if a node has another model
   */
  static void requireSameModel(DiscoveryNode joining, ClusterState state) {
    String model = joining.getAttributes().get(ATTRIBUTE);
    if (model == null) {
      return;
    }
    for (DiscoveryNode node : state.nodes()) {
      String other = node.getAttributes().get(ATTRIBUTE);
      if (other != null && !other.equals(model)) {
        throw new IllegalStateException(
            "Node %s is refused: its model has fingerprint %s, that of node %s has fingerprint %s. All nodes of a cluster that encode must have the same model: set %s to that of the others, or to none."
                .formatted(joining.getName(), model, node.getName(), other, MODEL.getKey()));
      }
    }
  }

  /** The threads that it needs. */
  List<ExecutorBuilder<?>> executors(Settings settings) {
    return encoder == null ? List.of() : EncodingThreads.builders(settings);
  }

  /** What keeps the tasks that it encodes for in the context of their threads. */
  List<ActionFilter> filters() {
    return encoder == null
        ? List.of()
        : List.of(new Patience.Filter(() -> threadPool.getThreadContext()));
  }

  /** Makes ready to encode. */
  void start(ThreadPool threads, MappedIdentities mapped) {
    identities = mapped;
    threadPool = threads;
  }

  /** SHA-256 of the fingerprint of the model. */
  String model() {
    return requireEncoder().fingerprint().sha256();
  }

  /**
   * Refuses a query's text that is too long.
   *
   * @throws IllegalArgumentException if it is, or there is no encoder
   */
  void requireLength(String text) {
    requireEncoder();
    require(text, maxQuery, "text of a query", MAX_QUERY);
  }

  private static void require(String text, int most, String what, Setting<Integer> setting) {
    if (text.length() > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The %s has %,d characters, more than %,d. Shorten it, or raise [%s] on the nodes.",
              what,
              text.length(),
              most,
              setting.getKey()));
    }
  }

  /**
   * Encodes a query's text on threads of its own, as long as somebody waits for it.
   *
   * @param request names the indices that are searched; null if they are not known here
   */
  void encodeQuery(String text, IndicesRequest request, ActionListener<EncodedQuery> listener) {
    new EncodingThreads(threadPool)
        .run(
            EncodingThreads.Kind.ofQuery(text),
            Patience.of(threadPool.getThreadContext(), request),
            listener,
            () -> {
              Map<String, String> held = new TreeMap<>();
              for (ModelIdentity identity : identities.reachedBy(request)) {
                Verdict verdict = verdict(identity);
                held.put(verdict.identity(), verdict.refusal());
              }
              return new EncodedQuery(encode(text, TextRole.QUERY), held);
            });
  }

  /** Does what encodes a document's text, on threads of its own. */
  <T> void encodeDocument(ActionListener<T> listener, CheckedSupplier<T, Exception> encoding) {
    if (encoder == null) {
      ActionListener.completeWith(listener, encoding);
      return;
    }
    new EncodingThreads(threadPool)
        .run(
            EncodingThreads.Kind.DOCUMENT,
            Patience.of(threadPool.getThreadContext(), null),
            listener,
            encoding);
  }

  /**
   * The weights of a document's text.
   *
   * @param index where the document goes
   * @throws IllegalArgumentException if there is no encoder, or the field has weights of another
   *     model, or this machine gives other weights, or the text is too long
   */
  SparseVector encodeDocument(String text, String index, String field) {
    requireEncoder();
    require(text, maxDocument, "text of a document", MAX_DOCUMENT);
    ModelIdentity identity = identities.of(index, field);
    if (identity == null) {
      throw new IllegalArgumentException(
          "Index [%s] has no field [%s] of type [%s]: make the index with its mapping first."
              .formatted(index, field, SparseFieldMapper.TYPE));
    }
    String refusal = verdict(identity).refusal();
    if (!refusal.isEmpty()) {
      throw new IllegalArgumentException(
          "Field [%s] of index [%s]: %s".formatted(field, index, refusal));
    }
    return encode(text, TextRole.DOCUMENT);
  }

  private SparseVector encode(String text, TextRole role) {
    return requireEncoder().encode(text, role).vector();
  }

  /** Holds the encoder to an identity, with its witness texts: once for each identity. */
  private Verdict verdict(ModelIdentity identity) {
    SparseEncoder own = requireEncoder();
    if (verdicts.size() >= GREATEST_NUMBER) {
      verdicts.clear();
    }
    return verdicts.computeIfAbsent(
        identity,
        key -> {
          String refusal = "";
          try {
            key.require(own, "of this field");
          } catch (ModelMismatchException e) {
            refusal = e.getMessage();
          }
          return new Verdict(key.sha256(), refusal);
        });
  }

  private LexicalEncoder requireEncoder() {
    if (encoder == null) {
      throw new IllegalArgumentException(
          "This node has no encoder: send weights in the place of a text, or name a model by the node's setting %s."
              .formatted(MODEL.getKey()));
    }
    return encoder;
  }

  @Override
  public void close() {
    if (encoder != null) {
      encoder.close();
    }
  }
}
