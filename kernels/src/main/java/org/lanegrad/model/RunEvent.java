package org.lanegrad.model;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * A run of a model, for Java Flight Recorder. Where it was never started a run makes no event;
 * where it runs, one object.
 */
@Name("org.lanegrad.Run")
@Label("Model Run")
@Category("Lanegrad")
@Description("Rows through a model, on one thread or in parts")
@StackTrace(false)
final class RunEvent extends Event {
  @Label("Rows")
  int rows;

  @Label("Parts")
  @Description("1 unless the rows were dealt out over threads")
  int parts;

  /** One that has begun; null if nobody listens. */
  static RunEvent begun() {
    if (!FlightRecorder.isInitialized()) {
      return null;
    }
    RunEvent event = new RunEvent();
    event.begin();
    return event;
  }

  /** Ends one, which may be null. */
  static void end(RunEvent event, int rows, int parts) {
    if (event != null) {
      event.end();
      if (event.shouldCommit()) {
        event.rows = rows;
        event.parts = parts;
        event.commit();
      }
    }
  }
}
