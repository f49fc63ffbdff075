/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What work throws is thrown to who waits for it, and who waits is not driven away. */
@Timeout(60)
class BackgroundTaskTest {

  @Test
  void theResultIsThatOfTheWork() throws IOException {
    assertEquals("done", BackgroundTask.start("work", () -> "done").result());
    assertEquals("done", BackgroundTask.finished(() -> "done").result());
    assertEquals("done", BackgroundTask.result(CompletableFuture.completedFuture("done")));
  }

  @Test
  void whatWasThrownIsThrownAgain() {
    for (Throwable thrown :
        List.of(new IOException("i"), new IllegalStateException("s"), new AssertionError("e"))) {
      BackgroundTask<?> task = BackgroundTask.start("work", failing(thrown));
      assertSame(thrown, assertThrows(thrown.getClass(), task::result));
    }
    Exception checked = new Exception("c");
    BackgroundTask<?> task = BackgroundTask.start("work", failing(checked));
    assertSame(checked, assertThrows(IOException.class, task::result).getCause());
  }

  @Test
  void whatAFutureThrewIsThrownUnchecked() {
    for (Throwable thrown : List.of(new IllegalArgumentException(), new AssertionError())) {
      assertSame(
          thrown,
          assertThrows(
              thrown.getClass(),
              () -> BackgroundTask.result(CompletableFuture.failedFuture(thrown))));
    }
    Exception checked = new Exception("c");
    assertSame(
        checked,
        assertThrows(
                IllegalStateException.class,
                () -> BackgroundTask.result(CompletableFuture.failedFuture(checked)))
            .getCause());
  }

  @Test
  void whoIsInterruptedWaitsAllTheSameAndStaysInterrupted() throws IOException {
    BackgroundTask<String> task =
        BackgroundTask.start(
            "work",
            () -> {
              Thread.sleep(100);
              return "done";
            });
    Thread.currentThread().interrupt();
    assertEquals("done", task.result());
    assertTrue(Thread.interrupted());
  }

  /** Native code that is at work when its library is unloaded takes the JVM with it. */
  @Test
  void aProgramDoesNotEndBeforeNativeWorkIsDone() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                BackgroundTaskTest.class.getName())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = process.inputReader()) {
      assertEquals("begun", output.readLine());
      process.toHandle().destroy();
      assertEquals("ending", output.readLine());
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      assertEquals("late work is cancelled", output.readLine());
      assertEquals("done", output.readLine());
    }
    assertEquals(128 + 15, process.waitFor());
  }

  /** The program: at work until it is told to go on, which it is while it ends. */
  public static void main(String[] arguments) throws Exception {
    BackgroundTask<String> task =
        BackgroundTask.startNative(
            "work",
            () -> {
              System.out.println("begun");
              System.in.read();
              try {
                BackgroundTask.startNative("late", () -> "begun too late").result();
              } catch (CancellationException e) {
                System.out.println("late work is cancelled");
              }
              Thread.sleep(200);
              System.out.println("done");
              return "done";
            });
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ending")));
    task.result();
  }

  private static Callable<?> failing(Throwable thrown) {
    return () -> {
      if (thrown instanceof Error error) {
        throw error;
      }
      throw (Exception) thrown;
    };
  }
}
