/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.checkpoint.BadDownload;
import io.m3lex.checkpoint.CheckpointFormatException;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.checkpoint.FileChangedException;
import io.m3lex.model.ModelSource.Reading;
import io.m3lex.util.BackgroundTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides whether a model is whole and the one that its manifest describes: every file there, of
 * the right size and SHA-256; every tensor of the architecture and of the head's declared form
 * there, of the right shape and type, none left over; all numbers finite, and no tensor constant
 * (see {@link TensorCheck}). Each file is opened once; what was checked is what is handed out.
 *
 * <p>That the loaded model also computes the right weights is for the encoder to check, with {@link
 * GoldenCheck}.
 */
public final class ModelVerifier {

  /** Files of the wrong size are read up to this size, to say what they are. */
  private static final long IDENTIFIED_BYTES = 64 << 20;

  /** The hash of larger files is computed while their tensors are checked. */
  private static final long SMALL_BYTES = 16 << 20;

  private final ModelCatalog catalog;
  private final boolean sparseOnly;
  private final boolean extras;

  /**
   * Makes a verifier.
   *
   * @param catalog known models, so that the file of another is named as such
   */
  public ModelVerifier(ModelCatalog catalog) {
    this(catalog, false, false);
  }

  private ModelVerifier(ModelCatalog catalog, boolean sparseOnly, boolean extras) {
    this.catalog = catalog;
    this.sparseOnly = sparseOnly;
    this.extras = extras;
  }

  /**
   * A verifier that accepts models without the files of the role {@link FileRole#OTHER_HEAD}. The
   * fingerprint says which are absent.
   */
  public ModelVerifier sparseOnly() {
    return new ModelVerifier(catalog, true, extras);
  }

  /** A verifier that also verifies the files of the role {@link FileRole#EXTRA} that are there. */
  public ModelVerifier withExtras() {
    return new ModelVerifier(catalog, sparseOnly, true);
  }

  /**
   * Verifies a model.
   *
   * @throws ModelVerificationException if anything is wrong; its report has all faults
   */
  public VerifiedModel verify(ModelManifest manifest, ModelSource source) {
    return verify(manifest, source, VerificationListener.NONE);
  }

  /**
   * Verifies a model.
   *
   * @param listener told what has passed, so that loading can begin while the rest is verified
   * @throws ModelVerificationException if anything is wrong; its report has all faults
   */
  public VerifiedModel verify(
      ModelManifest manifest, ModelSource source, VerificationListener listener) {
    List<Fault> otherFaults =
        manifest.golden().texts().isEmpty()
            ? List.of(
                new Fault.WrongManifest(
                    manifest.name(),
                    "the manifest has no golden texts, so that nothing shows that the model works",
                    "Lock the model again"))
            : List.of();
    return verify(manifest, source, otherFaults, listener);
  }

  /** Verifies files and tensors; golden texts may still be missing. */
  VerifiedModel verify(
      ModelManifest manifest,
      ModelSource source,
      List<Fault> otherFaults,
      VerificationListener listener) {
    // An interrupt closes the channel that its thread reads from.
    return BackgroundTask.uninterrupted(
        "verify-model", () -> verifyHere(manifest, source, otherFaults, listener));
  }

  private VerifiedModel verifyHere(
      ModelManifest manifest,
      ModelSource source,
      List<Fault> otherFaults,
      VerificationListener listener) {
    Verification verification = new Verification(manifest, source, listener);
    FileOutcome[] outcomes = new FileOutcome[manifest.files().size()];
    // The settings first: they say which tensors the encoder must have, which takes longest.
    List<List<FileRole>> phases =
        List.of(
            List.of(FileRole.CONFIG),
            List.of(FileRole.TOKENIZER, FileRole.HEAD, FileRole.OTHER_HEAD, FileRole.EXTRA),
            List.of(FileRole.ENCODER));
    for (List<FileRole> roles : phases) {
      for (int i = 0; i < outcomes.length; i++) {
        ModelFile file = manifest.files().get(i);
        if (roles.contains(file.role())) {
          outcomes[i] = verification.verify(file);
          FileBytes content = verification.contents.get(file.path());
          if (file.isNeeded()
              && file.role() != FileRole.ENCODER
              && content != null
              && content.isInMemory()
              && outcomes[i].passed()) {
            listener.passed(file, VerifiedModel.buffer(file, content));
          }
        }
      }
    }
    VerificationReport report =
        new VerificationReport(
            manifest.name(),
            source.location(),
            Arrays.stream(outcomes).filter(Objects::nonNull).toList(),
            otherFaults);
    if (!report.passed()) {
      throw new ModelVerificationException(report);
    }
    return new VerifiedModel(manifest, verification.contents, verification.tensorCheck, report);
  }

  /** One model. */
  private final class Verification {
    private final ModelManifest manifest;
    private final ModelSource source;
    private final VerificationListener listener;
    private final TensorCheck tensorCheck;
    private final Map<String, FileBytes> contents = new TreeMap<>();

    Verification(ModelManifest manifest, ModelSource source, VerificationListener listener) {
      this.manifest = manifest;
      this.source = source;
      this.listener = listener;
      tensorCheck = new TensorCheck(manifest);
    }

