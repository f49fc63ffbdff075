package io.m3lex.index;

/**
 * A document that was found.
 *
 * @param rank from 1
 * @param id the document's id
 * @param score dot product of the query with the document's stored weights
 * @param title as it was indexed
 * @param text as it was indexed
 */
public record Hit(int rank, String id, float score, String title, String text) {}
