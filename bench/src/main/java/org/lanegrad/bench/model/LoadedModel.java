package org.lanegrad.bench.model;

import java.io.IOException;
import java.nio.file.Path;
import org.lanegrad.Matrix;
import org.lanegrad.bench.data.DataSet;
import org.lanegrad.bench.data.MalformedDataException;
import org.lanegrad.graph.Node;
import org.lanegrad.model.MalformedFileException;
import org.lanegrad.model.Model;
import org.lanegrad.model.OnnxFile;

/** A model of an ONNX file with one input and one output, and what it answers. */
final class LoadedModel {
  private final Model model;

  private LoadedModel(Model model) {
    this.model = model;
  }

  static LoadedModel read(Path file) throws IOException {
    OnnxFile onnx = OnnxFile.read(file);
    if (onnx.inputs().size() != 1 || onnx.outputs().size() != 1) {
      throw new MalformedFileException(
          file,
          "it has the inputs "
              + onnx.inputs().stream().map(Node::name).toList()
              + " and the outputs "
              + onnx.outputs().stream().map(Node::name).toList()
              + ", expected one of each");
    }
    try {
      return new LoadedModel(Model.of(onnx.inputs().get(0), onnx.outputs().get(0)));
    } catch (IllegalArgumentException e) {
      MalformedFileException wrong = new MalformedFileException(file, e.getMessage());
      wrong.initCause(e);
      throw wrong;
    }
  }

  Model model() {
    return model;
  }

  /** A row of scores for each row of a file's data. */
  Matrix scores(Path file, DataSet data) throws MalformedDataException {
    if (model.takesInts() || data.rows().columns() != model.inputs()) {
      throw new MalformedDataException(
          file,
          "it has "
              + data.rows().columns()
              + " columns, and the model reads "
              + model.inputs()
              + (model.takesInts() ? " ints" : ""));
    }
    Matrix scores = Matrix.zeros(data.size(), model.outputs());
    model.session(256).run(data.rows(), scores);
    return scores;
  }
}
