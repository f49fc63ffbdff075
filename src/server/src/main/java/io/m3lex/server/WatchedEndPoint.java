/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection of which can be asked, while its request is answered, whether the client has hung
 * up: nothing else is read then, so nothing else would notice. Safe for use by several threads.
 */
final class WatchedEndPoint extends SocketChannelEndPoint {

  private static final int AHEAD_BYTES = 1 << 10;

  /** What was read too early: the beginning of the next request. */
  private ByteBuffer ahead = BufferUtil.EMPTY_BUFFER;

  WatchedEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  /**
   * Whether the client has closed the connection, or its side of it. To be called only while a
   * request was received whole and is not yet answered.
   */
  synchronized boolean isGone() {
    if (ahead.hasRemaining()) {
      return false;
    }
    try {
      ByteBuffer buffer = BufferUtil.allocate(AHEAD_BYTES);
      boolean ended = super.fill(buffer) < 0;
      ahead = buffer;
      return ended;
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Closes the connection if it waits for a request and nothing has arrived; if something has, it
   * is read.
   */
  void closeIfIdle() {
    boolean arrived = false;
    synchronized (this) {
      if (getFillInterest().isInterested()) {
        boolean gone = isGone();
        arrived = ahead.hasRemaining();
        if (gone || !arrived && getFillInterest().isInterested()) {
          // Nobody has begun to read it in the meantime.
          close();
        }
      }
    }
    if (arrived) {
      getFillInterest().fillable();
    }
  }

  @Override
  public synchronized int fill(ByteBuffer buffer) throws IOException {
    return ahead.hasRemaining() ? BufferUtil.append(buffer, ahead) : super.fill(buffer);
  }
}
