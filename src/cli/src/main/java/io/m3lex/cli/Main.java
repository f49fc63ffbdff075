/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.ModelMismatchException;
import io.m3lex.index.IndexFormatException;
import io.m3lex.model.ModelDraftException;
import io.m3lex.model.ModelVerificationException;
import io.m3lex.search.ScoreOverflowException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.lucene.util.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code m3lex}. */
@Command(
    name = "m3lex",
    versionProvider = Main.Versions.class,
    mixinStandardHelpOptions = true,
    subcommands = {
      DemoCommand.class,
      ModelCommand.class,
      EncodeCommand.class,
      JoinCommand.class,
      IndexCommand.class,
      PushCommand.class,
      SearchCommand.class,
      ExplainCommand.class,
      ScoreCommand.class,
      StatsCommand.class,
      OptimizeCommand.class,
      ServeCommand.class,
      EvalCommand.class,
      TrainHeadCommand.class
    },
    description = {
      "Learned sparse retrieval: lexical weights from a verified model, in a Lucene index.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  m3lex demo                                 see it work, on a sample collection",
      "  m3lex index corpus.jsonl --to idx          build an index",
      "  m3lex search idx \"how do I renew a lease\"  search it",
      "  m3lex explain idx \"renew a lease\" doc-17   see which tokens matched",
      "  m3lex serve idx                            a page and an API for it",
      "  m3lex eval scifact                         measure it on a test collection",
      "  m3lex COMMAND --help                       more about a command",
      "",
      "Exit codes: 0 good, 1 found a problem, 2 wrong usage."
    })
public final class Main {

  static final int GOOD = 0;
  static final int PROBLEM = 1;
  static final int WRONG_USAGE = 2;

  /** Named here, because the logging framework holds it only weakly. */
  private static final List<Logger> QUIETED =
      List.of(Logger.getLogger("org.apache.lucene.internal.vectorization.VectorizationProvider"));

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error arose.")
  private boolean debug;

  private Main() {}

  /** Runs the command and ends the program with its exit code. */
  public static void main(String[] arguments) {
    // Set before the first logger exists. What DJL and Lucene tell about themselves is no news.
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    System.setProperty("org.slf4j.simpleLogger.log.ai.djl", "error");
    // Jetty warns of every malformed request, and whoever sends them could fill the log.
    System.setProperty("org.slf4j.simpleLogger.log.org.eclipse.jetty", "error");
    QUIETED.forEach(logger -> logger.setLevel(Level.SEVERE));
    // Numbers and letters look the same whatever the language is, also in what libraries print.
    Locale.setDefault(Locale.ROOT);
    PrintStream out = terminal(System.out);
    PrintStream err = terminal(System.err);
    // For what logs, too.
    System.setErr(err);
    System.exit(run(new PrintWriter(out, true), new PrintWriter(err, true), arguments));
  }

  private static PrintStream terminal(PrintStream stream) {
    return new PrintStream(new TerminalOutput(stream), true, StandardCharsets.UTF_8);
  }

  /** Runs the command with the given outputs, and gives its exit code. */
  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    Optional<String> fault = SystemText.fault(List.of(arguments));
    if (fault.isPresent()) {
      err.println("m3lex: " + fault.get());
      return WRONG_USAGE;
    }
    return commandLine(out, err).execute(arguments);
  }

  private static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    commandLine.setOut(out);
    commandLine.setErr(err);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpLongOptionsMaxWidth(28);
    commandLine.setParameterExceptionHandler(Main::wrongUsage);
    commandLine.setExecutionExceptionHandler(
        (exception, failed, result) -> main.problem(exception, failed));
    commandLine.setExecutionStrategy(
        result -> {
          if (CommandLine.printHelpIfRequested(result)) {
            return GOOD;
          }
          if (!result.hasSubcommand()) {
            commandLine.usage(err);
            return WRONG_USAGE;
          }
          try {
            return new CommandLine.RunLast().execute(result);
          } catch (Error e) {
            return main.problem(e, commandLine);
          }
        });
    return commandLine;
  }

  private static int wrongUsage(ParameterException e, String[] arguments) {
    PrintWriter err = e.getCommandLine().getErr();
    err.println("m3lex: " + e.getMessage());
    err.println(
        "Try \"%s --help\".".formatted(e.getCommandLine().getCommandSpec().qualifiedName()));
    return WRONG_USAGE;
  }

  private int problem(Throwable exception, CommandLine failed) {
    PrintWriter err = failed.getErr();
    if (!isExpected(exception) && isEnding()) {
      // Of a program that is being ended, things fail that never do otherwise. There is no news in
      // it.
      return PROBLEM;
    }
    if (debug) {
      exception.printStackTrace(err);
    }
    err.println("m3lex: " + withAdvice(message(exception)));
    if (!isExpected(exception) && !debug) {
      err.println(
          "This is a fault of m3lex. Run the command with --debug and report what it shows.");
    }
    err.flush();
    return PROBLEM;
  }

  /** Whether the program is being ended, by a signal for instance. */
  private static boolean isEnding() {
    Thread hook = new Thread(() -> {}, "none");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static boolean isExpected(Throwable exception) {
    return exception instanceof CommandException
        || exception instanceof ModelMismatchException
        || exception instanceof ModelDraftException
        || exception instanceof ModelVerificationException
        || exception instanceof IndexFormatException
        || exception instanceof ScoreOverflowException
        || exception instanceof IOException
        || exception instanceof UncheckedIOException;
  }

  private static String message(Throwable exception) {
    Throwable shown =
        exception instanceof UncheckedIOException && exception.getMessage() == null
            ? exception.getCause()
            : exception;
    if (shown instanceof FileSystemException e && e.getReason() == null) {
      return "%s: %s".formatted(words(e.getClass().getSimpleName()), e.getMessage());
    }
    return shown.getMessage() == null ? shown.toString() : shown.getMessage();
  }

  /** With what to do about what the system says, in whatever exception it came. */
  private static String withAdvice(String message) {
    boolean full =
        Stream.of("No space left on device", "Disk quota exceeded", "not enough space on the disk")
            .anyMatch(message::contains);
    if (full) {
      return withEnd(message) + " Make room on the disk, and run the command again.";
    }
    return message.contains("Too many open files")
        ? withEnd(message) + " Raise the limit (ulimit -n), and run the command again."
        : message;
  }

  private static String withEnd(String message) {
    return message.endsWith(".") ? message : message + ".";
  }

  /** {@code AccessDeniedException} as {@code access denied}. */
  private static String words(String className) {
    return className
        .replaceFirst("Exception$", "")
        .replaceAll("([a-z])([A-Z])", "$1 $2")
        .toLowerCase(Locale.ROOT);
  }

  /** The versions of m3lex and of what it runs on. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {
        "m3lex " + (version == null ? "(not packaged)" : version),
        "Lucene " + Version.LATEST,
        "Java " + Runtime.version() + ", " + System.getProperty("java.vendor")
      };
    }
  }
}
