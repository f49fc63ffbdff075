/*
 * Copyright 2026 the m3lex authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.m3lex.model;

import io.m3lex.checkpoint.BadDownload;
import io.m3lex.checkpoint.FileBytes;
import io.m3lex.model.DownloadException.Remedy;
import io.m3lex.util.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Fetches the files of a model into a folder. Every file is hashed while it comes, kept beside its
 * place until it is whole and the one that the manifest states, and gone on with where a former run
 * stopped. Proxies are those of the environment ({@code https_proxy} and its like) or else of the
 * JVM.
 */
public final class ModelDownload {

  private static final String LOCK = ".m3lex-fetch.lock";
  private static final int CHUNK_BYTES = 1 << 16;

  private final ModelManifest manifest;
  private final String source;
  private final boolean replacing;
  private final List<ModelFile> files;
  private final Patience patience;

  private ModelDownload(
      ModelManifest manifest,
      String source,
      boolean replacing,
      List<ModelFile> files,
      Patience patience) {
    this.manifest = manifest;
    this.source = source;
    this.replacing = replacing;
    // The small ones first: what is wrong with the source shows before gigabytes have come.
    this.files = files.stream().sorted(Comparator.comparingLong(ModelFile::bytes)).toList();
    this.patience = patience;
  }

  /** Fetches the files that a whole model has, from where the manifest says. */
  public static ModelDownload of(ModelManifest manifest) {
    return new ModelDownload(
        manifest,
        manifest.download(),
        false,
        manifest.files().stream().filter(ModelFile::isNeeded).toList(),
        Patience.DEFAULT);
  }

  /**
   * From another source.
   *
   * @param other an address of http or https that the files' paths are put behind, or a folder, or
   *     its file: address
   */
  public ModelDownload from(String other) {
    return new ModelDownload(manifest, other, replacing, files, patience);
  }

  /** All files, also those that m3lex does not use. */
  public ModelDownload withExtras() {
    return new ModelDownload(manifest, source, replacing, manifest.files(), patience);
  }

  /** Replaces files of the same name that are not the model's. */
  public ModelDownload replacing() {
    return new ModelDownload(manifest, source, true, files, patience);
  }

  ModelDownload with(Patience other) {
    return new ModelDownload(manifest, source, replacing, files, other);
  }

  /** The number of bytes of all files. */
  public long bytes() {
    return files.stream().mapToLong(ModelFile::bytes).sum();
  }

  /**
   * One file that is now there.
   *
   * @param file as the manifest states it
   * @param wasThere whether it was there already
   */
  public record Fetched(ModelFile file, boolean wasThere) {}

