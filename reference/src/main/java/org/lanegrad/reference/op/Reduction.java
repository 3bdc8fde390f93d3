package org.lanegrad.reference.op;

/** What becomes of the losses of the rows. */
public enum Reduction {
  /** They stay apart. */
  NONE,
  /** They are added. */
  SUM,
  /** They are added and divided by the weight of the rows that counted. */
  MEAN
}
