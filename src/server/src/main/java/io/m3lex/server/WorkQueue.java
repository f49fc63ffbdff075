/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed number of threads and a bounded queue before them: what is beyond it is refused at once,
 * so that neither threads nor memory grow with the load. One of the threads, in a queue with lanes,
 * takes small work only, so that this never waits behind large work. Safe for use by several
 * threads.
 */
final class WorkQueue implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WorkQueue.class);
  private static final long PATIENCE_SECONDS = 5;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Entry> queue = new LinkedList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final int most;
  private int idle;
  private int idleForSmall;
  private int working;
  private boolean closing;

  private record Entry(Runnable work, boolean large) {}

  private WorkQueue(String name, int running, int forSmall, int waiting) {
    most = waiting;
    for (int i = 0; i < running + forSmall; i++) {
      boolean small = i >= running;
      threads.add(
          Thread.ofPlatform().name("m3lex-" + name + "-" + i).unstarted(() -> takeAll(small)));
    }
    idle = running;
    idleForSmall = forSmall;
    threads.forEach(Thread::start);
  }

  /**
   * A queue with a lane for small work.
   *
   * @param running number of threads, at least 1; if it is 1, there is one more for small work
   * @param waiting most work of each size that waits
   */
  static WorkQueue withLanes(String name, int running, int waiting) {
    return new WorkQueue(name, Math.max(1, running - 1), 1, waiting);
  }

  /** A queue in which all work is done one after the other. */
  static WorkQueue inOrder(String name, int waiting) {
    return new WorkQueue(name, 1, 0, waiting);
  }

  private void takeAll(boolean smallOnly) {
    for (Runnable work = take(smallOnly); work != null; work = take(smallOnly)) {
      try {
        work.run();
      } catch (Throwable e) {
        // Nobody would take the thread's place.
        LOG.error("Work ended with an error; the thread goes on.", e);
      } finally {
        finished(smallOnly);
      }
    }
  }

  /** The next work, null at the end. */
  private Runnable take(boolean smallOnly) {
    lock.lock();
    try {
      while (true) {
        for (Iterator<Entry> entries = queue.iterator(); entries.hasNext(); ) {
          Entry entry = entries.next();
          if (!smallOnly || !entry.large) {
            entries.remove();
            count(smallOnly, -1);
            return entry.work;
          }
        }
        if (closing) {
          return null;
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void finished(boolean smallOnly) {
    // What was meant for the work that has ended must not reach the next.
    Thread.interrupted();
    lock.lock();
    try {
      count(smallOnly, 1);
    } finally {
      lock.unlock();
    }
  }

  private void count(boolean smallOnly, int idleThreads) {
    working -= idleThreads;
    if (smallOnly) {
      idleForSmall += idleThreads;
    } else {
      idle += idleThreads;
    }
  }

  /** Takes work, if there is a place for it. */
  boolean offer(Runnable work, boolean large) {
    lock.lock();
    try {
      int same = 0;
      for (Entry entry : queue) {
        same += entry.large == large ? 1 : 0;
      }
      int free = Math.max(0, idle - (queue.size() - same)) + (large ? 0 : idleForSmall);
      if (closing || same >= most + free) {
        return false;
      }
      queue.add(new Entry(work, large));
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes work back that has not begun. */
  void remove(Runnable work) {
    lock.lock();
    try {
      queue.removeIf(entry -> entry.work == work);
    } finally {
      lock.unlock();
    }
  }

  int running() {
    lock.lock();
    try {
      return working;
    } finally {
      lock.unlock();
    }
  }

  int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** Finishes what was taken. */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      for (Thread thread : threads) {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, end - System.nanoTime()));
      }
      threads.forEach(Thread::interrupt);
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      }
    } catch (InterruptedException e) {
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
  }
}
