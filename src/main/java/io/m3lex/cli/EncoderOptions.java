package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.encoder.LongTexts;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerifier;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NoSuchElementException;
import picocli.CommandLine.Option;

/** Which model encodes. */
final class EncoderOptions {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "DIR|NAME",
      description =
          "A folder with a locked model, or the name of one that m3lex knows (see \"m3lex model list\")."
              + " Default: the one that comes with m3lex.")
  private String model;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that encode. Default: one for each processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  int threads() {
    if (threads < 1) {
      throw new CommandException("--threads must be at least 1: " + threads);
    }
    return threads;
  }

  /** Verifies and opens the model. */
  LexicalEncoder open(LongTexts longTexts) throws IOException {
    return LexicalEncoder.open(verify(), longTexts);
  }

  /**
   * Verifies and opens the model, with the treatment of long texts that an index was built with.
   */
  LexicalEncoder open(ModelFingerprint index) throws IOException {
    return open(LongTexts.of(index));
  }

  VerifiedModel verify() {
    ModelCatalog catalog = ModelCatalog.shipped();
    ModelVerifier verifier = new ModelVerifier(catalog);
    if (model == null) {
      return verifier.verify(catalog.manifests().getFirst(), ModelSource.classPath());
    }
    Path folder = Path.of(model);
    if (Files.isDirectory(folder)) {
      return verifier.verify(ModelManifest.ofFolder(folder), ModelSource.folder(folder));
    }
    return verifier.verify(known(catalog, "--model", model), ModelSource.classPath());
  }

  /** The known model that an option names. */
  static ModelManifest known(ModelCatalog catalog, String option, String name) {
    try {
      return catalog.manifest(name);
    } catch (NoSuchElementException e) {
      List<String> names = catalog.manifests().stream().map(ModelManifest::name).toList();
      throw new CommandException(
          "%s %s is neither on the disk nor a known model %s.".formatted(option, name, names));
    }
  }
}
