/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.encoder;

import io.m3lex.Cancellation;
import io.m3lex.FeatureSpan;
import io.m3lex.encoder.TextTokenizer.Tokens;
import io.m3lex.encoder.TextWindows.Window;
import io.m3lex.util.BackgroundTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Tokenizer and network: from text to the hidden state of every token. This is what a lexical head
 * is computed on, and trained on.
 *
 * <p>Safe for use by several threads; each call computes on the calling thread. Closing waits for
 * the calls in progress.
 */
public final class TokenStateEncoder implements AutoCloseable {

  private static final Pattern HALF_PAIR = Pattern.compile("\\p{Cs}");

  private final TextTokenizer tokenizer;
  private final Network network;
  private final LongTexts longTexts;
  private final int capacity;
  private final ReadWriteLock lifeCycle = new ReentrantReadWriteLock();
  private final Thread shutdownHook = new Thread(this::close, "close-encoder");
  private volatile boolean closing;
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
    this(
        BackgroundTask.startNative("load-network", () -> new OnnxNetwork(onnx, output)),
        TextTokenizer.load(tokenizerJson),
        maxTokens,
        longTexts,
        true);
  }

  /**
   * Waits for network and tokenizer, which are closed with this encoder, or at once if the other
   * cannot be loaded.
   *
   * @param closeOnExit whether this encoder closes itself when the program ends
   */
  TokenStateEncoder(
      BackgroundTask<Network> loadingNetwork,
      BackgroundTask<TextTokenizer> loadingTokenizer,
      int maxTokens,
      LongTexts longTexts,
      boolean closeOnExit)
      throws IOException {
    this.longTexts = longTexts;
    try {
      network = loadingNetwork.result();
    } catch (IOException | RuntimeException e) {
      discard(loadingTokenizer);
      throw e;
    }
    try {
      tokenizer = loadingTokenizer.result();
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
    capacity = maxTokens - tokenizer.frameLength();
    if (closeOnExit) {
      Runtime.getRuntime().addShutdownHook(shutdownHook);
    }
  }

  /** Closes what nobody will use. */
  static void discard(BackgroundTask<? extends AutoCloseable> loading) {
    try {
      loading.result().close();
    } catch (Exception e) {
      // There is nothing to close.
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

  /** The tokens with the greatest ids, ten at most, by id. */
  SortedMap<Integer, String> greatestTokens() {
    return tokenizer.greatest();
  }

  /**
   * Runs a text of one token, over and over, through the network.
   *
   * @param length how many tokens, the template's included
   * @throws IllegalStateException if an ONNX network does not take it
   */
  void probe(int id, int length) {
    int[] ids = new int[Math.max(1, length - tokenizer.frameLength())];
    Arrays.fill(ids, id);
    guarded(() -> network.run(List.of(tokenizer.frame(ids, 0, ids.length))));
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
   * Hands on the tokens of a text and where they stand in it, without a forward pass.
   *
   * @throws IllegalStateException if this encoder is closed
   */
  List<FeatureSpan> spans(String text, BiFunction<Tokens, int[], List<FeatureSpan>> features) {
    // Half a surrogate pair becomes several characters on the way to the tokenizer, which would
    // move all that follow.
    String whole = HALF_PAIR.matcher(text).replaceAll("\uFFFD");
    return guarded(() -> features.apply(tokenizer.tokenize(whole), tokenizer.bounds(whole)));
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
    return encode(List.of(text), List.of(consumer)).getFirst();
  }

  /**
   * Encodes several texts, in as few passes as the network's batches allow. The states are the same
   * as one by one.
   *
   * @param consumers takes the stretches of each text, as in {@link #encode(String, Consumer)}
   * @throws IllegalStateException if this encoder is closed
   * @throws CancellationException if the thread is interrupted; it stays so
   */
  List<TextLength> encode(List<String> texts, List<Consumer<TokenStates>> consumers) {
    return guarded(
        () -> {
          List<TextLength> lengths = new ArrayList<>();
          List<Piece> batch = new ArrayList<>();
          int batchTokens = 0;
          for (int i = 0; i < texts.size(); i++) {
            Tokens tokens = tokenizer.tokenize(texts.get(i));
            int length = tokens.ids().length;
            int kept = longTexts == LongTexts.TRUNCATE ? Math.min(length, capacity) : length;
            List<Window> windows = TextWindows.over(kept, capacity);
            for (Window window : windows) {
              int framed = window.end() - window.start() + tokenizer.frameLength();
              if (!batch.isEmpty() && batchTokens + framed > network.batchTokens()) {
                run(batch);
                batch.clear();
                batchTokens = 0;
              }
              batch.add(new Piece(tokens, window, consumers.get(i)));
              batchTokens += framed;
            }
            lengths.add(new TextLength(length, windows.size(), length - kept));
          }
          run(batch);
          return lengths;
        });
  }

  /** A window of one text, and who takes its states. */
  private record Piece(Tokens tokens, Window window, Consumer<TokenStates> consumer) {}

  private void run(List<Piece> batch) {
    if (batch.isEmpty()) {
      return;
    }
    Cancellation.check();
    if (closing) {
      throw closed();
    }
    List<long[]> inputs = new ArrayList<>();
    for (Piece piece : batch) {
      inputs.add(tokenizer.frame(piece.tokens.ids(), piece.window.start(), piece.window.end()));
    }
    List<float[]> passes = network.run(inputs);
    for (int i = 0; i < batch.size(); i++) {
      Piece piece = batch.get(i);
      piece.consumer.accept(states(piece.tokens, piece.window, passes.get(i)));
    }
  }

  private TokenStates states(Tokens tokens, Window window, float[] pass) {
    int hidden = network.hidden();
    int first = tokenizer.framePrefix() + window.usedStart() - window.start();
    int count = window.usedEnd() - window.usedStart();
    return new TokenStates(
        Arrays.copyOfRange(tokens.ids(), window.usedStart(), window.usedEnd()),
        Arrays.copyOfRange(tokens.special(), window.usedStart(), window.usedEnd()),
        Arrays.copyOfRange(pass, first * hidden, (first + count) * hidden),
        hidden,
        Arrays.copyOf(pass, hidden),
        Arrays.copyOfRange(pass, pass.length - hidden, pass.length));
  }

  private <T> T guarded(Supplier<T> call) {
    lifeCycle.readLock().lock();
    try {
      if (closed) {
        throw closed();
      }
      return call.get();
    } finally {
      lifeCycle.readLock().unlock();
    }
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("The encoder is closed.");
  }

  /**
   * Releases network and tokenizer. Passes in progress are finished first; what comes after them
   * fails. Done by itself when the program ends: an engine must not be at work then.
   */
  @Override
  public void close() {
    closing = true;
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
    if (Thread.currentThread() != shutdownHook) {
      try {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
      } catch (IllegalStateException e) {
        // The program is ending, and the hook finds nothing to do.
      }
    }
  }
}
