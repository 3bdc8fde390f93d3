package org.lanegrad.model;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** A file that is either the old one or the new one, at whatever moment the machine stops. */
final class AtomicFile {
  private AtomicFile() {}

  /** What writes the contents. */
  interface Contents {
    /** Writes all of the file. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /** Throws if a path is a folder, which can be opened but not mapped. */
  static void checkFile(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new FileSystemException(file.toString(), null, "a folder, expected a file");
    }
  }

  /** Writes a file beside its place, forces it to the disk and moves it there. */
  static void write(Path file, Contents contents) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "no such folder");
    }
    // not createTempFile, which lets nobody else read it
    String unique = ProcessHandle.current().pid() + "-" + Long.toHexString(System.nanoTime());
    Path beside = folder.resolve("." + file.getFileName() + "." + unique + ".partial");
    try {
      try (FileChannel channel =
          FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        contents.writeTo(channel);
        channel.force(true);
      }
      try {
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(beside);
    }
    force(folder);
  }

  /** Forces the folder's entry to the disk, which Windows does not offer and does not need. */
  private static void force(Path folder) throws IOException {
    if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
