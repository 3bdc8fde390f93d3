package org.lanegrad.reference.graph;

/**
 * What {@link org.apache.commons.math3.RealFieldElement} asks for and no formula of ours uses: one
 * that starts to will be told.
 */
abstract class Unrecorded {
  private static UnsupportedOperationException notRecorded() {
    String method =
        StackWalker.getInstance().walk(s -> s.skip(1).findFirst()).orElseThrow().getMethodName();
    return new UnsupportedOperationException("no gate is recorded for " + method);
  }

  /** Not recorded. */
  public Recorded ceil() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded floor() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded rint() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded signum() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded cos() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded sin() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded tan() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded acos() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded asin() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded atan() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded cbrt() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded acosh() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded asinh() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded atanh() {
    throw notRecorded();
  }

  /** Not recorded. */
  public long round() {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded remainder(double y) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded remainder(Recorded y) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded copySign(Recorded sign) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded copySign(double sign) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded scalb(int n) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded hypot(Recorded y) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded rootN(int n) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded pow(double p) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded pow(Recorded p) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded atan2(Recorded x) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(Recorded[] a, Recorded[] b) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(double[] a, Recorded[] b) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(Recorded a1, Recorded b1, Recorded a2, Recorded b2) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(double a1, Recorded b1, double a2, Recorded b2) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(
      Recorded a1, Recorded b1, Recorded a2, Recorded b2, Recorded a3, Recorded b3) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(
      double a1, Recorded b1, double a2, Recorded b2, double a3, Recorded b3) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(
      Recorded a1,
      Recorded b1,
      Recorded a2,
      Recorded b2,
      Recorded a3,
      Recorded b3,
      Recorded a4,
      Recorded b4) {
    throw notRecorded();
  }

  /** Not recorded. */
  public Recorded linearCombination(
      double a1,
      Recorded b1,
      double a2,
      Recorded b2,
      double a3,
      Recorded b3,
      double a4,
      Recorded b4) {
    throw notRecorded();
  }
}
