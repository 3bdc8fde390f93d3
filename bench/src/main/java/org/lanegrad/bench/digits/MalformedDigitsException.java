package org.lanegrad.bench.digits;

/** A data file that does not follow its format; the message says where. */
public final class MalformedDigitsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedDigitsException(String message) {
    super(message);
  }
}
