package org.lanegrad.bench.model;

import java.util.Locale;

/** How far something has come and how long the rest will take, if it goes on as before. */
final class Progress {
  private final long start = System.nanoTime();
  private final long total;
  private final long before;

  /** Of so many pieces, some of them done before. */
  Progress(long total, long before) {
    this.total = total;
    this.before = before;
  }

  /** As "12 %, 3 min left". */
  String after(long done) {
    double seconds = (System.nanoTime() - start) / 1e9;
    double left = done == before ? 0 : seconds / (done - before) * (total - done);
    String time =
        left < 100
            ? String.format(Locale.ROOT, "%.0f s", left)
            : String.format(Locale.ROOT, "%.0f min", left / 60);
    return String.format(Locale.ROOT, "%.0f %%, %s left", 100.0 * done / total, time);
  }
}
