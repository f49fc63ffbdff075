/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.TextRole;
import io.m3lex.checkpoint.BadDownload;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * One thing that is wrong with a model. Each kind says in its message where, what, and what to do.
 */
public sealed interface Fault {

  /** The file that is at fault, as the manifest calls it. */
  String file();

  /** What is wrong and what to do, for people, in one or two sentences. */
  String message();

  /** A file that the manifest names is not there. */
  record Missing(String file, String location, FileRole role) implements Fault {
    @Override
    public String message() {
      return "%s: missing from %s. %s".formatted(file, location, consequence());
    }

    private String consequence() {
      return switch (role) {
        case HEAD ->
            "Other implementations go on with a head of random numbers, and give other weights in"
                + " every run. Put the model's own file there.";
        case OTHER_HEAD ->
            "No lexical weight depends on it, but this is how the known random weights come about:"
                + " without it other implementations leave the lexical head at random as well. Put"
                + " the model's own file there, or accept the folder as it is with --sparse-only.";
        default -> "Weights cannot be computed without it: put the model's own file there.";
      };
    }
  }

  /** A file is there but cannot be read. */
  record Unreadable(String file, String reason) implements Fault {
    @Override
    public String message() {
      return file + ": cannot be read: " + reason + ".";
    }
  }

  /** A file was written to while it was verified; the problem names it. */
  record Changed(String file, String problem) implements Fault {
    @Override
    public String message() {
      return problem;
    }
  }

  /** Beside a file lies one of another name with other tensors that programs may take instead. */
  record SecondFile(String file, String other) implements Fault {
    @Override
    public String message() {
      return ("%s: %s lies beside it, and is not the model's: it may be that of a fine-tuned model,"
              + " which other programs would load. Move it away, or lock it as a model of its own"
              + " with \"m3lex model lock --encoder %s\".")
          .formatted(file, other, other);
    }
  }

  /** The tensors are those of an encoder within another network. */
  record Prefixed(String file, String prefix) implements Fault {
    @Override
    public String message() {
      return ("%s: the names of the encoder's tensors begin with \"%s\", as where it was saved"
              + " together with the head of a task. Save the encoder alone: with transformers,"
              + " model.base_model.save_pretrained(FOLDER).")
          .formatted(file, prefix);
    }
  }

  /**
   * The tokenizer gives tokens that the network has no embeddings for.
   *
   * @param tokens some of them with their ids
   * @param rows how many ids the network has
   */
  record TokensWithoutRow(String file, SortedMap<Integer, String> tokens, int rows)
      implements Fault {
    @Override
    public String message() {
      return String.format(
          Locale.ROOT,
          "%s: the network has no embedding for %s; its %d rows are for the ids 0 to %d."
              + " Take the tokenizer that the network was trained with, or resize the network's"
              + " embeddings and train them.",
          file,
          tokens.entrySet().stream()
              .map(
                  token ->
                      String.format(
                          Locale.ROOT, "\"%s\" (id %d)", token.getValue(), token.getKey()))
              .collect(Collectors.joining(", ")),
          rows,
          rows - 1);
    }
  }

  /** There is something of that name, but not a file. */
  record NotAFile(String file) implements Fault {
    @Override
    public String message() {
      return file
          + ": is not a file but a folder or a device. Put the model's own file in its place.";
    }
  }

  /** A name in the model's folder leads out of it. */
  record OutsideFolder(String file, String target) implements Fault {
    @Override
    public String message() {
      return "%s: is a link out of the model's folder, to %s. Copy the file into the folder."
          .formatted(file, target);
    }
  }

  /** What lies there is the remains of a failed download. */
  record NotDownloaded(String file, BadDownload kind) implements Fault {
    @Override
    public String message() {
      return "%s: %s. %s.".formatted(file, kind.problem(), kind.remedy());
    }
  }

  /** A file has another size than the manifest states. */
  record WrongSize(String file, long expected, long found) implements Fault {
    @Override
    public String message() {
      return String.format(
          Locale.ROOT,
          found < expected
              ? "%s: truncated: %,d bytes instead of %,d. Download or copy it again."
              : "%s: %,d bytes instead of %,d. It is another file: put the model's own in its"
                  + " place.",
          file,
          found,
          expected);
    }
  }

