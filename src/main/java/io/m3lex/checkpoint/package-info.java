/**
 * Tensors out of files and into files: safetensors, the initializers of an ONNX graph. Knows
 * nothing about models. Every length, offset and type that a file states is checked before it is
 * used, so that a damaged file ends in a {@link io.m3lex.checkpoint.CheckpointFormatException} that
 * says what is wrong, where, and what to do.
 */
package io.m3lex.checkpoint;
