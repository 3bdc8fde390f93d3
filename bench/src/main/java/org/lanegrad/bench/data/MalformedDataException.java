package org.lanegrad.bench.data;

import java.io.IOException;
import java.nio.file.Path;

/** A file that is not what its format says: names file, place and cause. */
public final class MalformedDataException extends IOException {
  private static final long serialVersionUID = 1L;

  /** For one place of a file. */
  public MalformedDataException(Path file, String message) {
    super(file + ": " + message);
  }
}
