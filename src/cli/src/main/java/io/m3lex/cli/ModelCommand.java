/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.encoder.EncoderSettings;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.model.Fault;
import io.m3lex.model.FileOutcome;
import io.m3lex.model.FileRole;
import io.m3lex.model.ModelCatalog;
import io.m3lex.model.ModelDownload;
import io.m3lex.model.ModelDraft;
import io.m3lex.model.ModelDraftException;
import io.m3lex.model.ModelFile;
import io.m3lex.model.ModelManifest;
import io.m3lex.model.ModelSource;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.model.ModelVerifier;
import io.m3lex.model.VerificationReport;
import io.m3lex.model.VerifiedModel;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex model}. */
@Command(
    name = "model",
    mixinStandardHelpOptions = true,
    description = "List, fetch, verify and lock models.")
final class ModelCommand {

  private static final long MEGABYTE = 1_000_000;
  private static final String TUNNELING = "jdk.http.auth.tunneling.disabledSchemes";

  @Spec private CommandSpec spec;

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "List the models that m3lex knows.")
  int list(@Option(names = "--json", description = "Print JSON.") boolean json) {
    List<ModelManifest> manifests = ModelCatalog.shipped().manifests();
    if (json) {
      Json.print(
          out(),
          manifests.stream().map(m -> Map.of("name", m.name(), "title", m.title())).toList());
      return Main.GOOD;
    }
    Table table = new Table("name", ">MB", "licence", "title");
    for (ModelManifest manifest : manifests) {
      long bytes =
          manifest.files().stream().filter(ModelFile::isNeeded).mapToLong(ModelFile::bytes).sum();
      table.add(
          manifest.name(),
          String.format(Locale.ROOT, "%.1f", bytes / 1e6),
          manifest.licence(),
          manifest.title());
    }
    table.print(out());
    return Main.GOOD;
  }

  @Command(
      name = "fetch",
      mixinStandardHelpOptions = true,
      description = {
        "Download a known model into a folder, verified while it comes.",
        "An interrupted download goes on where it stopped. Proxies are taken from https_proxy,"
            + " http_proxy, all_proxy and no_proxy."
      })
  int fetch(
      @Parameters(paramLabel = "NAME", description = "A known model, for instance bge-m3.")
          String name,
      @Option(names = "--to", paramLabel = "DIR", description = "The folder. Default: ./NAME.")
          Path folder,
      @Option(
              names = "--from",
              paramLabel = "URL|DIR",
              description =
                  "A mirror (the files' names are put behind its address), or a folder that holds the"
                      + " files. Default: where the model is published.")
          String source,
      @Option(names = "--all", description = "Also the files that m3lex does not use.") boolean all,
      @Option(
              names = "--force",
              description = "Replace files of these names that are not the model's.")
          boolean force,
      @Option(names = "--json", description = "Print JSON.") boolean json)
      throws IOException {
    // Otherwise Java does not send a proxy the password for a connection of https.
    if (System.getProperty(TUNNELING) == null) {
      System.setProperty(TUNNELING, "");
    }
    ModelManifest manifest = EncoderOptions.known(ModelCatalog.shipped(), "NAME", name);
    ModelDownload download = ModelDownload.of(manifest);
    download = source == null ? download : download.from(source);
    download = all ? download.withExtras() : download;
    download = force ? download.replacing() : download;
    Path target = folder == null ? Path.of(name) : folder;
    List<ModelDownload.Fetched> fetched;
    try (Progress progress = Progress.of("Fetching", "MB", download.bytes() / MEGABYTE)) {
      fetched = download.to(target, bytes -> progress.at(bytes / MEGABYTE));
    }
    if (json) {
      Json.print(
          out(),
          Map.of(
              "folder",
              target.toString(),
              "files",
              fetched.stream()
                  .map(f -> Map.of("path", f.file().path(), "wasThere", f.wasThere()))
                  .toList()));
      return Main.GOOD;
    }
    for (ModelDownload.Fetched file : fetched) {
      out()
          .println(
              "%s  %s%s"
                  .formatted(
                      file.file().sha256(),
                      file.file().path(),
                      file.wasThere() ? " (was there already)" : ""));
    }
    out().println("Model %s is in %s. Next: m3lex model verify %s".formatted(name, target, target));
    return Main.GOOD;
  }

  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      description = {
        "Verify a model: its files by size and SHA-256, its tensors, and the weights of its golden texts.",
        "Exit code 1 if there is any fault."
      })
  int verify(
      @Parameters(
              arity = "0..1",
              paramLabel = "DIR",
              description =
                  "Folder of the model. Default: the model that comes with m3lex, on the class path.")
          Path folder,
      @Option(
              names = "--manifest",
              paramLabel = "NAME|FILE",
              description =
                  "What the folder shall be: a known model, or a manifest. Default: the folder's own"
                      + " manifest, else the known model of the same file names.")
          String name,
      @Option(
              names = "--sparse-only",
              description =
                  "Accept a model without its head for multiple vectors, on which no lexical weight"
                      + " depends.")
          boolean sparseOnly,
      @Option(names = "--json", description = "Print JSON.") boolean json)
      throws IOException {
    ModelCatalog catalog = ModelCatalog.shipped();
    ModelManifest manifest = manifest(catalog, folder, name);
    ModelVerifier verifier = new ModelVerifier(catalog).withExtras();
    VerificationReport report;
    try {
      VerifiedModel model =
          (sparseOnly ? verifier.sparseOnly() : verifier)
              .verify(
                  manifest, folder == null ? ModelSource.classPath() : ModelSource.folder(folder));
      LexicalEncoder.open(model, EncoderSettings.DEFAULT).close();
      report = model.report();
    } catch (ModelVerificationException e) {
      report = e.report();
    }
    if (json) {
      Json.print(out(), asMap(report));
    } else {
      print(report, manifest);
      if (folder != null) {
        printMd5(folder, manifest);
      }
    }
    return report.passed() ? Main.GOOD : Main.PROBLEM;
  }

  private static ModelManifest manifest(ModelCatalog catalog, Path folder, String name) {
    if (name != null) {
      return Files.isRegularFile(Path.of(name))
          ? ModelManifest.read(Path.of(name))
          : EncoderOptions.known(catalog, "--manifest", name);
    }
    if (folder == null) {
      return catalog.defaultModel();
    }
    if (!Files.isDirectory(folder)) {
      throw new CommandException("There is no folder %s.".formatted(folder));
    }
    return catalog.ofFolder(folder);
  }

  private void print(VerificationReport report, ModelManifest manifest) {
    out().println("Model " + report.model() + " in " + report.location());
    Table table =
        new Table(
            "file", "role", "present", ">bytes", "size", "SHA-256", ">tensors", ">parameters");
    for (FileOutcome outcome : report.files()) {
      ModelFile file = outcome.file();
      boolean present = outcome.bytesFound() >= 0;
      boolean sameHash = file.sha256().equals(outcome.sha256Found());
      table.add(
          file.path(),
          file.role(),
          present ? "yes" : outcome.passed() ? "no" : "NO",
          present ? outcome.bytesFound() : "",
          !present ? "" : outcome.bytesFound() == file.bytes() ? "right" : "WRONG",
          outcome.sha256Found() == null ? "" : sameHash ? "right" : "WRONG",
          outcome.tensors() == 0 ? "" : outcome.tensors(),
          outcome.parameters() == 0 ? "" : outcome.parameters());
    }
    table.print(out());
    boolean weightsWrong = report.faults().stream().anyMatch(Fault.WrongWeight.class::isInstance);
    int texts = manifest.golden().texts().size();
    out()
        .println(
            weightsWrong
                ? "Golden texts: WRONG weights"
                : report.passed()
                    ? String.format(
                        Locale.ROOT,
                        "Golden texts: all weights of %d texts within %s",
                        texts,
                        manifest.golden().tolerance())
                    : "Golden texts: not tried, because the model is not whole");
    for (Fault fault : report.faults()) {
      out().println("FAULT " + fault.message());
    }
    out()
        .println(
            report.passed()
                ? "The model is whole and the one that its manifest describes."
                : String.format(
                    Locale.ROOT,
                    "The model must not be used: %d fault(s).",
                    report.faults().size()));
  }

  /** MD5s that users quote: for information only, because SHA-256 decides. */
  private void printMd5(Path folder, ModelManifest manifest) throws IOException {
    for (ModelFile file : manifest.files()) {
      Path path = folder.resolve(file.path());
      if (file.quotedMd5() != null && Files.isRegularFile(path) && Files.isReadable(path)) {
        String md5 = md5(path);
        out()
            .println(
                "For information: %s has MD5 %s, %s that its users quote%s."
                    .formatted(
                        file.path(),
                        md5,
                        md5.equals(file.quotedMd5()) ? "the one" : "not the one",
                        md5.equals(file.quotedMd5()) ? "" : " (" + file.quotedMd5() + ")"));
      }
    }
  }

  private static String md5(Path file) throws IOException {
    try (DigestInputStream stream =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("MD5"))) {
      stream.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(stream.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has MD5", e);
    }
  }

  private static Map<String, Object> asMap(VerificationReport report) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("model", report.model());
    map.put("location", report.location());
    map.put("passed", report.passed());
    map.put("faults", report.faults().stream().map(Fault::message).toList());
    List<Map<String, Object>> files = new ArrayList<>();
    for (FileOutcome outcome : report.files()) {
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("path", outcome.file().path());
      file.put("bytes", outcome.bytesFound());
      file.put("sha256", outcome.sha256Found());
      file.put("tensors", outcome.tensors());
      file.put("parameters", outcome.parameters());
      file.put("passed", outcome.faults().isEmpty());
      files.add(file);
    }
    map.put("files", files);
    return map;
  }

  @Command(
      name = "lock",
      mixinStandardHelpOptions = true,
      description = {
        "Write the manifest of a fine-tuned or private model into its folder, which holds"
            + " pytorch_model.bin or model.safetensors (with config.json) or model.onnx, then"
            + " tokenizer.json, and sparse_linear.pt or lexical_head.safetensors. Where there are"
            + " several of a kind, name the model's.",
        "From then on exactly these files are the model; golden weights are computed now."
      })
  int lock(
      @Parameters(paramLabel = "DIR", description = "Folder of the model.") Path folder,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              description = "The model's name. Default: that of the folder.")
          String name,
      @Option(
              names = "--encoder",
              paramLabel = "FILE",
              description = "The file in DIR with the network. Default: the only one.")
          String encoder,
      @Option(
              names = "--head",
              paramLabel = "FILE",
              description = "The file in DIR with the lexical head. Default: the only one.")
          String head,
      @Option(
              names = "--max-tokens",
              paramLabel = "N",
              description =
                  "Most tokens that the network takes at once, special ones included. Default: what its"
                      + " config.json says, 512 for ONNX.")
          int maxTokens,
      @Option(
              names = "--tolerance",
              paramLabel = "X",
              defaultValue = "0.001",
              description =
                  "Greatest difference of a golden weight on other machines; int8 networks need about 0.25."
                      + " Default: ${DEFAULT-VALUE}.")
          float tolerance,
      @Option(names = "--force", description = "Replace a manifest that is there.") boolean force)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new CommandException("There is no folder %s.".formatted(folder));
    }
    Path file = folder.resolve(ModelManifest.FILE_NAME);
    if (Files.exists(file) && !force) {
      throw new CommandException(
          "%s is there already. Verify the model with \"m3lex model verify %s\", or replace the manifest with --force."
              .formatted(file, folder));
    }
    String folderName = folder.toAbsolutePath().normalize().getFileName().toString();
    ModelManifest draft = draft(folder, name == null ? folderName : name, maxTokens, encoder, head);
    ModelManifest manifest =
        LexicalEncoder.lock(draft, ModelSource.folder(folder), file, tolerance);
    out().println("Locked model %s: %s".formatted(manifest.name(), file));
    for (ModelFile locked : manifest.files()) {
      out().println("  %s  %s".formatted(locked.sha256(), locked.path()));
    }
    return Main.GOOD;
  }

  private static ModelManifest draft(
      Path folder, String name, int maxTokens, String encoder, String head) throws IOException {
    try {
      return ModelDraft.ofFolder(
          folder, name, maxTokens, SparseIndexWriter.WITNESS_TOLERANCE, encoder, head);
    } catch (ModelDraftException e) {
      if (e.ambiguous().isEmpty()) {
        throw e;
      }
      throw new CommandException(
          "%s Name the model's with %s FILE, or move the others away."
              .formatted(
                  e.problem(), e.ambiguous().get() == FileRole.ENCODER ? "--encoder" : "--head"));
    }
  }
}