  /** A file has the right size and another content than the manifest states. */
  record WrongHash(String file, String expected, String found) implements Fault {
    @Override
    public String message() {
      return ("%s: damaged, or of another revision or model: SHA-256 %s instead of %s."
              + " Download or copy it again.")
          .formatted(file, found, expected);
    }
  }

  /** A file is, whole, one that belongs elsewhere. */
  record ForeignFile(String file, String sha256, String owner) implements Fault {
    @Override
    public String message() {
      return "%s: belongs elsewhere: SHA-256 %s is that of %s. Put the model's own file in its place."
          .formatted(file, sha256, owner);
    }
  }

  /** A file's content is not what its kind of file must be; the problem names file and place. */
  record WrongFormat(String file, String problem) implements Fault {
    @Override
    public String message() {
      return problem;
    }
  }

  /** A tensor that the declared form of the head needs is not in the file. */
  record MissingTensor(String file, String tensor, String expected) implements Fault {
    @Override
    public String message() {
      return ("%s: tensor \"%s\" %s is missing, and nothing is made up in its place."
              + " Use the model's own file, or declare the head's form as it is.")
          .formatted(file, tensor, expected);
    }
  }

  /** A tensor is in the file that the declared form of the head has no use for. */
  record UnexpectedTensor(String file, String tensor, String found) implements Fault {
    @Override
    public String message() {
      return ("%s: tensor \"%s\" %s is left over: the declared form does not use it."
              + " Declare it as unused, or declare the head's form as it is.")
          .formatted(file, tensor, found);
    }
  }

  /** A tensor has another shape than the encoder and the form of the head demand. */
  record WrongShape(String file, String tensor, String expected, String found) implements Fault {
    @Override
    public String message() {
      return "%s: tensor \"%s\" has the shape %s instead of %s. It belongs to another model."
          .formatted(file, tensor, found, expected);
    }
  }

  /** A tensor has elements of a type that weights cannot have. */
  record WrongType(String file, String tensor, String expected, String found) implements Fault {
    @Override
    public String message() {
      return "%s: tensor \"%s\" has elements of type %s instead of %s. Convert the tensor."
          .formatted(file, tensor, found, expected);
    }
  }

  /** A tensor has an element that is infinite or not a number. */
  record NotFinite(String file, String tensor, long element) implements Fault {
    @Override
    public String message() {
      return String.format(
          Locale.ROOT,
          "%s: tensor \"%s\" is NaN or infinite at element %,d."
              + " The file is damaged or its training failed: use another.",
          file,
          tensor,
          element);
    }
  }

  /** An element of a tensor has a value that the head's form does not allow. */
  record OutOfRange(
      String file, String tensor, long element, double value, double least, double greatest)
      implements Fault {
    @Override
    public String message() {
      return String.format(
          Locale.ROOT,
          "%s: tensor \"%s\", element %d: %s is not from %s to %s. Take the head from its source again",
          file,
          tensor,
          element,
          value,
          least,
          greatest);
    }
  }

  /** All elements of a tensor are the same: it was zeroed or never assigned. */
  record Constant(String file, String tensor, String shape) implements Fault {
    @Override
    public String message() {
      return ("%s: all elements of tensor \"%s\" %s are the same: it was zeroed or never assigned."
              + " Use a complete file, or declare the tensor as constant if it is meant to be.")
          .formatted(file, tensor, shape);
    }
  }

  /** A network without a single matrix of weights. */
  record NoWeights(String file) implements Fault {
    @Override
    public String message() {
      return file
          + ": holds no matrix of weights among its initializers."
          + " Export the network with its weights as initializers.";
    }
  }

  /** A manifest is not one. */
  record WrongManifest(String file, String problem, String remedy) implements Fault {
    @Override
    public String message() {
      return "%s: %s. %s.".formatted(file, problem, remedy);
    }
  }

  /** The loaded model gives a known text another weight than its manifest states. */
  record WrongWeight(
      String file,
      String text,
      TextRole role,
      String feature,
      float expected,
      float found,
      float tolerance)
      implements Fault {
    @Override
    public String message() {
      return String.format(
          Locale.ROOT,
          "%s: golden text \"%s\" (%s): feature \"%s\" has weight %s instead of %s, a difference"
              + " of %.3g where %.3g is allowed. This machine, engine or precision does not compute"
              + " what the model was made with.",
          file,
          text.length() <= 60 ? text : text.substring(0, 60) + "…",
          role,
          feature,
          found,
          expected,
          Math.abs((double) expected - found),
          tolerance);
    }
  }
}
