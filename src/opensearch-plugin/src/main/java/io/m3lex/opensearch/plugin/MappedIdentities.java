/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.opensearch.plugin;

import io.m3lex.index.ModelIdentity;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.opensearch.action.IndicesRequest;
import org.opensearch.cluster.ClusterState;
import org.opensearch.cluster.metadata.IndexMetadata;
import org.opensearch.cluster.metadata.IndexNameExpressionResolver;
import org.opensearch.cluster.service.ClusterService;
import org.opensearch.core.index.Index;
import org.opensearch.transport.RemoteClusterAware;

/**
 * The identities that the mappings of the cluster's indices state, on any node, whether it has a
 * shard of the index or not. Safe for use by several threads.
 */
final class MappedIdentities {

  /**
   * More than a cluster has of indices with a sparse field; beyond it, the memory is begun again.
   */
  private static final int GREATEST_NUMBER = 1000;

  private final ClusterService cluster;
  private final IndexNameExpressionResolver expressions;
  private final Map<Place, Map<String, ModelIdentity>> known = new ConcurrentHashMap<>();

  MappedIdentities(ClusterService cluster, IndexNameExpressionResolver expressions) {
    this.cluster = cluster;
    this.expressions = expressions;
  }

  /**
   * The identities of all sparse fields that a request can reach, under whatever names.
   *
   * @param request null if it is not known, which can reach all indices
   */
  Set<ModelIdentity> reachedBy(IndicesRequest request) {
    ClusterState state = cluster.state();
    Set<ModelIdentity> identities = new HashSet<>();
    if (request == null || !areLocal(request.indices())) {
      for (IndexMetadata index : state.metadata()) {
        identities.addAll(of(index).values());
      }
    } else {
      for (Index index : expressions.concreteIndices(state, request)) {
        identities.addAll(of(state.metadata().index(index)).values());
      }
    }
    return identities;
  }

  /** Whether a request names indices, and all of them are of this cluster. */
  private static boolean areLocal(String[] indices) {
    if (indices == null || indices.length == 0) {
      return false;
    }
    for (String index : indices) {
      if (index.indexOf(RemoteClusterAware.REMOTE_CLUSTER_INDEX_SEPARATOR) >= 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The identity of a field in an index.
   *
   * @param name the index's, or that of an alias to write to
   * @return null if there is no such index, or it has no such field
   */
  ModelIdentity of(String name, String field) {
    var abstraction = cluster.state().metadata().getIndicesLookup().get(name);
    IndexMetadata index = abstraction == null ? null : abstraction.getWriteIndex();
    return index == null ? null : of(index).get(field);
  }

  /** The identities of an index's sparse fields, by their full names. */
  private Map<String, ModelIdentity> of(IndexMetadata index) {
    if (index == null || index.mapping() == null) {
      return Map.of();
    }
    if (known.size() >= GREATEST_NUMBER) {
      known.clear();
    }
    return known.computeIfAbsent(
        new Place(index.getIndexUUID(), index.getMappingVersion()),
        key -> {
          Map<String, ModelIdentity> found = new TreeMap<>();
          collect("", index.mapping().sourceAsMap(), found);
          return found;
        });
  }

  private static void collect(String name, Object mapping, Map<String, ModelIdentity> found) {
    if (SparseFieldMapper.TYPE.equals(child(mapping, "type"))) {
      found.put(
          name, SparseFieldMapper.parseIdentity(name, child(mapping, SparseFieldMapper.IDENTITY)));
    }
    for (String children : new String[] {"properties", "fields"}) {
      if (child(mapping, children) instanceof Map<?, ?> properties) {
        properties.forEach(
            (key, value) -> collect(name.isEmpty() ? "" + key : name + "." + key, value, found));
      }
    }
  }

  private static Object child(Object mapping, String name) {
    return mapping instanceof Map<?, ?> map ? map.get(name) : null;
  }

  private record Place(String index, long mappingVersion) {}
}
