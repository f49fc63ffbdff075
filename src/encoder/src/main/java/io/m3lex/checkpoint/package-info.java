/**
 * Tensors out of files and into files: PyTorch checkpoints, safetensors, the initializers of an
 * ONNX graph. Knows nothing about models. {@link io.m3lex.checkpoint.Checkpoint} tells the formats
 * apart; {@link io.m3lex.checkpoint.FileBytes} stands for a file of any size, of which pieces are
 * read when they are asked for, and are always the same.
 *
 * <p>Every length, offset and type that a file states is checked before it is used, and nothing
 * that a file asks for is executed, so that a damaged or hostile file ends in a {@link
 * io.m3lex.checkpoint.CheckpointFormatException} that says what is wrong, where, and what to do.
 */
package io.m3lex.checkpoint;
