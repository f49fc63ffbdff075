/**
 * A query language in which sparse queries stand beside words, phrases and numeric ranges, in
 * Lucene's syntax.
 */
package io.m3lex.query;
