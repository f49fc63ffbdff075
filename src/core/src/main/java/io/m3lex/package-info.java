/**
 * The vocabulary that every part of m3lex shares: what a sparse vector is, what turns text into
 * one, and which model it came from. Depends on the JDK alone.
 */
package io.m3lex;