    /** What was found of a file; null if it need not be looked at. */
    FileOutcome verify(ModelFile file) {
      if (!file.isNeeded() && !extras) {
        return null;
      }
      Reading reading = read(file);
      if (!isMissing(reading)) {
        FileOutcome outcome = verify(file, file, reading);
        return file.alternatives().isEmpty() ? outcome : withoutRival(file, outcome);
      }
      for (ModelFile other : file.alternativeFiles()) {
        Reading otherReading = read(other);
        if (!isMissing(otherReading)) {
          return verify(file, other, otherReading);
        }
      }
      boolean needless = !file.isNeeded() || file.role() == FileRole.OTHER_HEAD && sparseOnly;
      return needless
          ? new FileOutcome(file, -1, null, 0, 0, List.of())
          : verify(file, file, reading);
    }

    /** Where an alternative is there as well, other programs may take it: it must be the same. */
    private FileOutcome withoutRival(ModelFile file, FileOutcome outcome) {
      List<Fault> faults = new ArrayList<>(outcome.faults());
      for (ModelFile other : file.alternativeFiles()) {
        Reading rival = source.read(other, other.bytes());
        if (!isMissing(rival) && !isTheStated(other, rival)) {
          faults.add(new Fault.SecondFile(file.path(), other.path()));
        }
      }
      return new FileOutcome(
          outcome.file(),
          outcome.bytesFound(),
          outcome.sha256Found(),
          outcome.tensors(),
          outcome.parameters(),
          faults);
    }

    private static boolean isTheStated(ModelFile file, Reading reading) {
      try {
        return reading instanceof Reading.Whole whole
            && whole.content().size() == file.bytes()
            && whole.content().sha256().equals(file.sha256());
      } catch (IOException e) {
        return false;
      }
    }

    private Reading read(ModelFile file) {
      return source.read(file, Math.max(file.bytes(), IDENTIFIED_BYTES));
    }

    private static boolean isMissing(Reading reading) {
      return reading instanceof Reading.Failed failed && failed.fault() instanceof Fault.Missing;
    }

    /**
     * Verifies what was read.
     *
     * @param file as the manifest has it
     * @param found the file or the alternative that was found in its place
     */
    private FileOutcome verify(ModelFile file, ModelFile found, Reading reading) {
      return switch (reading) {
        case Reading.Failed failed ->
            new FileOutcome(found, -1, null, 0, 0, List.of(failed.fault()));
        case Reading.TooLarge large ->
            new FileOutcome(
                found,
                large.bytes(),
                null,
                0,
                0,
                List.of(
                    large.bytes() == found.bytes()
                        ? new Fault.Unreadable(
                            found.path(), "it has more than the 2 GiB that are read in one piece")
                        : new Fault.WrongSize(found.path(), found.bytes(), large.bytes())));
        case Reading.Whole whole -> {
          contents.put(file.path(), whole.content());
          try {
            yield verify(found, whole.content());
          } catch (IOException e) {
            Fault fault =
                e instanceof FileChangedException
                    ? new Fault.Changed(found.path(), e.getMessage())
                    : new Fault.Unreadable(found.path(), ModelSource.reason(e));
            yield new FileOutcome(found, whole.content().size(), null, 0, 0, List.of(fault));
          }
        }
      };
    }

    private FileOutcome verify(ModelFile file, FileBytes content) throws IOException {
      long bytes = content.size();
      Optional<BadDownload> bad =
          BadDownload.recognise(content.slice(0, (int) Math.min(bytes, Short.MAX_VALUE)));
      if (bad.isPresent()) {
        String sha256 = content.sha256();
        boolean same = bytes == file.bytes() && sha256.equals(file.sha256());
        if (!same || file.role() != FileRole.CONFIG) {
          return new FileOutcome(
              file, bytes, sha256, 0, 0, List.of(new Fault.NotDownloaded(file.path(), bad.get())));
        }
      }
      BackgroundTask<String> hashing =
          bytes > SMALL_BYTES
              ? BackgroundTask.start("hash", () -> content.sha256())
              : BackgroundTask.finished(() -> content.sha256());
      List<Fault> tensorFaults = new ArrayList<>();
      TensorCheck.Count count = new TensorCheck.Count();
      try {
        count = tensorCheck.check(file, content, tensorFaults);
        if (file.role() == FileRole.ENCODER
            && tensorFaults.isEmpty()
            && bytes == file.bytes()
            && tensorCheck.architecture().isPresent()) {
          listener.tensorsPassed(
              tensorCheck.architecture().get(),
              Collections.unmodifiableSortedMap(tensorCheck.encoderTensors()));
        }
      } catch (CheckpointFormatException e) {
        // That a file is truncated has been said, and is why its format is wrong.
        if (bytes >= file.bytes()) {
          tensorFaults.add(new Fault.WrongFormat(file.path(), e.getMessage()));
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      String sha256 = hashing.result();
      List<Fault> faults = new ArrayList<>();
      if (bytes != file.bytes() || !sha256.equals(file.sha256())) {
        faults.add(difference(file, bytes, sha256));
      }
      faults.addAll(tensorFaults);
      return new FileOutcome(file, bytes, sha256, count.tensors(), count.parameters(), faults);
    }

    private Fault difference(ModelFile file, long bytes, String sha256) {
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
}
