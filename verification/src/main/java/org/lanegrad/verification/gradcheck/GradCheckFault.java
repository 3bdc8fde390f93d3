package org.lanegrad.verification.gradcheck;

/** What makes a comparison pointless: a function that breaks its contract. The report names it. */
final class GradCheckFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  GradCheckFault(String message) {
    super(message);
  }
}