  /**
   * Fetches the files, then writes the manifest beside them.
   *
   * @param folder made if it is not there
   * @param progress told the number of bytes that are there
   * @throws IOException if a file cannot be had, or another one lies in its place; what is whole
   *     and what has begun stays for the next run
   */
  public List<Fetched> to(Path folder, LongConsumer progress) throws IOException {
    if (source == null) {
      throw new IOException(
          "The manifest of %s does not say where its files are. Name an address or a folder with --from."
              .formatted(manifest.name()));
    }
    try (DownloadSource open = DownloadSource.at(source, patience)) {
      Files.createDirectories(folder);
      Path lockFile = folder.resolve(LOCK);
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = lock(channel, folder)) {
        assert lock.isValid();
        List<Fetched> fetched = fetch(open, folder, progress);
        WholeFile.write(
            folder.resolve(ModelManifest.FILE_NAME), List.of(ByteBuffer.wrap(manifest.toJson())));
        return fetched;
      } finally {
        Files.deleteIfExists(lockFile);
      }
    }
  }

  private static FileLock lock(FileChannel channel, Path folder) throws IOException {
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Held by another thread of this program.
    }
    if (lock == null) {
      throw new IOException("Another download into %s is going on.".formatted(folder));
    }
    return lock;
  }

  private List<Fetched> fetch(DownloadSource open, Path folder, LongConsumer progress)
      throws IOException {
    List<Fetched> fetched = new ArrayList<>();
    long missing = 0;
    for (ModelFile file : files) {
      boolean there = isThere(file, folder.resolve(file.path()));
      fetched.add(new Fetched(file, there));
      if (!there) {
        Path part = PartialFile.pathFor(folder.resolve(file.path()));
        missing += file.bytes() - (Files.exists(part) ? Files.size(part) : 0);
      }
    }
    long usable = Files.getFileStore(folder).getUsableSpace();
    if (usable < missing) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has room for %,d bytes, %,d are needed: make room or name another folder.",
              folder,
              usable,
              missing));
    }
    long done = 0;
    for (Fetched file : fetched) {
      if (!file.wasThere()) {
        long before = done;
        fetch(open, file.file(), folder, size -> progress.accept(before + size));
      }
      done += file.file().bytes();
      progress.accept(done);
    }
    return fetched;
  }

  private boolean isThere(ModelFile file, Path path) throws IOException {
    if (!Files.exists(path)) {
      return false;
    }
    if (Files.isRegularFile(path) && Files.size(path) == file.bytes()) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        if (FileBytes.of(channel, path.toString()).sha256().equals(file.sha256())) {
          return true;
        }
      }
    }
    if (!replacing || !Files.isRegularFile(path)) {
      throw new IOException(
          "%s is there, but is not the file of %s. Remove it, or replace it with --force."
              .formatted(path, manifest.name()));
    }
    return false;
  }

  private void fetch(DownloadSource open, ModelFile file, Path folder, LongConsumer progress)
      throws IOException {
    Path target = folder.resolve(file.path());
    try (PartialFile partial = new PartialFile(target, file.bytes())) {
      boolean resumed = partial.size() > 0;
      int retries = 0;
      long farthest = partial.size();
      while (true) {
        try {
          if (partial.size() < file.bytes() || file.bytes() == 0) {
            receive(open, file, partial, progress);
          }
          Optional<String> fault = fault(file, partial);
          if (fault.isEmpty()) {
            partial.publish();
            return;
          }
          if (!resumed) {
            partial.delete();
            throw DownloadException.permanent(fault.get());
          }
          // What a former run left may be of another source or another day.
          resumed = false;
          partial.restart();
        } catch (IOException e) {
          Remedy remedy = e instanceof DownloadException known ? known.remedy() : Remedy.AGAIN;
          Duration asked = e instanceof DownloadException known ? known.waitAsked() : Duration.ZERO;
          if (remedy == Remedy.RESTART) {
            partial.restart();
          }
          if (partial.size() - farthest >= patience.progress()) {
            retries = 0;
            farthest = partial.size();
          }
          if (remedy == Remedy.NONE
              || isOfDisk(e)
              || retries >= patience.retries()
              || Thread.currentThread().isInterrupted()) {
            throw new IOException(
                "%s: %s. %s"
                    .formatted(
                        file.path(),
                        reason(e),
                        partial.size() == 0
                            ? "Nothing of it was kept."
                            : String.format(
                                Locale.ROOT,
                                "%,d of %,d bytes are kept: run the same command again to go on.",
                                partial.size(),
                                file.bytes())),
                e);
          }
          pause(patience.before(retries++, asked));
        }
      }
    }
  }

  private static String reason(IOException e) {
    String reason = ModelSource.reason(e);
    return reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
  }

  /** A full disk does not become empty by trying again. */
  private static boolean isOfDisk(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("No space left")
        || message.contains("Disk quota")
        || message.contains("not enough space");
  }

  /** Reads to the end of the file or of what the source gives. */
  private void receive(
      DownloadSource open, ModelFile file, PartialFile partial, LongConsumer progress)
      throws IOException {
    try (DownloadSource.Answer answer = open.open(file.path(), partial.size());
        Watchdog watchdog = new Watchdog(answer, patience.stall())) {
      if (answer.offset() != partial.size()) {
        partial.restart();
      }
      long size = answer.size().orElse(file.bytes());
      byte[] chunk = new byte[CHUNK_BYTES];
      int count;
      while ((count = answer.stream().read(chunk)) >= 0) {
        if (Thread.currentThread().isInterrupted()) {
          throw new IOException("interrupted");
        }
        watchdog.alive();
        if (size != file.bytes() || partial.size() + count > file.bytes()) {
          throw wrongSize(file, answer.size().orElse(-1), partial, chunk, count);
        }
        partial.append(chunk, count);
        progress.accept(partial.size());
      }
      if (watchdog.barked()) {
        throw DownloadException.temporary("the source stopped sending", Duration.ZERO);
      }
      if (size != file.bytes()) {
        throw wrongSize(file, size, partial, chunk, 0);
      }
    }
    if (partial.size() < file.bytes()) {
      throw DownloadException.temporary(
          String.format(
              Locale.ROOT, "the source ended after %,d of %,d bytes", partial.size(), file.bytes()),
          Duration.ZERO);
    }
  }

  private static DownloadException wrongSize(
      ModelFile file, long size, PartialFile partial, byte[] chunk, int count) throws IOException {
    ByteBuffer start = partial.size() > 0 ? partial.start() : ByteBuffer.wrap(chunk, 0, count);
    Optional<BadDownload> bad = BadDownload.recognise(start);
    partial.restart();
    return DownloadException.permanent(
        bad.isPresent()
            ? "what the source sends " + bad.get().problem()
            : String.format(
                Locale.ROOT,
                "the source has %s bytes, the model's file %,d: it is another file or revision",
                size < 0 ? "more" : String.format(Locale.ROOT, "%,d", size),
                file.bytes()));
  }

  private static Optional<String> fault(ModelFile file, PartialFile partial) throws IOException {
    Optional<BadDownload> bad = BadDownload.recognise(partial.start());
    String sha256 = partial.sha256();
    if (partial.size() == file.bytes() && sha256.equals(file.sha256())) {
      return Optional.empty();
    }
    return Optional.of(
        bad.isPresent() && file.bytes() > 0
            ? "what the source sends " + bad.get().problem()
            : "SHA-256 %s instead of %s: the source has another file or revision, or it was damaged on the way"
                .formatted(sha256, file.sha256()));
  }

  private static void pause(Duration duration) throws IOException {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Closes an answer of which no byte has come for a while; reading it then fails or ends. */
  private static final class Watchdog implements AutoCloseable {
    private final AtomicLong last = new AtomicLong(System.nanoTime());
    private final ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("download-watchdog").factory());
    private volatile boolean barked;

    Watchdog(DownloadSource.Answer answer, Duration stall) {
      long period = Math.max(1, stall.toMillis() / 4);
      timer.scheduleAtFixedRate(
          () -> {
            if (System.nanoTime() - last.get() > stall.toNanos()) {
              barked = true;
              try {
                answer.close();
              } catch (IOException e) {
                // Reading it fails all the same.
              }
            }
          },
          period,
          period,
          TimeUnit.MILLISECONDS);
    }

    void alive() {
      last.set(System.nanoTime());
    }

    boolean barked() {
      return barked;
    }

    @Override
    public void close() {
      timer.shutdownNow();
    }
  }
}
