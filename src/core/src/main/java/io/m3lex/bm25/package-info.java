/** BM25 over texts, beside which sparse weights are shown and measured. */
package io.m3lex.bm25;
