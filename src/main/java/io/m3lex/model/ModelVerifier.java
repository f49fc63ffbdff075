package io.m3lex.model;

import io.m3lex.checkpoint.BadDownload;
import io.m3lex.checkpoint.CheckpointFormatException;
import io.m3lex.model.ModelSource.Reading;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides whether a model is whole and the one that its manifest describes: every file there, of
 * the right size and SHA-256; every tensor that the head's declared form demands there, of the
 * right shape and type, none left over; all numbers of head and encoder finite, and no tensor
 * constant (see {@link TensorCheck}). Each file is read once; what was checked is what is handed
 * out.
 *
 * <p>That the loaded model also computes the right weights is for the encoder to check, with {@link
 * GoldenCheck}.
 */
public final class ModelVerifier {

  /** Files of the wrong size are read up to this size, to say what they are. */
  private static final long IDENTIFIED_BYTES = 64 << 20;

  private final ModelCatalog catalog;

  /**
   * Makes a verifier.
   *
   * @param catalog known models, so that the file of another is named as such
   */
  public ModelVerifier(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * Verifies a model.
   *
   * @throws ModelVerificationException if anything is wrong; its report has all faults
   */
  public VerifiedModel verify(ModelManifest manifest, ModelSource source) {
    List<Fault> otherFaults =
        manifest.golden().texts().isEmpty()
            ? List.of(
                new Fault.WrongManifest(
                    manifest.name(),
                    "the manifest has no golden texts, so that nothing shows that the model works",
                    "Lock the model again"))
            : List.of();
    return verify(manifest, source, otherFaults);
  }

  /** Verifies files and tensors; golden texts may still be missing. */
  VerifiedModel verify(ModelManifest manifest, ModelSource source, List<Fault> otherFaults) {
    List<FileOutcome> outcomes = new ArrayList<>();
    Map<String, ByteBuffer> contents = new TreeMap<>();
    TensorCheck tensorCheck = new TensorCheck(manifest);
    for (ModelFile file : manifest.files()) {
      outcomes.add(verify(file, manifest, source, contents, tensorCheck));
    }
    VerificationReport report =
        new VerificationReport(manifest.name(), source.location(), outcomes, otherFaults);
    if (!report.passed()) {
      throw new ModelVerificationException(report);
    }
    return new VerifiedModel(manifest, contents, tensorCheck.headTensors(), report);
  }

  private FileOutcome verify(
      ModelFile file,
      ModelManifest manifest,
      ModelSource source,
      Map<String, ByteBuffer> contents,
      TensorCheck tensorCheck) {
    return switch (source.read(file, Math.max(file.bytes(), IDENTIFIED_BYTES))) {
      case Reading.Failed failed -> new FileOutcome(file, -1, null, 0, 0, List.of(failed.fault()));
      case Reading.TooLarge large ->
          new FileOutcome(
              file,
              large.bytes(),
              null,
              0,
              0,
              List.of(
                  large.bytes() == file.bytes()
                      ? new Fault.Unreadable(
                          file.path(), "it has more than the 2 GiB that are read in one piece")
                      : new Fault.WrongSize(file.path(), file.bytes(), large.bytes())));
      case Reading.Whole whole -> {
        ByteBuffer content = whole.content();
        contents.put(file.path(), content);
        yield verify(file, manifest, content, tensorCheck);
      }
    };
  }

  private FileOutcome verify(
      ModelFile file, ModelManifest manifest, ByteBuffer content, TensorCheck tensorCheck) {
    List<Fault> faults = new ArrayList<>();
    int bytes = content.remaining();
    String sha256 = Sha256.of(content);
    boolean same = bytes == file.bytes() && sha256.equals(file.sha256());
    Optional<BadDownload> bad = BadDownload.recognise(content);
    if (bad.isPresent() && !(same && file.role() == FileRole.CONFIG)) {
      faults.add(new Fault.NotDownloaded(file.path(), bad.get()));
      return new FileOutcome(file, bytes, sha256, 0, 0, faults);
    }
    if (!same) {
      faults.add(difference(file, manifest, bytes, sha256));
    }
    TensorCheck.Count count = new TensorCheck.Count();
    try {
      count = tensorCheck.check(file, content, faults);
    } catch (CheckpointFormatException e) {
      // That a file is truncated has been said, and is why its format is wrong.
      if (bytes >= file.bytes()) {
        faults.add(new Fault.WrongFormat(file.path(), e.getMessage()));
      }
    }
    return new FileOutcome(file, bytes, sha256, count.tensors(), count.parameters(), faults);
  }

  private Fault difference(ModelFile file, ModelManifest manifest, long bytes, String sha256) {
    Optional<String> owner =
        ModelCatalog.ownerIn(manifest, sha256).or(() -> catalog.ownerOf(sha256));
    if (owner.isPresent()) {
      return new Fault.ForeignFile(file.path(), sha256, owner.get());
    }
    return bytes == file.bytes()
        ? new Fault.WrongHash(file.path(), file.sha256(), sha256)
        : new Fault.WrongSize(file.path(), file.bytes(), bytes);
  }
}
