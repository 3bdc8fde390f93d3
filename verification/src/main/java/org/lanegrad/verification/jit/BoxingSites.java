package org.lanegrad.verification.jit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/** What a call allocates, and where: by the flight recorder's samples of allocations. */
final class BoxingSites {
  private static final String EVENT = "jdk.ObjectAllocationSample";
  private static final long NANOS = 300_000_000;

  private BoxingSites() {}

  /**
   * The commonest allocation: its class, and the first place outside of the JDK that asked for it.
   */
  static String of(Runnable call) {
    try (Recording recording = new Recording()) {
      recording.enable(EVENT).with("throttle", "1000/s").withStackTrace();
      recording.start();
      long end = System.nanoTime() + NANOS;
      while (System.nanoTime() < end) {
        for (int i = 0; i < 50; i++) {
          call.run();
        }
      }
      recording.stop();
      Path file = Files.createTempFile("lanegrad", ".jfr");
      try {
        recording.dump(file);
        return commonest(file);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String commonest(Path file) throws IOException {
    String thread = Thread.currentThread().getName();
    Map<String, Integer> counts = new HashMap<>();
    for (RecordedEvent event : RecordingFile.readAllEvents(file)) {
      boolean ours = event.getThread() != null && thread.equals(event.getThread().getJavaName());
      if (event.getEventType().getName().equals(EVENT) && ours && event.getStackTrace() != null) {
        counts.merge(site(event), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("no sample was taken");
  }

  private static String site(RecordedEvent event) {
    String what = event.getClass("objectClass").getName();
    for (RecordedFrame frame : event.getStackTrace().getFrames()) {
      String type = frame.getMethod().getType().getName();
      if (!type.startsWith("jdk.") && !type.startsWith("java.")) {
        return what
            + " in "
            + type
            + "."
            + frame.getMethod().getName()
            + ":"
            + frame.getLineNumber();
      }
    }
    return what;
  }
}
