/** Relevance: collections, qrels, runs and measures, and BM25 to compare with. */
package io.m3lex.evaluation;
