/** The sparse query: exact search over {@code FeatureField} postings by dot product. */
package io.m3lex.search;
