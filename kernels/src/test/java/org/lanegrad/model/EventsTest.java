package org.lanegrad.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanegrad.Matrix;
import org.lanegrad.graph.Graph;
import org.lanegrad.graph.Node;
import org.lanegrad.graph.Ops;

/** What Flight Recorder sees of a model. */
class EventsTest {
  @TempDir private Path folder;

  @Test
  void runsAndBatchesAreRecordedWithRowsAndParts() throws IOException {
    Graph graph = new Graph();
    Node x = graph.input("x", 4);
    Node w = graph.parameter("w", Initial.he(4, 3, 1));
    Model model = Model.of(x, Ops.product(x, w));
    Path file = folder.resolve("model.jfr");
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Recording recording = new Recording();
        Batcher batcher = new Batcher(model, 8, Duration.ZERO, 1)) {
      recording.enable("org.lanegrad.Run").withoutThreshold();
      recording.enable("org.lanegrad.Batch").withoutThreshold();
      recording.start();
      model.session(16).run(Matrix.zeros(5, 4), Matrix.zeros(5, 3));
      model.session(16).run(FloatBuffer.allocate(28), FloatBuffer.allocate(21));
      model.sessions(2).run(Matrix.zeros(48, 4), Matrix.zeros(48, 3), executor, 2);
      batcher.run(new float[4], new float[3]);
      recording.stop();
      recording.dump(file);
    } finally {
      executor.shutdownNow();
    }
    List<RecordedEvent> events = RecordingFile.readAllEvents(file);
    List<RecordedEvent> runs =
        events.stream().filter(e -> e.getEventType().getName().equals("org.lanegrad.Run")).toList();
    assertThat(runs).anyMatch(e -> e.getInt("rows") == 5 && e.getInt("parts") == 1);
    assertThat(runs).anyMatch(e -> e.getInt("rows") == 7 && e.getInt("parts") == 1);
    assertThat(runs).anyMatch(e -> e.getInt("rows") == 48 && e.getInt("parts") == 2);
    assertThat(runs).filteredOn(e -> e.getInt("rows") == 24).hasSize(2);
    assertThat(events)
        .filteredOn(e -> e.getEventType().getName().equals("org.lanegrad.Batch"))
        .singleElement()
        .matches(e -> e.getInt("rows") == 1 && e.getInt("limit") == 8)
        .matches(e -> e.getDuration("waited").toSeconds() < 60);
  }
}
