/**
 * From text to sparse vector: tokenizer, windows over long texts, network and lexical head. Needs
 * the native libraries of DJL's tokenizers and of ONNX Runtime or PyTorch, which their jars carry;
 * nothing is downloaded.
 */
package io.m3lex.encoder;
