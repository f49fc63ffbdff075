package io.m3lex.encoder;

import io.m3lex.encoder.TextTokenizer.Tokens;
import io.m3lex.encoder.TextWindows.Window;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Tokenizer and network: from text to the hidden state of every token. This is what a lexical head
 * is computed on, and trained on.
 *
 * <p>Safe for use by several threads; each call computes on the calling thread. Closing waits for
 * the calls in progress.
 */
public final class TokenStateEncoder implements AutoCloseable {

  private final TextTokenizer tokenizer;
  private final OnnxNetwork network;
  private final LongTexts longTexts;
  private final int capacity;
  private final ReadWriteLock lifeCycle = new ReentrantReadWriteLock();
  private boolean closed;

  /**
   * Loads an encoder.
   *
   * @param onnx the bytes of its ONNX file
   * @param tokenizerJson the bytes of its tokenizer.json
   * @param output name of the ONNX output that holds the hidden states, for instance {@code
   *     last_hidden_state}
   * @param maxTokens most tokens the network takes at once, special tokens included
   * @throws IOException if one of the two cannot be loaded
   */
  public TokenStateEncoder(
      byte[] onnx, byte[] tokenizerJson, String output, int maxTokens, LongTexts longTexts)
      throws IOException {
    this.longTexts = longTexts;
    tokenizer = new TextTokenizer(tokenizerJson);
    capacity = maxTokens - tokenizer.frameLength();
    try {
      network = new OnnxNetwork(onnx, output);
    } catch (IOException | RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Number of values per token. */
  public int hidden() {
    return network.hidden();
  }

  /** Name and version of the engine that runs the network. */
  public String engine() {
    return network.engine();
  }

  /**
   * How long texts are treated, in the words of a fingerprint: the choice with the numbers that it
   * depends on.
   */
  public String longTextRule() {
    return longTexts.rule(capacity);
  }

  /** The piece of text that a token id stands for, empty if there is none. */
  public String piece(int id) {
    return guarded(() -> tokenizer.piece(id));
  }

  /**
   * The token ids of a text, without a forward pass and without the template's special tokens.
   *
   * @throws IllegalStateException if this encoder is closed
   */
  public int[] tokenIds(String text) {
    return guarded(() -> tokenizer.tokenize(text).ids());
  }

  /**
   * Encodes a text, one stretch after the other, so that memory does not grow with the text.
   *
   * @param text any text, of any length
   * @param consumer takes the stretches in the order of the text; together they hold every token
   *     once (but for those that {@link LongTexts#TRUNCATE} drops)
   * @throws IllegalStateException if this encoder is closed
   */
  public TextLength encode(String text, Consumer<TokenStates> consumer) {
    return guarded(
        () -> {
          Tokens tokens = tokenizer.tokenize(text);
          int length = tokens.ids().length;
          int kept = longTexts == LongTexts.TRUNCATE ? Math.min(length, capacity) : length;
          List<Window> windows = TextWindows.over(kept, capacity);
          for (Window window : windows) {
            consumer.accept(states(tokens, window));
          }
          return new TextLength(length, windows.size(), length - kept);
        });
  }

  private TokenStates states(Tokens tokens, Window window) {
    int hidden = network.hidden();
    float[] pass = network.run(tokenizer.frame(tokens.ids(), window.start(), window.end()));
    int first = tokenizer.framePrefix() + window.usedStart() - window.start();
    int count = window.usedEnd() - window.usedStart();
    return new TokenStates(
        Arrays.copyOfRange(tokens.ids(), window.usedStart(), window.usedEnd()),
        Arrays.copyOfRange(tokens.special(), window.usedStart(), window.usedEnd()),
        Arrays.copyOfRange(pass, first * hidden, (first + count) * hidden),
        hidden);
  }

  private <T> T guarded(Supplier<T> call) {
    lifeCycle.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("The encoder is closed.");
      }
      return call.get();
    } finally {
      lifeCycle.readLock().unlock();
    }
  }

  @Override
  public void close() {
    lifeCycle.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        network.close();
        tokenizer.close();
      }
    } finally {
      lifeCycle.writeLock().unlock();
    }
  }
}
