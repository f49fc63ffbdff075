/**
 * m3lex inside the nodes of an OpenSearch cluster: a field of weights in m3lex's postings format, a
 * query that m3lex's scorer answers on every shard, and the model's identity in the mapping, to
 * which every document and every query is held.
 */
package io.m3lex.opensearch.plugin;
