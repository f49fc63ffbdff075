/**
 * What a model consists of, and whether it is whole: manifests, where the files come from, the
 * verification of files and tensors, and {@link io.m3lex.model.VerifiedModel}, which nothing but a
 * passed verification can make.
 */
package io.m3lex.model;
