/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * One of several parts of a file of vectors, made of neighbouring records of the input: all of them
 * in their order, one behind the other, are the file.
 *
 * @param number from 1
 * @param of number of parts
 */
record Shard(int number, int of) {

  /** Enough for any corpus, and so few that no product of it with a number of records overflows. */
  static final int MOST = 999_999;

  private static final Pattern FORM = Pattern.compile("([0-9]{1,6})/([0-9]{1,6})");

  Shard {
    if (number < 1 || number > of || of > MOST) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d/%d is no shard: it takes i/n with i from 1 to n, and n up to %d",
              number,
              of,
              MOST));
    }
  }

  /** The records of the input that belong to this shard; the parts differ by one record at most. */
  InputRange range(CountedInput input) {
    return new InputRange(
        "SHA-256 " + input.sha256(),
        Math.multiplyExact(input.records(), (long) number - 1) / of,
        Math.multiplyExact(input.records(), (long) number) / of,
        input.sha256());
  }

  /** Where it lies: beside the whole, named so that sorted names are the shards in their order. */
  Path file(Path whole) {
    String last = Integer.toString(of);
    String padded = "0".repeat(last.length() - Integer.toString(number).length()) + number;
    return Path.of(whole + "." + padded + "-of-" + last);
  }

  /** Where its manifest lies. */
  Path manifest(Path whole) {
    return Path.of(file(whole) + ".json");
  }

  @Override
  public String toString() {
    return number + "/" + of;
  }

  /** Reads {@code i/n}. */
  static final class Converter implements ITypeConverter<Shard> {
    @Override
    public Shard convert(String value) {
      Matcher matcher = FORM.matcher(value);
      if (!matcher.matches()) {
        throw new TypeConversionException(
            "'%s' is no shard: it takes i/n, for instance 2/5".formatted(value));
      }
      try {
        return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
