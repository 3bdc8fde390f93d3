package org.lanegrad.bench.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lanegrad.Matrix;
import org.lanegrad.model.OnnxFile;
import org.lanegrad.model.SafeTensors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** ONNX to safetensors. */
@Command(
    name = "convert",
    description = "Writes the parameters of an ONNX file as safetensors, under their names.",
    footer = {"", "Example:", "  lanegrad convert digits.onnx digits.safetensors"},
    mixinStandardHelpOptions = true)
public final class ConvertCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ONNX", description = "the file to read")
  private Path from;

  @Parameters(index = "1", paramLabel = "SAFETENSORS", description = "the file to write")
  private Path to;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    TrainCommand.requireWritable(to);
    Map<String, Matrix> parameters = OnnxFile.read(from).graph().parameters();
    SafeTensors.write(to, parameters, Map.of("from", from.getFileName().toString()));
    var out = spec.commandLine().getOut();
    parameters.forEach((name, p) -> out.println(name + ": " + p.rows() + " × " + p.columns()));
    out.println("wrote " + to);
    out.flush();
    return 0;
  }
}
