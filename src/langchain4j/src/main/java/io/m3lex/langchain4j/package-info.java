/** m3lex in LangChain4j. */
package io.m3lex.langchain4j;
