package io.m3lex.opensearch.plugin;

import io.m3lex.index.IndexIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.opensearch.action.IndicesRequest;
import org.opensearch.cluster.ClusterState;
import org.opensearch.cluster.metadata.IndexMetadata;
import org.opensearch.cluster.metadata.IndexNameExpressionResolver;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.core.index.Index;

/**
 * The identities that the mappings of the cluster's indices state, on any node, whether it has a
 * shard of the index or not. Safe for use by several threads.
 */
final class MappedIdentities {

  /** More than a cluster has of sparse fields; beyond it, the memory is begun again. */
  private static final int GREATEST_NUMBER = 1000;

  private final ClusterService cluster;
  private final IndexNameExpressionResolver expressions;
  private final Map<Place, IndexIdentity> known = new ConcurrentHashMap<>();

  MappedIdentities(ClusterService cluster, IndexNameExpressionResolver expressions) {
    this.cluster = cluster;
    this.expressions = expressions;
  }

  /** The identities of a field in the indices that a request names. */
  List<IndexIdentity> of(IndicesRequest request, String field) {
    ClusterState state = cluster.state();
    List<IndexIdentity> identities = new ArrayList<>();
    for (Index index : expressions.concreteIndices(state, request)) {
      IndexIdentity identity = of(state.metadata().index(index), field);
      if (identity != null) {
        identities.add(identity);
      }
    }
    return identities;
  }

  /**
   * The identity of a field in an index.
   *
   * @param name the index's, or that of an alias to write to
   * @return null if there is no such index, or it has no such field
   */
  IndexIdentity of(String name, String field) {
    var abstraction = cluster.state().metadata().getIndicesLookup().get(name);
    IndexMetadata index = abstraction == null ? null : abstraction.getWriteIndex();
    return index == null ? null : of(index, field);
  }

  private IndexIdentity of(IndexMetadata index, String field) {
    if (index == null || index.mapping() == null) {
      return null;
    }
    Place place = new Place(index.getIndexUUID(), index.getMappingVersion(), field);
    if (known.size() >= GREATEST_NUMBER) {
      known.clear();
    }
    return known.computeIfAbsent(place, key -> parse(index, field));
  }

  private static IndexIdentity parse(IndexMetadata index, String field) {
    Object mapping = index.mapping().sourceAsMap();
    for (String name : field.split("\\.")) {
      mapping = child(child(mapping, "properties"), name);
    }
    return SparseFieldMapper.TYPE.equals(child(mapping, "type"))
        ? SparseFieldMapper.parseIdentity(field, child(mapping, SparseFieldMapper.IDENTITY))
        : null;
  }

  private static Object child(Object mapping, String name) {
    return mapping instanceof Map<?, ?> map ? map.get(name) : null;
  }

  private record Place(String index, long mappingVersion, String field) {}
}
