/** What a Lucene posting can hold of a weight. */
package io.m3lex.codec;
