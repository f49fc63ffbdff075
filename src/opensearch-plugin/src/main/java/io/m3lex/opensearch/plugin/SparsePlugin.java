/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.opensearch.action.support.ActionFilter;
import org.opensearch.cluster.ClusterState;
import org.opensearch.cluster.metadata.IndexNameExpressionResolver;
import org.opensearch.cluster.node.DiscoveryNode;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.common.settings.Setting;
import org.opensearch.common.settings.Settings;
import org.opensearch.core.common.io.stream.NamedWriteableRegistry;
import org.opensearch.core.xcontent.NamedXContentRegistry;
import org.opensearch.env.Environment;
import org.opensearch.env.NodeEnvironment;
import org.opensearch.index.IndexSettings;
import org.opensearch.index.codec.CodecServiceFactory;
import org.opensearch.index.mapper.Mapper;
import org.opensearch.ingest.Processor;
import org.opensearch.plugins.ActionPlugin;
import org.opensearch.plugins.DiscoveryPlugin;
import org.opensearch.plugins.EnginePlugin;
import org.opensearch.plugins.IngestPlugin;
import org.opensearch.plugins.MapperPlugin;
import org.opensearch.plugins.Plugin;
import org.opensearch.plugins.SearchPlugin;
import org.opensearch.repositories.RepositoriesService;
import org.opensearch.script.ScriptService;
import org.opensearch.threadpool.ExecutorBuilder;
import org.opensearch.threadpool.ThreadPool;
import org.opensearch.transport.client.Client;
import org.opensearch.watcher.ResourceWatcherService;

/** What OpenSearch finds of m3lex. */
public final class SparsePlugin extends Plugin
    implements MapperPlugin,
        SearchPlugin,
        EnginePlugin,
        IngestPlugin,
        DiscoveryPlugin,
        ActionPlugin {

  /** The index setting by which another plugin claims the codecs of an index. */
  private static final String NEIGHBOURS = "index.knn";

  private final NodeEncoder encoder;

  /**
   * Opens the node's encoder, if its settings name one.
   *
   * @param configuration the node's folder of settings, from which a relative folder of a model is
   *     seen
   * @throws IOException if the model is not whole, or cannot be loaded: the node does not start
   */
  public SparsePlugin(Settings settings, Path configuration) throws IOException {
    encoder = NodeEncoder.open(settings, configuration);
  }

  @Override
  public List<Setting<?>> getSettings() {
    return List.of(
        NodeEncoder.MODEL,
        NodeEncoder.MAX_TOKENS,
        NodeEncoder.TRUNCATE,
        NodeEncoder.MAX_QUERY,
        NodeEncoder.MAX_DOCUMENT);
  }

  /** The attribute by which nodes see whether they have the same model. */
  @Override
  public Settings additionalSettings() {
    return encoder.attributes();
  }

  @Override
  public BiConsumer<DiscoveryNode, ClusterState> getJoinValidator() {
    return NodeEncoder::requireSameModel;
  }

  @Override
  public Collection<Object> createComponents(
      Client client,
      ClusterService clusterService,
      ThreadPool threadPool,
      ResourceWatcherService resourceWatcherService,
      ScriptService scriptService,
      NamedXContentRegistry contentRegistry,
      Environment environment,
      NodeEnvironment nodeEnvironment,
      NamedWriteableRegistry writeableRegistry,
      IndexNameExpressionResolver expressions,
      Supplier<RepositoriesService> repositories) {
    encoder.start(threadPool, new MappedIdentities(clusterService, expressions));
    return List.of();
  }

  @Override
  public List<ExecutorBuilder<?>> getExecutorBuilders(Settings settings) {
    return encoder.executors(settings);
  }

  @Override
  public List<ActionFilter> getActionFilters() {
    return encoder.filters();
  }

  @Override
  public Map<String, Mapper.TypeParser> getMappers() {
    return Map.of(SparseFieldMapper.TYPE, SparseFieldMapper.PARSER);
  }

  @Override
  public List<QuerySpec<?>> getQueries() {
    return List.of(
        new QuerySpec<>(
            SparseQueryBuilder.NAME,
            in -> new SparseQueryBuilder(in, encoder),
            parser -> SparseQueryBuilder.parse(parser, encoder)));
  }

  /**
   * Writes sparse fields in m3lex's postings format. An index whose codecs another plugin claims
   * keeps Lucene's format for them, in which queries find the same, but more slowly.
   */
  @Override
  public Optional<CodecServiceFactory> getCustomCodecServiceFactory(IndexSettings settings) {
    return settings.getSettings().getAsBoolean(NEIGHBOURS, false)
        ? Optional.empty()
        : Optional.of(SparseCodecService::new);
  }

  @Override
  public Map<String, Processor.Factory> getProcessors(Processor.Parameters parameters) {
    return Map.of(SparseProcessor.TYPE, new SparseProcessor.Factory(encoder));
  }

  @Override
  public void close() throws IOException {
    encoder.close();
  }
}
