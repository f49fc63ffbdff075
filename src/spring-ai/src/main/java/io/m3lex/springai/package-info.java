/** m3lex in Spring AI. */
package io.m3lex.springai;
