/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import io.m3lex.ModelMismatchException;
import io.m3lex.index.IndexFormatException;
import io.m3lex.index.SparseIndexWriter;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the index can be searched and written. Moves it on to the newest commit, does changes
 * whole or not at all, and has the writer go on after an error, such as a full disk, as soon as
 * that is possible. Safe for use by several threads.
 */
final class IndexHealth {

  private static final Logger LOG = LoggerFactory.getLogger(IndexHealth.class);

  private static final String REMEDY = " Put the right index back, or restart the server with it.";

  private final ServedIndex served;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile String stale;
  private volatile String broken;

  /** Why the writer writes no more: its files are another's. Null if they are not. */
  private volatile String overwritten;

  IndexHealth(ServedIndex served) {
    this.served = served;
  }

  /** A change of the index. */
  @FunctionalInterface
  interface Change {
    void make(SparseIndexWriter writer) throws IOException;
  }

  /**
   * Makes a change, commits it and shows it.
   *
   * @throws RequestException 503 if it cannot be written; nothing of it is left
   */
  void change(Change change) throws IOException {
    writing.lock();
    try {
      lookAtFiles();
      if (overwritten != null) {
        throw notWritten(overwritten);
      }
      mend();
      if (broken != null) {
        throw notWritten(broken);
      }
      SparseIndexWriter writer = served.writer();
      try {
        change.make(writer);
        writer.commit();
      } catch (IOException e) {
        broken = "The index cannot be written: " + reason(e);
        LOG.error(broken);
        recover();
        throw notWritten(e.getMessage());
      } catch (RuntimeException | Error e) {
        // What was put of it must not come in with the next commit.
        recover();
        throw e;
      }
    } finally {
      writing.unlock();
    }
    lookAtFiles();
    served.index().refresh();
  }

  /**
   * Notices, for good, that another index was copied over this one. The writer would mix them, and
   * begun again in the midst of the copying it would delete what it does not know.
   */
  private void lookAtFiles() {
    try {
      served.index().requireUnchangedFiles();
    } catch (IndexFormatException e) {
      if (served.writer() != null && overwritten == null) {
        overwritten =
            "The index is written no more, until the server is started again: " + reason(e);
        LOG.error(overwritten);
      }
    }
  }

  private static RequestException notWritten(String reason) {
    return new RequestException(503, "Nothing of this request was written. " + reason);
  }

  private void mend() {
    if (served.writer().failure().isPresent() || broken != null) {
      recover();
    }
  }

  private void recover() {
    try {
      served.writer().recover();
      if (broken != null) {
        LOG.info("The index can be written again.");
      }
      broken = null;
    } catch (IOException | RuntimeException | Error e) {
      broken = "The index cannot be written, and is tried again every second: " + reason(e);
    }
  }

  /** Looks for a newer commit and at the writer; called again and again. */
  void check() {
    lookAtFiles();
    try {
      served.index().refresh();
      stale = null;
    } catch (IOException | RuntimeException | Error e) {
      String reason = reason(e);
      if (!reason.equals(stale)) {
        warn(reason, e);
      }
      stale = reason;
    }
    if (served.writer() != null && overwritten == null && writing.tryLock()) {
      try {
        mend();
      } finally {
        writing.unlock();
      }
    }
  }

  /** Tells in the log what {@link #ready()} tells; a trace only of what nobody expects. */
  private void warn(String reason, Throwable e) {
    String problem;
    try {
      served.index().requireUnchangedFiles();
      problem = servedOn(reason);
    } catch (IndexFormatException overwritten) {
      problem = "The index cannot be searched: " + reason + REMEDY;
    }
    if (e instanceof IOException || e instanceof ModelMismatchException) {
      LOG.warn(problem);
    } else {
      LOG.warn(problem, e);
    }
  }

  private static String servedOn(String reason) {
    return "The index cannot be refreshed; what was opened is served on: " + reason;
  }

  private static String reason(Throwable e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  /** Whether all is well: the newest commit is shown, and changes are taken if they are allowed. */
  Answer answer() {
    Answer searches = ready();
    String writer = overwritten == null ? broken : overwritten;
    return writer == null || searches.status() != 200 ? searches : Answer.error(503, writer);
  }

  /** Whether searches are answered by the newest commit. */
  Answer ready() {
    String refused = stale;
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("status", "ok");
    try {
      // Also looks at the files.
      answer.put("documents", documents());
    } catch (IOException e) {
      return Answer.error(
          503,
          "The index cannot be searched: "
              + reason(e)
              + (refused == null ? "" : " What is there now cannot be taken: " + refused + REMEDY));
    }
    if (refused != null) {
      return Answer.error(503, servedOn(refused));
    }
    answer.put("fingerprint", served.index().fingerprint().sha256());
    return Answer.json(answer);
  }

  int documents() throws IOException {
    return served.index().using(searcher -> searcher.getIndexReader().numDocs());
  }

  /** Whether changes fail. */
  boolean isBroken() {
    return broken != null || overwritten != null;
  }
}
