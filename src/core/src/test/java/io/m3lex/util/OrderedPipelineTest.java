/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.util;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderedPipelineTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void resultsComeInTheOrderOfTheInputs(int threads) throws IOException {
    List<Integer> results = new ArrayList<>();
    OrderedPipeline.run(
        IntStream.range(0, 1_000).iterator(),
        input -> {
          if (input % 13 == 0) {
            pause();
          }
          return input * 2;
        },
        results::add,
        threads,
        () -> false);
    assertEquals(IntStream.range(0, 1_000).map(i -> i * 2).boxed().toList(), results);
  }

  @Test
  void holdsOnlyAFewInputsAtATime() throws IOException {
    AtomicInteger handedOn = new AtomicInteger();
    AtomicInteger furthestAhead = new AtomicInteger();
    var inputs =
        IntStream.range(0, 10_000)
            .peek(i -> furthestAhead.accumulateAndGet(i - handedOn.get(), Math::max))
            .iterator();
    OrderedPipeline.run(inputs, input -> input, r -> handedOn.incrementAndGet(), 2, () -> false);
    assertEquals(10_000, handedOn.get());
    assertTrue(furthestAhead.get() <= 16, "read ahead by " + furthestAhead.get());
  }

  @Test
  void aStopFinishesWhatIsBeingWorkedOnAndLeavesNoGap() throws IOException {
    AtomicInteger started = new AtomicInteger();
    List<Integer> results = new ArrayList<>();
    OrderedPipeline.run(
        IntStream.range(0, 1_000).iterator(),
        input -> {
          started.incrementAndGet();
          return input;
        },
        results::add,
        2,
        () -> results.size() >= 100);
    assertEquals(IntStream.range(0, results.size()).boxed().toList(), results);
    assertTrue(results.size() >= 100, results.size() + " results");
    assertTrue(started.get() <= 100 + 16, started + " were worked on");
  }

  @Test
  void batchesAreBoundedByTheirSizeAndTheirNumber() throws IOException {
    List<List<Integer>> batches = Collections.synchronizedList(new ArrayList<>());
    List<Integer> results = new ArrayList<>();
    OrderedPipeline.runInBatches(
        IntStream.range(0, 500).boxed().iterator(),
        input -> input < 250 ? 1 : 1_500,
        batch -> {
          batches.add(batch);
          return batch.stream().map(i -> -i).toList();
        },
        results::add,
        3,
        () -> false);
    assertEquals(IntStream.range(0, 500).map(i -> -i).boxed().toList(), results);
    for (List<Integer> batch : batches) {
      assertTrue(batch.size() <= (batch.getFirst() < 250 ? 32 : 3), batch.toString());
    }
    assertTrue(batches.size() < 100, batches.size() + " batches");
  }

  @Test
  void aFailureHandsOnWhatCameBeforeIt() {
    List<Integer> results = new ArrayList<>();
    var e =
        assertThrows(
            IOException.class,
            () ->
                OrderedPipeline.run(
                    IntStream.range(0, 1_000).iterator(),
                    input -> {
                      if (input == 500) {
                        throw new IOException("line 500");
                      }
                      return input;
                    },
                    results::add,
                    3,
                    () -> false));
    assertEquals("line 500", e.getMessage());
    assertEquals(IntStream.range(0, 500).boxed().toList(), results);
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(1);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
