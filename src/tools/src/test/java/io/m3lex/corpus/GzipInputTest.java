/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.corpus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class GzipInputTest {

  private final long seed = Long.getLong("m3lex.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** Members of every size and header, given out in pieces of every size, never with a promise. */
  @Test
  void everyMemberIsReadHoweverItArrives() throws IOException {
    for (int round = 0; round < 300; round++) {
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      for (int i = random.nextInt(6); i >= 0; i--) {
        byte[] content = content();
        expected.write(content);
        packed.write(member(content));
      }
      packed.write(new byte[random.nextInt(2) * random.nextInt(1000)]);
      assertArrayEquals(
          expected.toByteArray(), unpacked(packed.toByteArray()), message("round " + round));
    }
  }

  @Test
  void aCutIsNoticedWhereverItIs() throws IOException {
    byte[] first = member(text("one\n"));
    byte[] second = member(text("two\n"));
    byte[] both = joined(first, second);
    for (int length = 0; length < both.length; length++) {
      byte[] cut = Arrays.copyOf(both, length);
      if (length == first.length) {
        assertEquals("one\n", new String(unpacked(cut), StandardCharsets.UTF_8));
      } else {
        assertThrows(IOException.class, () -> unpacked(cut), message("cut after " + length));
      }
    }
  }

  /** A bit is of no consequence in the header's time, name and such, and damage anywhere else. */
  @Test
  void aFlippedBitNeverLosesAnything() throws IOException {
    for (int round = 0; round < 30; round++) {
      byte[] first = content();
      byte[] second = content();
      byte[] both = joined(member(first), member(second));
      for (int i = 0; i < 200; i++) {
        byte[] damaged = both.clone();
        int bit = random.nextInt(8 * both.length);
        damaged[bit / 8] ^= (byte) (1 << bit % 8);
        byte[] read;
        try {
          read = unpacked(damaged);
        } catch (IOException e) {
          assertTrue(e.getMessage().contains("byte "), e.getMessage());
          continue;
        }
        assertArrayEquals(joined(first, second), read, message("round " + round + " bit " + bit));
      }
    }
  }

  @Test
  void whatIsNoMemberBehindAMemberIsNamedWithItsPlace() throws IOException {
    byte[] member = member(text("one\n"));
    for (String behind : List.of("{\"_id\": \"b\"}\n", "\0\0x", "\037", "\037x")) {
      IOException e =
          assertThrows(IOException.class, () -> unpacked(joined(member, text(behind))), behind);
      assertTrue(e.getMessage().contains("byte "), e.getMessage());
    }
    IOException e =
        assertThrows(IOException.class, () -> unpacked(joined(member, text("plain text"))));
    assertEquals(
        "the gzip data are damaged at byte %d: neither a further gzip member nor the end of the file follows. Download or copy it again."
            .formatted(member.length),
        e.getMessage());
  }

  /** What is damaged stays so: nobody reads on behind it. */
  @Test
  void anExceptionComesAgain() throws IOException {
    byte[] damaged = joined(member(text("one\n")), text("plain"), member(text("two\n")));
    try (GzipInput input = new GzipInput(new ByteArrayInputStream(damaged))) {
      assertThrows(IOException.class, input::readAllBytes);
      assertThrows(IOException.class, input::read);
      assertThrows(IOException.class, input::readAllBytes);
    }
  }

  private String message(String where) {
    return "seed " + seed + ", " + where;
  }

  private byte[] content() {
    byte[] content = new byte[random.nextInt(4) == 0 ? random.nextInt(200_000) : random.nextInt(9)];
    int letters = 1 + random.nextInt(256);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) random.nextInt(letters);
    }
    return content;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A member as RFC 1952 has it, with whatever a header may hold. */
  private byte[] member(byte[] content) {
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    int flags = random.nextInt(32);
    member.writeBytes(new byte[] {0x1F, (byte) 0x8B, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
    if ((flags & 4) != 0) {
      int length = random.nextInt(700);
      member.write(length);
      member.write(length >> 8);
      byte[] extra = new byte[length];
      random.nextBytes(extra);
      member.writeBytes(extra);
    }
    for (int flag : new int[] {8, 16}) {
      if ((flags & flag) != 0) {
        member.writeBytes(text("n".repeat(random.nextInt(50)) + "\0"));
      }
    }
    if ((flags & 2) != 0) {
      CRC32 header = new CRC32();
      header.update(member.toByteArray());
      little(member, header.getValue(), 2);
    }
    Deflater deflater = new Deflater(random.nextInt(10), true);
    deflater.setInput(content);
    deflater.finish();
    byte[] buffer = new byte[1000];
    while (!deflater.finished()) {
      member.write(buffer, 0, deflater.deflate(buffer));
    }
    deflater.end();
    CRC32 checksum = new CRC32();
    checksum.update(content);
    little(member, checksum.getValue(), 4);
    little(member, content.length, 4);
    return member.toByteArray();
  }

  private static void little(ByteArrayOutputStream out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >> 8 * i));
    }
  }

  private byte[] unpacked(byte[] packed) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (InputStream input = new GzipInput(new Pieces(packed, random))) {
      byte[] buffer = new byte[1 + random.nextInt(10_000)];
      for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
        content.write(buffer, 0, count);
      }
    }
    return content.toByteArray();
  }

  /** Gives out a little at a time, and says that nothing is there, as a slow pipe does. */
  private static final class Pieces extends InputStream {
    private final InputStream bytes;
    private final Random random;

    Pieces(byte[] bytes, Random random) {
      this.bytes = new ByteArrayInputStream(bytes);
      this.random = random;
    }

    @Override
    public int read() throws IOException {
      return bytes.read();
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      int most = random.nextBoolean() ? 1 + random.nextInt(20) : 1 + random.nextInt(100_000);
      return bytes.read(buffer, from, Math.min(length, most));
    }

    @Override
    public int available() {
      return 0;
    }
  }

  /** The packed lines of every reader of the program come by the same way. */
  @Test
  void readersOfEveryKindNoticeADamagedMember() throws IOException {
    byte[] first = member(text("q 0 a 1\n"));
    byte[] damaged = joined(first, text("q 0 b 1\n"));
    List<String> lines = new ArrayList<>();
    try (LineReader reader = LineReader.open(new ByteArrayInputStream(damaged), "qrels.gz")) {
      lines.add(reader.next().text());
      IOException e = assertThrows(IOException.class, reader::next);
      assertEquals(
          "qrels.gz cannot be read on after line 1: the gzip data are damaged at byte %d: neither a further gzip member nor the end of the file follows. Download or copy it again."
              .formatted(first.length),
          e.getMessage());
    }
    assertEquals(List.of("q 0 a 1"), lines);
  }
}
