package org.lanegrad.graph;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lanegrad.graph.Node.Source;

/** A graph as text. */
final class Drawing {
  private Drawing() {}

  static String text(List<Node> nodes) {
    StringBuilder text = new StringBuilder();
    for (Node node : nodes) {
      if (node.number() == 0) {
        text.append(line(node)).append('\n');
      }
    }
    return text.toString();
  }

  private static String line(Node node) {
    if (node.source() != Source.OP) {
      return String.format(
          Locale.ROOT,
          "%s = %s: %s",
          node.name(),
          node.source().name().toLowerCase(Locale.ROOT),
          node.shape());
    }
    Call call = node.call();
    String inputs = call.inputs().stream().map(Node::name).collect(Collectors.joining(", "));
    double flops = call.op().flops(call.inputShapes(), call.outputShapes(), 1);
    String saved =
        call.outputs().stream()
            .skip(1)
            .map(output -> ", " + output.shape())
            .collect(Collectors.joining());
    return String.format(
        Locale.ROOT,
        "%s = %s(%s): %s%s; %.0f flops, %d bytes an example",
        node.name(),
        call.op().name(),
        inputs,
        node.shape(),
        saved,
        flops,
        call.op() instanceof View ? 0 : bytes(call));
  }

  private static long bytes(Call call) {
    return call.outputs().stream()
        .mapToLong(
            output -> {
              int elements = output.shape().sizeAt(1);
              return output.shape().kind() == Shape.Kind.BITS
                  ? Plan.words(output.shape(), 1) * 8L
                  : 4L * elements;
            })
        .sum();
  }

  static String dot(List<Node> nodes) {
    StringBuilder dot = new StringBuilder("digraph {\n  rankdir=BT;\n");
    for (Node node : nodes) {
      if (node.number() > 0) {
        continue;
      }
      boolean isOp = node.source() == Source.OP;
      boolean isNamed = isOp && !node.name().equals(node.op().name());
      dot.append(
          String.format(
              Locale.ROOT,
              "  n%d [label=\"%s%s\\n%s\"%s];\n",
              node.index(),
              escaped(node.name()),
              isNamed ? "\\n" + escaped(node.op().name()) : "",
              node.shape(),
              isOp ? "" : ", shape=box"));
      for (Node input : node.inputs()) {
        String kept = input.number() == 0 ? "" : " [style=dashed]";
        dot.append(
            String.format(
                Locale.ROOT, "  n%d -> n%d%s;\n", input.output(0).index(), node.index(), kept));
      }
    }
    return dot.append("}\n").toString();
  }

  private static String escaped(String label) {
    return label.replace("\"", "\\\"");
  }
}
