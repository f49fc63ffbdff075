/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.util.Locale;
import java.util.Objects;

/**
 * What a server does and what it bears.
 *
 * @param host the address that is listened on, such as {@code 127.0.0.1}
 * @param port from 0, which takes a free one, to 65,535
 * @param limits what it bears
 * @param bm25Documents most documents of an index that BM25 is built for beside it, in memory; 0
 *     for none
 * @param language the documents' language, by which BM25's analyzer is chosen, as a BCP 47 tag;
 *     null to guess it by the documents
 */
public record ServerSettings(
    String host, int port, Limits limits, int bm25Documents, String language) {

  /**
   * On this machine only, at a free port: one search for each processor, 256 waiting, k up to 1000,
   * 10,000 characters of query, 8 MiB of documents, 10 s for sending a request and 30 s for
   * waiting, 30 s for a search and 10 minutes for documents; BM25 for up to 50,000 documents.
   */
  public static final ServerSettings DEFAULT =
      new ServerSettings(
          "127.0.0.1",
          0,
          new Limits(
              Runtime.getRuntime().availableProcessors(),
              256,
              1_000,
              10_000,
              8 << 20,
              10_000,
              30_000,
              30_000,
              600_000),
          50_000,
          null);

  /**
   * Checks the components.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public ServerSettings {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(limits, "limits");
    require("port", port, 0);
    if (port > 65_535) {
      throw new IllegalArgumentException("port must be at most 65535: " + port);
    }
    require("bm25Documents", bm25Documents, 0);
  }

  private static void require(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s must be at least %d: %d", name, least, value));
    }
  }

  /** These settings at another address. */
  public ServerSettings at(String otherHost, int otherPort) {
    return new ServerSettings(otherHost, otherPort, limits, bm25Documents, language);
  }

  /** These settings with other limits. */
  public ServerSettings with(Limits others) {
    return new ServerSettings(host, port, others, bm25Documents, language);
  }

  /** These settings with another BM25. */
  public ServerSettings withBm25(int documents, String otherLanguage) {
    return new ServerSettings(host, port, limits, documents, otherLanguage);
  }

  /**
   * What a server bears.
   *
   * @param running most searches at work at once, at least 1. One place is kept for small searches,
   *     which never wait behind large ones; if there is but one, it is an additional one.
   * @param waiting most searches of each size that wait for their turn, at least 0; what comes
   *     beyond is answered 503
   * @param greatestK greatest {@code k} of a search, at least 1
   * @param queryCharacters most UTF-16 code units of a query, at least 1
   * @param documentBytes most bytes of a request that brings documents, at least 1
   * @param receiveMillis the time that a client has to send a request, at least 1
   * @param waitMillis the time that a request may wait for its turn, at least 1; then it is
   *     answered 503
   * @param searchMillis the time that a search may take from then on, at least 1; then it is ended
   *     and answered 503
   * @param writeMillis the same for documents, at least 1; nothing of the request is written then
   */
  public record Limits(
      int running,
      int waiting,
      int greatestK,
      int queryCharacters,
      int documentBytes,
      int receiveMillis,
      int waitMillis,
      int searchMillis,
      int writeMillis) {

    /**
     * Checks the components.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Limits {
      require("running", running, 1);
      require("waiting", waiting, 0);
      require("greatestK", greatestK, 1);
      require("queryCharacters", queryCharacters, 1);
      require("documentBytes", documentBytes, 1);
      require("receiveMillis", receiveMillis, 1);
      require("waitMillis", waitMillis, 1);
      require("searchMillis", searchMillis, 1);
      require("writeMillis", writeMillis, 1);
    }

    /** These limits with other numbers of searches at work and waiting. */
    public Limits withLoad(int nowRunning, int nowWaiting) {
      return new Limits(
          nowRunning,
          nowWaiting,
          greatestK,
          queryCharacters,
          documentBytes,
          receiveMillis,
          waitMillis,
          searchMillis,
          writeMillis);
    }

    /** These limits with another time for sending a request. */
    public Limits withReceiveMillis(int millis) {
      return new Limits(
          running,
          waiting,
          greatestK,
          queryCharacters,
          documentBytes,
          millis,
          waitMillis,
          searchMillis,
          writeMillis);
    }

    /** These limits with other times for waiting, searching and writing. */
    public Limits withTimes(int nowWait, int nowSearch, int nowWrite) {
      return new Limits(
          running,
          waiting,
          greatestK,
          queryCharacters,
          documentBytes,
          receiveMillis,
          nowWait,
          nowSearch,
          nowWrite);
    }
  }
}
