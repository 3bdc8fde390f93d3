package org.lanegrad.loss;

/** What becomes of the losses of the rows. */
public enum Reduction {
  /**
   * They stay apart: each row's goes where the caller says, its gradient is that of itself alone,
   * and what is returned is their sum.
   */
  NONE,
  /** They are added. */
  SUM,
  /** They are added and divided by the weight of the rows that counted. */
  MEAN
}
