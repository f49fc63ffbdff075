/**
 * The index: an ordinary Lucene index whose every commit says which model its weights came from,
 * and that is opened only with that model.
 */
package io.m3lex.index;
