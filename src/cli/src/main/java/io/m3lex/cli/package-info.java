/**
 * The command {@code m3lex}. Not an interface for programs: its types are package-private but one.
 */
package io.m3lex.cli;
