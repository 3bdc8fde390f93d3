package org.lanegrad.bench.peer;

import java.lang.foreign.MemorySegment;

/** A native single-precision matrix product over row-major matrices. */
public interface SgemmPeer {
  /** The library's name, for reports. */
  String name();

  /** C = op(A)·op(B), the operands as they are stored. */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      MemorySegment a,
      MemorySegment b,
      MemorySegment c);
}
