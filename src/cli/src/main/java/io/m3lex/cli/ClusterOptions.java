/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import io.m3lex.opensearch.ClusterAddress;
import io.m3lex.opensearch.ClusterCredentials;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Indexes in clusters as the command line and the environment name them. */
final class ClusterOptions {

  /** What help says of credentials. */
  static final String CREDENTIALS =
      "Credentials are taken from the environment: "
          + ClusterCredentials.USER
          + " and "
          + ClusterCredentials.PASSWORD
          + ", or "
          + ClusterCredentials.API_KEY
          + ".";

  private static final Set<String> VARIABLES =
      Set.of(ClusterCredentials.USER, ClusterCredentials.PASSWORD, ClusterCredentials.API_KEY);

  private ClusterOptions() {}

  /** Whether an argument is the address of an index rather than a folder. */
  static boolean isAddress(String argument) {
    return argument.matches("(?i)https?:/.*");
  }

  static ClusterAddress address(CommandSpec spec, String argument) {
    try {
      return ClusterAddress.parse(argument);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  static ClusterCredentials credentials() {
    try {
      Map<String, String> environment = System.getenv();
      environment.forEach(
          (name, value) -> {
            if (VARIABLES.contains(name)) {
              SystemText.require("the value of the variable " + name, value);
            }
          });
      return ClusterCredentials.of(environment);
    } catch (IllegalArgumentException e) {
      throw new CommandException("The environment's credentials: " + e.getMessage());
    }
  }
}
