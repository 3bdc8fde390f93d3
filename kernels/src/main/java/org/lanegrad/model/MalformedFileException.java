package org.lanegrad.model;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is not what it says: the message names the file, the place and the cause. */
public final class MalformedFileException extends IOException {
  private static final long serialVersionUID = 1;

  /** About a place in a file. */
  public MalformedFileException(Path file, long offset, String cause) {
    super(file + ", byte " + offset + ": " + cause);
  }

  /** About a file as a whole. */
  public MalformedFileException(Path file, String cause) {
    super(file + ": " + cause);
  }
}
