/**
 * Trains the lexical head of a frozen encoder from plain text. The result depends on nothing but
 * the texts, the encoder and the settings: the same command gives the same head, bit for bit, on
 * the same machine.
 */
package io.m3lex.training;
