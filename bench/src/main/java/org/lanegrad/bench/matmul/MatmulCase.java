package org.lanegrad.bench.matmul;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lanegrad.bench.peer.SgemmPeer;

/**
 * One line of the table: our product, and the same product by each peer.
 *
 * @param name what is multiplied
 * @param shape its size
 * @param threads how many threads it runs on
 * @param flops the work of one call
 * @param ours one call
 * @param peers one call of each peer, by its name
 */
record MatmulCase(
    String name,
    String shape,
    int threads,
    double flops,
    Runnable ours,
    Map<String, Runnable> peers) {

  /** The peers' calls for a plain product, over native memory of their own. */
  static Map<String, Runnable> peers(
      List<SgemmPeer> peers, boolean ta, boolean tb, int m, int n, int k) {
    Map<String, Runnable> calls = new LinkedHashMap<>();
    if (!peers.isEmpty()) {
      MemorySegment a = segment(m * (long) k);
      MemorySegment b = segment(k * (long) n);
      MemorySegment c = segment(m * (long) n);
      for (SgemmPeer peer : peers) {
        calls.put(peer.name(), () -> peer.multiply(ta, tb, m, n, k, a, b, c));
      }
    }
    return calls;
  }

  private static MemorySegment segment(long floats) {
    MemorySegment segment = Arena.ofAuto().allocate(4 * floats, 64);
    for (long i = 0; i < floats; i++) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (i * 37 % 101) / 101f - 0.5f);
    }
    return segment;
  }
}
