/** Documents, queries and vectors in files: streams in, streams out, every fault with its place. */
package io.m3lex.corpus;
