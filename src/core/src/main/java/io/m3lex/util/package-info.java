/** Helpers that several packages share; none of them knows of models or indexes. */
package io.m3lex.util;
