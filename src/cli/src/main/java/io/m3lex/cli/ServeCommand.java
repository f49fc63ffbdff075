/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelFingerprint;
import io.m3lex.encoder.LexicalEncoder;
import io.m3lex.index.SparseIndex;
import io.m3lex.index.SparseIndexWriter;
import io.m3lex.server.ServedIndex;
import io.m3lex.server.ServerSettings;
import io.m3lex.server.SparseServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code m3lex serve}. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Serve an index over HTTP: a page for searching, and an API that /openapi.json describes. Ends"
          + " cleanly when it is interrupted. There is no authentication: by default only this"
          + " machine can reach it.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex serve idx",
      "  m3lex serve idx --port 8080 --writable",
      "  curl -H 'Content-Type: application/json' -d '{\"query\": \"renew a lease\"}'"
          + " localhost:8080/search"
    })
final class ServeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private EncoderOptions encoderOptions;

  @Parameters(paramLabel = "DIR", description = "The index.")
  private Path folder;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "The address to listen on. Default: ${DEFAULT-VALUE}, this machine alone.")
  private String host;

  @Option(
      names = "--port",
      defaultValue = "7070",
      description = "The port to listen on; 0 for a free one. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--writable",
      description = "Let requests put and delete documents. Each is committed before its answer.")
  private boolean writable;

  @Option(
      names = "--running",
      paramLabel = "N",
      description = "Most searches at work at once. Default: one for each processor.")
  private int running = ServerSettings.DEFAULT.limits().running();

  @Option(
      names = "--waiting",
      paramLabel = "N",
      description =
          "Most searches that wait; what comes beyond is answered 503. Default: ${DEFAULT-VALUE}.")
  private int waiting = ServerSettings.DEFAULT.limits().waiting();

  @Option(
      names = "--bm25",
      paramLabel = "DOCUMENTS",
      description =
          "Show BM25 beside it if the index has this many documents at most; it is built in memory."
              + " 0 for none. Default: ${DEFAULT-VALUE}.")
  private int bm25 = ServerSettings.DEFAULT.bm25Documents();

  @Option(
      names = "--language",
      description =
          "The documents' language (en, zh, …), by which BM25's analyzer is chosen. Default: by the"
              + " documents.")
  private String language;

  @Option(
      names = "--fingerprint",
      paramLabel = "NAME",
      description = "Serve vectors that were made elsewhere: their model, as the index was told.")
  private String fingerprint;

  @Override
  public Integer call() throws IOException {
    ServerSettings settings = settings();
    if (fingerprint != null) {
      ModelFingerprint declared = ModelFingerprint.declared(fingerprint);
      try (Interruption interruption = new Interruption();
          SparseIndex index = SparseIndex.openForVectors(folder, declared);
          SparseIndexWriter writer =
              writable ? SparseIndexWriter.openForVectors(folder, declared) : null) {
        serve(new ServedIndex(name(), index, null, writer, null), settings, interruption);
      }
      return Main.GOOD;
    }
    ModelFingerprint built = SparseIndex.fingerprintOf(folder);
    try (Interruption interruption = new Interruption();
        LexicalEncoder encoder =
            encoderOptions.open(encoderOptions.settings().withoutCloseOnExit().like(built));
        SparseIndex index = SparseIndex.open(folder, encoder);
        SparseIndexWriter writer = writable ? SparseIndexWriter.open(folder, encoder) : null) {
      serve(
          new ServedIndex(name(), index, encoder, writer, encoder.model().report()),
          settings,
          interruption);
    }
    return Main.GOOD;
  }

  private String name() {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }

  private ServerSettings settings() {
    try {
      return ServerSettings.DEFAULT
          .at(host, port)
          .with(ServerSettings.DEFAULT.limits().withLoad(running, waiting))
          .withBm25(bm25, language);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private void serve(ServedIndex served, ServerSettings settings, Interruption interruption)
      throws IOException {
    try (SparseServer server = SparseServer.start(served, settings)) {
      spec.commandLine()
          .getOut()
          .println(
              "%s (%s) is served at %s%s"
                  .formatted(
                      folder,
                      served.index().fingerprint(),
                      server.uri(),
                      writable ? ", writable" : ""));
      interruption.await();
    }
  }
}
