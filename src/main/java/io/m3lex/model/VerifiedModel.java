package io.m3lex.model;

import io.m3lex.checkpoint.Tensor;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A model that passed verification, with the very bytes that were verified. Nothing else makes one.
 *
 * <p>Instances are immutable and safe for use by several threads. The bytes lie outside the Java
 * heap and are released with the instance.
 */
public final class VerifiedModel {

  private final ModelManifest manifest;
  private final Map<String, ByteBuffer> contents;
  private final SortedMap<String, Tensor> headTensors;
  private final VerificationReport report;

  VerifiedModel(
      ModelManifest manifest,
      Map<String, ByteBuffer> contents,
      SortedMap<String, Tensor> headTensors,
      VerificationReport report) {
    this.manifest = manifest;
    this.contents = Map.copyOf(contents);
    this.headTensors = Collections.unmodifiableSortedMap(new TreeMap<>(headTensors));
    this.report = report;
  }

  /** What the model is. */
  public ModelManifest manifest() {
    return manifest;
  }

  /**
   * The bytes of the one file of a role: a read-only direct buffer of the caller's own, from
   * position 0.
   *
   * @throws IllegalArgumentException for {@link FileRole#CONFIG}; see {@link #bytes(ModelFile)}
   */
  public ByteBuffer bytes(FileRole role) {
    return bytes(manifest.file(role));
  }

  /**
   * The bytes of a file of the manifest.
   *
   * @throws IllegalArgumentException if the manifest does not have the file
   */
  public ByteBuffer bytes(ModelFile file) {
    ByteBuffer content = contents.get(file.path());
    if (content == null) {
      throw new IllegalArgumentException(
          "model %s has no file %s".formatted(manifest.name(), file));
    }
    return content.duplicate();
  }

  /** The tensors that the head's declared form demands, by name: all of them and no others. */
  public SortedMap<String, Tensor> headTensors() {
    return headTensors;
  }

  /** What the verification checked. */
  public VerificationReport report() {
    return report;
  }

  /**
   * The model's part of a fingerprint: the hash of every file ({@code file:tokenizer.json}), the
   * head's declared properties ({@code head:pooling}), the network's output that is read ({@code
   * encoder:output}), and the maximum number of tokens ({@code max-tokens}). Whoever runs the model
   * adds what else decides a weight.
   */
  public SortedMap<String, String> fingerprintComponents() {
    SortedMap<String, String> components = new TreeMap<>(manifest.head().fingerprintComponents());
    manifest.files().forEach(file -> components.put("file:" + file.path(), file.sha256()));
    components.put("encoder:architecture", manifest.encoder().architecture());
    components.put("encoder:output", manifest.encoder().output());
    components.put("max-tokens", Integer.toString(manifest.encoder().maxTokens()));
    return Collections.unmodifiableSortedMap(components);
  }
}
