/**
 * Indexes in clusters of OpenSearch, or of Elasticsearch where its API is the same: documents with
 * their weights are pushed there and searched with the guarantee that an index in a folder has.
 */
package io.m3lex.opensearch;
