package org.lanegrad.graph;

import java.util.List;
import java.util.function.Supplier;

/**
 * One node's part of a backward pass, as its op sees it: the upstream gradients, which the node's
 * readers have left, and where the downstream gradients go.
 */
public final class Gradient {
  private final ReversePass pass;
  private final Call call;

  Gradient(ReversePass pass, Call call) {
    this.pass = pass;
    this.call = call;
  }

  /** The op's inputs. */
  public List<Node> inputs() {
    return call.inputs();
  }

  /** An input of the op. */
  public Node input(int number) {
    return call.inputs().get(number);
  }

  /** An output of the op, what it saved among them. */
  public Node output(int number) {
    return call.outputs().get(number);
  }

  /** The upstream gradient of the only output. */
  public Node upstream() {
    return upstream(0);
  }

  /** The upstream gradient of an output; null if none flows into it. */
  public Node upstream(int output) {
    return pass.sumOf(call.outputs().get(output));
  }

  /** Whether something that is asked for depends on an input. */
  public boolean wants(int input) {
    return pass.leadsToTarget(call.inputs().get(input));
  }

  /**
   * Adds a downstream gradient to what flows into an input already; does nothing if nobody wants
   * it.
   *
   * @throws IllegalArgumentException if its shape is not that of the input
   */
  public void add(int input, Supplier<Node> downstream) {
    if (wants(input)) {
      pass.add(call, input, downstream);
    }
  }

  /**
   * Lets the upstream gradients flow through other nodes that compute the same outputs from the
   * same inputs: the fused backward pass of an op has a derivative, since its formula in gates has.
   *
   * @param outputs for each output the node that equals it, made of the inputs alone, or null for
   *     an output into which nothing flows
   */
  public void through(List<Node> outputs) {
    pass.through(call, outputs, input -> true);
  }

  /** The same for what flows into one of the inputs. */
  void throughInput(int only, List<Node> outputs) {
    pass.through(call, outputs, input -> input == only);
  }

  /** What an op without a derivative throws. */
  public RuntimeException none() {
    return new IllegalArgumentException(
        call.op().name()
            + " has no derivative: no gradient flows through "
            + call.outputs().get(0));
  }

  /** What an op throws that has no derivative by one of its inputs. */
  public RuntimeException none(int input) {
    return new IllegalArgumentException(
        call.op().name() + " has no derivative by input " + input + ", " + input(input));
  }
}
