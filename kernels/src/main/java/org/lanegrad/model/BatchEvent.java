package org.lanegrad.model;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A batch of single rows that a {@link Batcher} put together. */
@Name("org.lanegrad.Batch")
@Label("Batch")
@Category("Lanegrad")
@Description("Single rows that were put together and computed at once")
@StackTrace(false)
final class BatchEvent extends Event {
  @Label("Rows")
  int rows;

  @Label("Limit")
  @Description("How many rows make a full batch")
  int limit;

  @Label("Waited")
  @Description("From the first row's coming to the beginning of the computation")
  @Timespan(Timespan.NANOSECONDS)
  long waited;

  /** One that has begun; null if nobody listens. */
  static BatchEvent begun() {
    if (!FlightRecorder.isInitialized()) {
      return null;
    }
    BatchEvent event = new BatchEvent();
    event.begin();
    return event;
  }

  /** Ends one, which may be null. */
  static void end(BatchEvent event, int rows, int limit, long waited) {
    if (event != null) {
      event.end();
      if (event.shouldCommit()) {
        event.rows = rows;
        event.limit = limit;
        event.waited = waited;
        event.commit();
      }
    }
  }
}
