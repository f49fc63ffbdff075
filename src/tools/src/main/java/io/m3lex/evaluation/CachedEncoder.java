/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.evaluation;

import io.m3lex.EncodedText;
import io.m3lex.HybridEncoder;
import io.m3lex.HybridText;
import io.m3lex.ModelFingerprint;
import io.m3lex.SparseEncoder;
import io.m3lex.TextRole;
import io.m3lex.index.IndexContents;
import io.m3lex.index.WitnessText;
import io.m3lex.util.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * An encoder that keeps what it has encoded on disk, and encodes no text twice: also not in another
 * run of the program. The weights are those that the encoder gave, bit for bit.
 *
 * <p>A vector is kept under the hash of the text, its role and everything that decides a weight:
 * the model's fingerprint, and the weights that this machine gives the {@linkplain WitnessText
 * witness texts}. So the vectors of another model, or of the same one on a processor that computes
 * otherwise, are never taken.
 *
 * <p>Whatever ends the program, what was kept {@value VectorStore#SECONDS} seconds before is there
 * for the next. Several programs may use a folder at once. Memory does not grow with the texts.
 * Nothing is ever deleted from the folder; whoever wants the space deletes the whole of it.
 *
 * <p>Dense vectors are kept as well; token vectors, which are large, are encoded each time. Safe
 * for use by several threads.
 */
public final class CachedEncoder implements HybridEncoder {

  /** Of a key: with the dense vector. */
  private static final int DENSE = 64;

  private final SparseEncoder encoder;
  private final byte[] identity;
  private final VectorStore store;
  private final LongAdder found = new LongAdder();
  private final LongAdder encoded = new LongAdder();

  private CachedEncoder(SparseEncoder encoder, byte[] identity, VectorStore store) {
    this.encoder = encoder;
    this.identity = identity;
    this.store = store;
  }

  /**
   * Opens the cache of an encoder.
   *
   * @param encoder stays open when this is closed
   * @param folder for the vectors of all encoders; made if it is not there
   * @throws IOException if the folder cannot be used
   */
  public static CachedEncoder open(SparseEncoder encoder, Path folder) throws IOException {
    byte[] identity = identity(encoder);
    Path ours =
        folder.resolve(
            encoder.fingerprint().sha256().substring(0, 16)
                + "-"
                + HexFormat.of().formatHex(identity, 0, 8));
    try {
      Files.createDirectories(ours);
      Path model = ours.resolve("model.txt");
      if (!Files.exists(model)) {
        Files.writeString(model, description(encoder));
      }
    } catch (IOException e) {
      throw new IOException(
          "The cache %s cannot be written (%s): name another folder by --cache, or go without by --no-cache."
              .formatted(folder, e),
          e);
    }
    return new CachedEncoder(encoder, identity, VectorStore.open(ours, encoder.fingerprint()));
  }

  private static String description(SparseEncoder encoder) {
    StringBuilder lines = new StringBuilder("Vectors of " + encoder.fingerprint() + "\n");
    encoder
        .fingerprint()
        .components()
        .forEach((name, value) -> lines.append(name).append('=').append(value).append('\n'));
    return lines.toString();
  }

  /** What decides every weight, and what this machine makes of it. */
  private static byte[] identity(SparseEncoder encoder) {
    MessageDigest digest = Sha256.digest();
    digest.update(encoder.fingerprint().sha256().getBytes(StandardCharsets.US_ASCII));
    for (WitnessText witness : WitnessText.of(encoder)) {
      digest.update(witness.vector().toString().getBytes(StandardCharsets.UTF_8));
    }
    return digest.digest();
  }

  private byte[] key(String text, TextRole role, boolean dense) {
    MessageDigest digest = Sha256.digest();
    digest.update(identity);
    digest.update((byte) (role.ordinal() + (dense ? DENSE : 0)));
    digest.update(text.getBytes(StandardCharsets.UTF_8));
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      // UTF-8 has the same bytes for half a surrogate pair and for a question mark.
      text.chars().forEach(c -> digest.update(new byte[] {(byte) 0xFF, (byte) (c >> 8), (byte) c}));
    }
    return digest.digest();
  }

  @Override
  public ModelFingerprint fingerprint() {
    return encoder.fingerprint();
  }

  @Override
  public SortedMap<String, String> environment() {
    return encoder.environment();
  }

  @Override
  public EncodedText encode(String text, TextRole role) {
    return timed(text, role, false).text().encoded();
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the cache cannot be read or written
   */
  @Override
  public List<EncodedText> encode(List<String> texts, TextRole role) {
    return timed(texts, role, false).stream().map(timed -> timed.text().encoded()).toList();
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException if the encoder gives none
   */
  @Override
  public int denseSize() {
    return hybrid().denseSize();
  }

  @Override
  public boolean hasTokenVectors() {
    return encoder instanceof HybridEncoder hybrid && hybrid.hasTokenVectors();
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedOperationException also if the encoder gives no dense vectors
   * @throws UncheckedIOException if the cache cannot be read or written
   */
  @Override
  public List<HybridText> encodeHybrid(List<String> texts, TextRole role, boolean tokenVectors) {
    HybridEncoder hybrid = hybrid();
    return tokenVectors
        ? new IndexContents(true, true, "").encode(texts, hybrid, role)
        : timed(texts, role, true).stream().map(TimedText::text).toList();
  }

  private HybridEncoder hybrid() {
    if (encoder instanceof HybridEncoder hybrid) {
      return hybrid;
    }
    throw new UnsupportedOperationException(
        "model %s gives no dense vectors".formatted(encoder.fingerprint().model()));
  }

  /**
   * Like {@link #encode(String, TextRole)}, with the time that the encoder took for it, when it
   * was: the same as then, if the vector was kept.
   *
   * @param dense whether the dense vector is wanted as well
   */
  public TimedText timed(String text, TextRole role, boolean dense) {
    return timed(List.of(text), role, dense).getFirst();
  }

  private List<TimedText> timed(List<String> texts, TextRole role, boolean dense) {
    IndexContents contents = new IndexContents(dense, false, "");
    try {
      TimedText[] results = new TimedText[texts.size()];
      List<Integer> missing = new ArrayList<>();
      for (int i = 0; i < results.length; i++) {
        results[i] = store.get(key(texts.get(i), role, dense));
        if (results[i] == null) {
          missing.add(i);
        }
      }
      found.add(results.length - missing.size());
      if (!missing.isEmpty()) {
        long start = System.nanoTime();
        List<HybridText> fresh =
            contents.encode(
                missing.stream().map(texts::get).toList(), dense ? hybrid() : encoder, role);
        long nanos = (System.nanoTime() - start) / missing.size();
        encoded.add(missing.size());
        for (int i = 0; i < missing.size(); i++) {
          TimedText result = new TimedText(fresh.get(i), nanos);
          results[missing.get(i)] = result;
          store.put(key(texts.get(missing.get(i)), role, dense), result);
        }
      }
      return List.of(results);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The cache of encoded texts failed (%s). Go without it by --no-cache, or give it another folder by --cache."
              .formatted(e.getMessage()),
          e);
    }
  }

  @Override
  public String describe(String feature) {
    return encoder.describe(feature);
  }

  /** Number of texts whose vector was kept, of those asked for since this was opened. */
  public long found() {
    return found.sum();
  }

  /** Number of texts that had to be encoded since this was opened. */
  public long encoded() {
    return encoded.sum();
  }

  /** Puts what is not yet on disk there. The encoder stays open. */
  @Override
  public void close() {
    try {
      store.close();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The cache of encoded texts could not be closed: " + e.getMessage(), e);
    }
  }

  /**
   * A text that was encoded.
   *
   * @param text its vectors; no dense one unless it was asked for, never those of tokens
   * @param nanos how long the encoder took; of texts that were encoded together, the part of each
   */
  public record TimedText(HybridText text, long nanos) {}
}
