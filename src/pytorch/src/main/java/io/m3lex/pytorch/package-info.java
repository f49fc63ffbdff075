/** Runs PyTorch checkpoints by DJL's PyTorch engine. Found by the encoder as a service. */
package io.m3lex.pytorch;
